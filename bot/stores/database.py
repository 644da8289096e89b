"""Opens the database the settings name, brings its tables up to date, and hands out sessions."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.errors import NotReady

Sessions = sessionmaker[Session]
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(url: str) -> sessionmaker[Session]:
    """Sessions on an up-to-date database; raises NotReady with a remedy when it cannot be reached.

    SQLite runs in WAL mode with full durability at each commit, so a kill between turns loses nothing.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=True)
        if parsed.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _sqlite_pragmas)
        migrate(engine)
    except CommandError as error:
        raise NotReady(
            "数据库是更新的版本建的，这个版本打不开。", "换回建它的那个版本，或另设一个 ANXUN_DATA_DIR。"
        ) from error
    except (SQLAlchemyError, ModuleNotFoundError, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise NotReady(
            f"数据库打不开：{reason}", "检查 ANXUN_DATABASE_URL 和 ANXUN_DATA_DIR 是否可写。"
        ) from error
    return sessionmaker(engine, expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Run every migration that has not been run yet."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _sqlite_pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
