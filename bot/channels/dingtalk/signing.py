"""DingTalk's signatures: over the callback's stamp with the app's secret, over a push's stamp with the robot's."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote_plus

WINDOW_S = 3600
"""DingTalk's own limit. The body is not signed, so a narrower one would not make a captured pair worthless; what is
sent again within it has a known msgId."""


def sign(secret: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over the stamp (milliseconds), a line break and the secret."""
    told = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


def is_signed(secret: str, timestamp: str, signature: str, now: float) -> bool:
    """Whether DingTalk signed this stamp, and lately; compared in constant time. `now` in seconds since 1970."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 15:
        return False
    fresh = abs(now - int(timestamp) / 1000) <= WINDOW_S
    same = hmac.compare_digest(sign(secret, timestamp).encode(), signature.encode("utf-8", "surrogatepass"))
    return fresh and same


def signed_url(url: str, secret: str, now: float) -> str:
    """The address for one push; built afresh each time, from the address as it was pasted."""
    timestamp = str(int(now * 1000))
    return f"{url}&timestamp={timestamp}&sign={quote_plus(sign(secret, timestamp))}"
