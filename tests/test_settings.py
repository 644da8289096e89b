"""Settings are read once, and a wrong one is named."""

from __future__ import annotations

import pytest

from bot.errors import SettingError
from bot.settings import Settings


def test_environment_names_every_setting() -> None:
    """Each variable begins with ANXUN_ and overrides its default."""
    settings = Settings.read({"ANXUN_PORT": "9000", "ANXUN_DATA_DIR": "/srv/安训", "PATH": "/bin"})

    assert "http://127.0.0.1:9000" == settings.address
    assert "/srv/安训" == str(settings.data)
    assert settings.database.startswith("sqlite:////srv/安训/")


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_bad_port_is_named(port: str) -> None:
    """A port that is none is refused with its variable."""
    with pytest.raises(SettingError, match="ANXUN_PORT"):
        Settings.read({"ANXUN_PORT": port})


def test_bad_vector_place_is_named() -> None:
    """A place for vectors that is none is refused with its variable, and without the password it carries."""
    with pytest.raises(SettingError, match="ANXUN_VECTORS") as refusal:
        Settings.read({"ANXUN_VECTORS": "redis://anxun:geheim@10.0.0.8"})

    assert "geheim" not in str(refusal.value)
    assert "pgvector" == Settings.read({"ANXUN_VECTORS": "pgvector"}).vectors


def test_secrets_are_not_shown() -> None:
    """The table of settings says only whether a secret is set."""
    table = str(Settings(api_token="hush-1", secret_key="hush-2").table())

    assert "hush" not in table and "已设" in table


def test_addresses_are_shown_without_password() -> None:
    """The table of settings shows where a database or a Milvus is, and not how to get in."""
    table = str(Settings(vectors="https://anxun:geheim@milvus.local:19530/law").table())

    assert "geheim" not in table and "https://***@milvus.local:19530/law" in table
