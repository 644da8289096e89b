"""Plans are kept in both databases."""

from tests.stores.conftest import postgres, url  # noqa: F401
