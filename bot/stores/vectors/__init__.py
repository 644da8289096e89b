"""Where vectors are kept: in this process (FAISS), in PostgreSQL (pgvector), or in a Milvus cluster.

All three fulfil `bot.retrieval.engine.VectorEngine`; `open_engine` is the one door.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingError
from bot.stores.vectors.checks import checked_name

if TYPE_CHECKING:
    from bot.stores.vectors.faiss_engine import FaissEngine
    from bot.stores.vectors.milvus_engine import MilvusEngine
    from bot.stores.vectors.pgvector_engine import PgvectorEngine


def open_engine(
    choice: str, *, name: str, dim: int, key: str, folder: Path, database_url: str
) -> FaissEngine | PgvectorEngine | MilvusEngine:
    """The engine that `choice` (the setting ANXUN_VECTORS) names, with what it keeps under `name` and `key`.

    Args:
        choice: "" for FAISS in this process, "pgvector" for the database, else the URI of a Milvus.
        name: the collection, small letters, digits and underscores; it names the file or the table.
        key: what the vectors rest on, above all the encoder's fingerprint; under another key the engine is empty.
        folder: where FAISS keeps its file, `<name>.vectors`.
        database_url: the setting ANXUN_DATABASE_URL; only pgvector reads it.

    Example:
        engine = open_engine(settings.vectors, name="articles", dim=encoder.dim, key=encoder.fingerprint,
                             folder=settings.data / "cache", database_url=settings.database)
        ids = content_ids(texts)
        text_of = dict(zip(ids.tolist(), texts))
        bring_up_to_date(engine, ids, lambda missing: encoder.encode_passages([text_of[i] for i in missing.tolist()]))
        scores, found = engine.search(encoder.encode_queries([question]), k=100)
    """
    checked_name(name)
    if choice == "":
        from bot.stores.vectors.faiss_engine import FaissEngine

        return FaissEngine(folder / f"{name}.vectors", dim, key)
    if choice == "pgvector":
        if not database_url.startswith("postgresql"):
            raise SettingError(
                "ANXUN_VECTORS=pgvector 要用 PostgreSQL。",
                "把 ANXUN_DATABASE_URL 设成 postgresql+psycopg://…，或去掉 ANXUN_VECTORS。",
            )
        from bot.stores.vectors.pgvector_engine import PgvectorEngine

        return PgvectorEngine(database_url, name, dim, key).create()
    from bot.stores.vectors.milvus_engine import MilvusEngine

    return MilvusEngine(choice, name, dim, key).create()
