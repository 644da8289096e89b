"""One whole app for all page tests of hazards, points and rotation: building it takes longer than all of them."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from tests.console.house import AppHouse, app_house


@cache
def shared_house() -> AppHouse:
    """Each module has people of its own in it."""
    return app_house(Path(tempfile.mkdtemp(prefix="anxun-pages-")))
