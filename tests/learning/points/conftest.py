"""The ledger is tried on both databases."""

from tests.stores.conftest import postgres, url  # noqa: F401
