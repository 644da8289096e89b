"""The XML around and inside a message of WeCom's self-built app, read with suspicion and written with care.

app_callback.py uses it. The outer XML is parsed before any signature can be checked, so whoever finds the address
can send it: nothing in it may make the parser work hard or reach out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.channels.chat.receiving import MOST_BYTES
from bot.channels.wecom.crypto import XML, MessageCrypt, Refused

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_envelope(body: bytes) -> str:
    """What is encrypted in a pushed body, still unverified. Raises Refused."""
    if len(body) > MOST_BYTES:
        raise Refused(XML, "too long")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(XML, "not UTF-8") from None
    encrypted = (_parse(text).findtext("Encrypt") or "").strip()
    if not encrypted:
        raise Refused(XML, "no Encrypt")
    return encrypted


def read_fields(message: str) -> Mapping[str, str]:
    """The fields of a decrypted message, flat: those with parts of their own are empty. Raises Refused.

    Control characters, which XML has no way to hold and people do type, become blanks.
    """
    return {field.tag: field.text or "" for field in _parse(_NOT_IN_XML.sub(" ", message))}


def write_text_reply(crypt: MessageCrypt, to: str, sender: str, text: str, at: int, nonce: str) -> str:
    """The body of a passive answer: `text`, at most 2,048 bytes, encrypted and signed, at `at` seconds since 1970."""
    message = _write(ToUserName=to, FromUserName=sender, CreateTime=str(at), MsgType="text", Content=text)
    encrypted = crypt.encrypt(message)
    signature = crypt.sign(str(at), nonce, encrypted)
    return _write(Encrypt=encrypted, MsgSignature=signature, TimeStamp=str(at), Nonce=nonce)


def _parse(text: str) -> Element:
    try:
        return fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused(XML, "DTD") from None
    except (ParseError, ValueError):
        raise Refused(XML, "not XML") from None


def _write(**fields: str) -> str:
    inner = "".join(
        f"<{name}>{escape(_NOT_IN_XML.sub(' ', value))}</{name}>" for name, value in fields.items()
    )
    return f"<xml>{inner}</xml>"
