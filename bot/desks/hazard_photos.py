"""The folder of hazard photos below the data folder: written whole or not at all, under names that nobody can guess."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from bot.learning.hazards.photos import cleaned

NAME = re.compile(r"^[0-9a-f]{32}\.jpg$")


class HazardPhotos:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Cleans a photo, keeps it, and returns its name; raises BadInput when it is none."""
        picture = cleaned(data)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{secrets.token_hex(16)}.jpg"
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(picture)
        unfinished.chmod(0o600)
        unfinished.replace(self._folder / name)
        return name

    def checked(self, data: bytes) -> bytes:
        """The photo, cleaned, before anything else is done with it; raises BadInput when it is none."""
        return cleaned(data)

    def drop(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def path(self, name: str) -> Path | None:
        """The file of a name that we gave out; None for any other."""
        path = self._folder / name
        return path if NAME.match(name) and path.is_file() else None
