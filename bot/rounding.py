"""Floats as they are printed: more decimals would only look exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def rounded(value: Any, decimals: int) -> Any:
    """The same value, or tree of mappings and lists, with its floats to so many decimals."""
    if isinstance(value, float):
        return round(value, decimals)
    if isinstance(value, Mapping):
        return {key: rounded(held, decimals) for key, held in value.items()}
    return [rounded(held, decimals) for held in value] if isinstance(value, list) else value
