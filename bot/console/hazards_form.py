"""Reads what a form sends, fields and one photo, within limits; forms work without script."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qs

from fastapi import Request

from bot.console.visitors import Refused
from bot.text import normalise

MOST_FIELDS = 64_000
MOST_WITH_PHOTO = 13 * 1024 * 1024


@dataclass(frozen=True)
class Form:
    """`fields` are normalised words, the first of each name; `many` all of them; `photo` is b"" when none was chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    photo: bytes = b""

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    def all(self, name: str) -> list[str]:
        return self.many.get(name, [])


async def read_form(request: Request, most: int = MOST_FIELDS) -> Form:
    """The form of a POST; raises Refused when it is too large or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused(413, "交上来的东西太大了。", "照片 12 MB 以内，换小一点的再试。")
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _parts(kind, bytes(body))
    if kind.startswith("application/x-www-form-urlencoded"):
        return _form(parse_qs(bytes(body).decode("utf-8", "replace"), keep_blank_values=True))
    raise Refused(415, "这不是表单。", "回到那一页，再提交一次。")


def _parts(kind: str, body: bytes) -> Form:
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise Refused(400, "表单没有收全。", "回到那一页，再提交一次。")
    fields: dict[str, list[str]] = {}
    photo = b""
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        if name == "photo":
            photo = photo or data
        elif isinstance(name, str):
            fields.setdefault(name, []).append(data.decode("utf-8", "replace"))
    form = _form(fields)
    return Form(form.fields, form.many, photo)


def _form(fields: dict[str, list[str]]) -> Form:
    many = {name: [normalise(value) for value in values[:2000]] for name, values in fields.items()}
    return Form({name: values[0] for name, values in many.items() if values}, many)
