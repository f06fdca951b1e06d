"""What a page shows of a browser: its name and the system that it runs on, as far as it says so."""

from django import template
from django.utils.text import Truncator

register = template.Library()

LENGTH = 60
# The first that stands in the text counts: most browsers also name those whom they want to be taken for.
NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(text: str) -> str:
    """Return "Firefox on Linux" of what a browser sent as User-Agent; of a program the beginning of what it sent."""
    name = next((shown for part, shown in NAMES if part in text), None)
    system = next((shown for part, shown in SYSTEMS if part in text), None)
    if name is None:
        return Truncator(text).chars(LENGTH)
    return f"{name} on {system}" if system else name
