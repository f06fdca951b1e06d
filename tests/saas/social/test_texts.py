"""What a text names; the cases by hand, the rules by examples that hypothesis makes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.social import texts

# Signs that meet in real texts and upset parsers: scripts with marks, joiners, wide forms, emoji, what begins a name.
TRICKY = (
    st.text(st.sampled_from("#＃@&;/_-. \nabZ09éßİıſКириллица日本語हिन्दी\u200c\u200d\u0301ﷺﬁ①Ⅷ🎉🇩🇪"))
    | st.text()
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("#", ()),
        ("#cats and #Dogs, #cats again", ("cats", "dogs")),
        ("#CATS #cats #Ｃａｔｓ ＃cats", ("cats",)),
        ("(#cats)#dogs", ("cats", "dogs")),
        ("no#tag nor##tag nor &#39; nor #a#b", ()),
        ("#2026 is a number, #y2k is none", ("y2k",)),
        ("#under_score #hyphen-ated #it's", ("under_score", "hyphen", "it")),
        ("#हिन्दी #日本語 #Straße #ΣΊΣΥΦΟΣ", ("हिन्दी", "日本語", "strasse", "σίσυφοσ")),
        ("#می\u200cخواهم", ("می\u200cخواهم",)),
        ("#cafe\u0301 #café", ("café",)),
        ("#🎉 #party🎉", ("party",)),
        ("#" + "x" * 100, ("x" * 100,)),
        ("#" + "x" * 101, ()),
        ("https://example.com/#anchor", ("anchor",)),
    ],
)
def test_it_finds_the_hashtags(text: str, names: tuple[str, ...]) -> None:
    assert texts.hashtags(text) == names


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@ann and @Bob_2, @ANN again", ("ann", "bob_2")),
        ("mail me@example.com or @ann@example.social", ()),
        ("@an is too short, @" + "x" * 31 + " too long", ()),
        ("(@ann): .@bob and /@cyd", ("ann",)),
        ("@1abc @_abc @éric @annö", ()),
        ("@ann.", ("ann",)),
    ],
)
def test_it_finds_the_handles(text: str, handles: tuple[str, ...]) -> None:
    assert texts.mentions(text) == handles


@given(TRICKY)
def test_a_hashtag_that_was_found_is_found_again_as_it_is_spelled(text: str) -> None:
    for name in texts.hashtags(text):
        assert texts.hashtag(name) == name
        assert texts.hashtags(f"#{name}") == (name,)


@given(TRICKY)
def test_what_is_found_can_be_stored_and_is_found_once(text: str) -> None:
    found = texts.hashtags(text)
    assert len(set(found)) == len(found) <= texts.MOST
    for name in found:
        assert 1 <= len(name) <= 100
        assert name == unicodedata.normalize("NFKC", name)
        assert any(unicodedata.category(sign).startswith("L") for sign in name)
        assert not set(name) & set(" #＃@&;/-.\n")


@given(TRICKY, TRICKY)
def test_words_after_a_space_are_found_whatever_stands_before(one: str, other: str) -> None:
    both = dict.fromkeys((*texts.hashtags(one), *texts.hashtags(other)))
    assert texts.hashtags(f"{one} {other}") == tuple(both)[: texts.MOST]


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{2,29}", fullmatch=True), max_size=60))
def test_every_handle_that_is_named_is_found(handles: list[str]) -> None:
    wanted = dict.fromkeys(handle.lower() for handle in handles)
    assert texts.mentions(" ".join(f"@{handle}" for handle in handles)) == tuple(wanted)[: texts.MOST]
