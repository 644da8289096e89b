"""Fields of what a platform sent as JSON: whatever stands in them, they are read as what they should be, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import BadInput

MOST_ID = 256


def as_object(value: object) -> Mapping[str, Any]:
    """Empty for what is none."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Half characters, which neither databases nor platforms take, become question marks; "" for what is no text."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def as_id(value: object, missing: str) -> str:
    """What a person, chat or message is known by. Raises BadInput(`missing`)."""
    if not isinstance(value, str) or not 0 < len(value) <= MOST_ID or not value.isprintable():
        raise BadInput(missing)
    return value
