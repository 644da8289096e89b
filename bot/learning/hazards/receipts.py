"""Receipt codes of anonymous reports: six signs that are told apart by eye; only their digest is kept."""

from __future__ import annotations

import hashlib
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""
LENGTH = 6
_READ = re.compile(rf"^[{ALPHABET}]{{{LENGTH}}}$")


def new_receipt() -> str:
    """A code that has a letter and a digit, so that nobody takes it for a hazard's number."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if any(c.isdigit() for c in code) and any(c.isalpha() for c in code):
            return code


def read_receipt(text: str) -> str:
    """The code as it was given out, however it is typed; "" when it cannot be one."""
    code = re.sub(r"[\s\-]", "", text).upper()
    return code if _READ.match(code) else ""


def digest(code: str) -> str:
    return hashlib.sha256(f"hazard:{code}".encode()).hexdigest()
