"""The schemas beside knowledge/ say what the models say."""

from __future__ import annotations

import pytest

from scripts.write_schemas import ROOT, schemas


@pytest.mark.parametrize(("name", "text"), schemas().items())
def test_schema_file_is_current(name: str, text: str) -> None:
    """An editor that uses the schema files complains about the same things as the checker."""
    assert text == (ROOT / "knowledge" / "schemas" / name).read_text(encoding="utf-8"), (
        "运行 scripts/write_schemas.py"
    )
