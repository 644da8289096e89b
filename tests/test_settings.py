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


def test_secrets_are_not_shown() -> None:
    """The table of settings says only whether a secret is set."""
    table = str(Settings(api_token="hush-1", secret_key="hush-2").table())

    assert "hush" not in table and "已设" in table
