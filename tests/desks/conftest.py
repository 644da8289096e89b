"""Desks are tried on both databases where they keep something."""

from tests.stores.conftest import postgres, url  # noqa: F401
