"""What a page shows of an entry's facts."""

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def json_text(facts: Any) -> str:
    """Return JSON as people read it: a line for each name, and letters instead of escapes."""
    return json.dumps(facts, indent=2, ensure_ascii=False)
