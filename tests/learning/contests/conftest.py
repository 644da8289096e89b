"""Both databases for the log of contests."""

from tests.stores.conftest import postgres, url  # noqa: F401
