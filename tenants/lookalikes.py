"""What two names look like to a person: scripts that a label mixes, and the skeleton that look-alikes share."""

import unicodedata

# UTS 39, "highly restrictive": one script, or Latin with what is written beside it in East Asia.
TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
# UAX 31, table 5: scripts in everyday use. What is not here (Cherokee, Lisu, Coptic, ...) is refused.
RECOMMENDED = frozenset(
    "ARABIC ARMENIAN BENGALI BOPOMOFO CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK GUJARATI GURMUKHI HAN HANGUL HEBREW"
    " HIRAGANA KANNADA KATAKANA KHMER LAO LATIN MALAYALAM MYANMAR ORIYA SINHALA TAMIL TELUGU THAANA THAI"
    " TIBETAN".split()
)
# Unicode's confusables.txt: what IDNA allows in lower case, in the scripts above, and ends in ASCII.
SHAPES = str.maketrans(
    dict(zip("ɑɡɩɪıᴄᴏᴑᴜᴠᴡᴢʏꜱʋɯɣƍƽꞟ", "agiiicoouvwzysuwygsu", strict=True))
    | dict(zip("басԁеҽһіꙇӏјорԛгѕѵѡԝхуү", "6acdeehiiijopqrsvwwxyy", strict=True))
    | dict(zip("αινορσυγϳ", "aivopouyj", strict=True))
    | dict(zip("քցհոռօգզսա", "fghnnoqquw", strict=True))
    | {"æ": "ae", "œ": "oe", "ӕ": "ae", "ꚙ": "oo", "ø": "o", "ł": "l", "đ": "d"}
)
# The same within ASCII, in the order of the replacements; `i` and `l` differ in lower case ("hail" is not "hall").
PAIRS = (("rn", "m"), ("vv", "w"))
DIGITS, LETTERS = "01", "ol"


def scripts(label: str) -> set[str]:
    """Return the scripts of a label's letters and digits; what all scripts share (0-9, hyphen, marks) has none."""
    return {
        _script(character)
        for character in label
        if unicodedata.category(character)[0] in "LN" and character not in "0123456789"
    }


def is_mixed(label: str) -> bool:
    """Whether a label mixes scripts that do not belong together, or uses one that is not in everyday use."""
    found = scripts(label)
    return not found <= RECOMMENDED or (
        len(found) > 1 and not any(found <= together for together in TOGETHER)
    )


def skeleton(name: str) -> str:
    """Return what name looks like; two names with one skeleton can be taken for each other. Accents are left out."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if unicodedata.category(c) != "Mn")
    shape = bare.translate(SHAPES)
    for pair, letter in PAIRS:
        shape = shape.replace(pair, letter)
    return shape.translate(str.maketrans(DIGITS, LETTERS))


def _script(character: str) -> str:
    """Return the script as the character's Unicode name begins; Python knows no other way."""
    word = unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]
    return "HAN" if word in ("CJK", "IDEOGRAPHIC") else word
