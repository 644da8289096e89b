"""Addresses that phones open: the page of a citation, and the way from a chat into the widget.

Both are signed and run out. A citation's page shows knowledge only; a one-time link hands over a conversation.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from bot.errors import BadInput
from bot.messages import Citation
from bot.stores.shared import SharedStore

CITATION_S = 30 * 86_400
ONE_TIME_S = 600
_USED = "这个链接用过了。"
_ASK_AGAIN = "回到聊天里再问一次，会给您一个新的。"
_SAY_AGAIN = "回到聊天里再说一次“网页”，会给您一个新的。"


@dataclass(frozen=True)
class Cited:
    """What a link points at: a source, and where its quoted words stand."""

    source: str
    quote_at: tuple[int, int] | None


class Links:
    """Makes and reads both kinds.

    Several must fit into a message of 2,048 bytes: what is signed is an id, which is fit for an address as it is, with
    the place of the quote and the time, and 12 bytes of the signature are kept. A citation's token is
    `fc-over-30-days.2-26.awlX6A.kTdSX2A3gez7LkFn`.
    """

    def __init__(
        self, secret: str, public_url: str, shared: SharedStore, now: Callable[[], float] = time.time
    ) -> None:
        self._url, self._shared, self._now = public_url.rstrip("/"), shared, now
        self._citations = _Signer(secret, "anxun-citation", now)
        self._handovers = _Signer(secret, "anxun-continue", now)

    def citation(self, citation: Citation) -> str:
        """The address of the page of what an answer rests on; good for thirty days, for whoever has it."""
        at = ".{}-{}".format(*citation.quote_at) if citation.quote_at else ""
        return f"{self._url}/c/{self._citations.sign(citation.id + at).decode()}"

    def read(self, token: str) -> Cited:
        """Raises BadInput, with what to do, for a link that ran out or was not made here."""
        source, _, at = _open(self._citations, token, CITATION_S, _ASK_AGAIN).partition(".")
        start, _, end = at.partition("-")
        return Cited(source, (int(start), int(end)) if at else None)

    def one_time(self, conversation: str, to: str = "/") -> str:
        """The address that goes on with a conversation in the widget, or on the page `to`; good for ten minutes, once,
        and always a new one."""
        token = self._handovers.sign(f"{conversation}.{secrets.token_hex(4)}").decode()
        return f"{self._url}/continue/{token}" + (f"?{urlencode({'to': to})}" if to != "/" else "")

    def page(self, path: str) -> str:
        """The address of a page that need not know who opens it."""
        return f"{self._url}{path}"

    def check(self, token: str) -> str:
        """The conversation of a link that can still be spent; spends nothing. Raises BadInput."""
        conversation = _open(self._handovers, token, ONE_TIME_S, _SAY_AGAIN).rpartition(".")[0]
        if self._shared.kept(_spent(token), self._now()) is not None:
            raise BadInput(_USED, _SAY_AGAIN)
        return conversation

    def spend(self, token: str) -> str:
        """The conversation, the first time only. Raises BadInput."""
        conversation = _open(self._handovers, token, ONE_TIME_S, _SAY_AGAIN).rpartition(".")[0]
        if not self._shared.keep_once(_spent(token), self._now() + ONE_TIME_S, self._now()):
            raise BadInput(_USED, _SAY_AGAIN)
        return conversation


class _Signer(TimestampSigner):
    """With a clock that can be handed in, and a signature cut to 96 bits."""

    def __init__(self, secret: str, salt: str, now: Callable[[], float]) -> None:
        super().__init__(secret, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = now

    def get_timestamp(self) -> int:
        return int(self._clock())

    def get_signature(self, value: str | bytes) -> bytes:
        return base64_encode(base64_decode(super().get_signature(value))[:12])

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        given = sig.encode() if isinstance(sig, str) else sig
        return hmac.compare_digest(given, self.get_signature(value))


def _open(signer: _Signer, token: str, age_s: int, renew: str) -> str:
    try:
        return signer.unsign(token, max_age=age_s).decode()
    except SignatureExpired:
        raise BadInput("这个链接过期了。", renew) from None
    except BadSignature:
        raise BadInput("这个链接不完整，可能少复制了几个字。", "回到聊天里再点一次，或者再问一次。") from None


def _spent(token: str) -> str:
    return f"spent:{hashlib.sha256(token.encode()).hexdigest()}"
