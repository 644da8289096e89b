"""Addresses that are keys: whoever has them can write to a group or read a token. They are checked and never logged."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import httpx


def is_robot(url: str, key: str) -> bool:
    """Whether this is the address of a group's robot, which carries its secret in the query under `key`."""
    try:
        parts = urlsplit(url)
        secret = parse_qs(parts.query).get(key, [""])[0]
    except ValueError:
        return False
    private = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost")  # a test's own server
    return parts.scheme in ("https", "http") and private and bool(parts.hostname) and bool(secret.strip())


def keep_queries_out_of_logs() -> None:
    """httpx logs the address of every request; platforms want secrets and tokens in the query. Safe to repeat."""
    logging.getLogger("httpx").addFilter(_without_queries)


def _without_queries(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg for arg in record.args
        )
    return True
