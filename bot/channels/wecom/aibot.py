"""Messages of WeCom's 智能机器人, whichever way they come: what arrives becomes an `Inbound`, an answer becomes Markdown.

Used by the callback (aibot_callback.py) and by the long connection (aibot_socket.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.channels.chat.fields import as_id, as_object, as_text
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.numbering import in_words
from bot.channels.chat.outbound import Buttons, Part, Picture, Words
from bot.errors import BadInput

CHANNEL = "wecom-aibot"
MOST_BYTES = 20_480
SINGLE, GROUP = 1, 2

STREAM_S = 340.0
"""An answer may still go into its stream for so long; WeCom ends every stream six minutes after the question."""
WORKING, STILL_WORKING_S, STILL_WORKING = "正在查……", 15.0, "还在查，请再等一会儿……"
LATE = "这次查得有点久，答案一出来马上发给您。"
LATE_BEGINS = "刚才问的，答案来了：\n\n"
GOES_ON = "\n\n（内容较长，接下一条）"
TOO_LONG = (
    "\n\n（后面还有，这里放不下了。问得再具体一点，我就能答得短一些；私聊我说“网页”，可以到网页里看全。）"
)
WELCOME = "您好，我是安训。规定上拿不准的可以问我，怕跟客户说不好话可以先跟我练：说“开始练习”就行。"

Pressed = Callable[[str, str], Awaitable[str | None]]
"""The words behind a button, by the card's task_id and the button's key; None when nobody knows them."""

_MENTION = re.compile(r"\s*@\S+(?:[\s\u2005]+|$)")
_LINK = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)")
_SENTENCE_END = re.compile(r"[。！？；!?;]+[”’）)*]*")


async def nothing_pressed(_card: str, _key: str) -> str | None:
    """For a bot that sends no cards."""
    return None


def read_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in `text`. Raises BadInput, and nothing else, when there is none."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput("企业微信推送的不是 JSON") from None
    if not isinstance(body, dict):
        raise BadInput("企业微信推送的不是 JSON 对象")
    return body


def read_message(body: Mapping[str, Any], reply_to: Mapping[str, Any]) -> Inbound:
    """A person's message; raises BadInput for one without ids. What is quoted in it is not what the person says.

    A mention of the bot and nothing else is a way to say hello. Pictures, files and kinds we do not know are media.
    """
    words = _words(body)
    inbound = _inbound(body, reply_to)
    if words is None:
        return _with(inbound, event="media")
    if inbound.group:
        words = _MENTION.sub("", words, count=1) if _MENTION.match(words) else words
    words = words.strip()
    return _with(inbound, text=words) if words else _with(inbound, event="enter")


def read_pressed(body: Mapping[str, Any], words: str, reply_to: Mapping[str, Any]) -> Inbound:
    """What a person says by pressing a button of a card."""
    return _with(_inbound(body, reply_to), text=words)


def pressed_button(body: Mapping[str, Any]) -> tuple[str, str]:
    """The card's task_id and the button's key of a template_card_event; raises BadInput without them."""
    card = as_object(as_object(body.get("event")).get("template_card_event"))
    return _id(card.get("task_id")), _id(card.get("event_key"))


def event_of(body: Mapping[str, Any]) -> str:
    """enter_chat, template_card_event, …; "" for what is no event."""
    kind = as_object(body.get("event")).get("eventtype")
    return kind if body.get("msgtype") == "event" and isinstance(kind, str) else ""


def message_id(body: Mapping[str, Any]) -> str:
    """What WeCom repeats when it sends a message again; raises BadInput without it."""
    return _id(body.get("msgid"))


def stream_id(msgid: str) -> str:
    """The stream that answers a message: the same for every repetition, in every process."""
    return hashlib.sha256(msgid.encode()).hexdigest()[:32]


def as_markdown(parts: Sequence[Part]) -> tuple[str, list[Picture]]:
    """All parts as one text, with the pictures that go with it. A stream holds no buttons: they become numbers."""
    texts, pictures = [], []
    for part in parts:
        if isinstance(part, Words):
            texts.append(part.text)
        elif isinstance(part, Buttons):
            texts.append(in_words(part))
        else:
            pictures.append(part)
    return as_text("\n\n".join(text for text in texts if text)), pictures


def cut(text: str, most_bytes: int) -> tuple[str, str]:
    """The beginning that fits and the rest, which together are the text.

    Cut where a paragraph, a line or a sentence ends, whichever leaves at least half; never inside a link or a sign.
    """
    if len(text.encode()) <= most_bytes:
        return text, ""
    room = len(text.encode()[:most_bytes].decode(errors="ignore"))
    for link in _LINK.finditer(text):
        if link.start() < room < link.end() and link.start() > 0:
            room = link.start()
    ends = (
        [m.end() for m in re.finditer(r"\n\n+", text[:room])],
        [m.end() for m in re.finditer(r"\n", text[:room])],
        [m.end() for m in _SENTENCE_END.finditer(text[:room]) if not _inside_link(text, m.end())],
    )
    at = next((found[-1] for found in ends if found and found[-1] >= room / 2), room)
    return text[:at], text[at:]


def _inside_link(text: str, at: int) -> bool:
    return any(link.start() < at < link.end() for link in _LINK.finditer(text))


def _words(body: Mapping[str, Any]) -> str | None:
    """What was said or dictated; None where there are no words."""
    kind = body.get("msgtype")
    if kind in ("text", "voice"):
        return _content(body.get(kind))
    if kind == "mixed":
        items = as_object(body.get("mixed")).get("msg_item")
        texts = [
            _content(item.get("text"))
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and item.get("msgtype") == "text"
        ]
        return "\n".join(filter(None, texts)) or None
    return None


def _inbound(body: Mapping[str, Any], reply_to: Mapping[str, Any]) -> Inbound:
    person = _id(as_object(body.get("from")).get("userid"))
    group = body.get("chattype") == "group"
    chat = _id(body.get("chatid")) if group else person
    where = {"chatid": chat, "chat_type": GROUP if group else SINGLE}
    return Inbound(CHANNEL, message_id(body), chat, person, "", group, reply_to={**where, **reply_to})


def _with(inbound: Inbound, text: str = "", event: str = "") -> Inbound:
    return Inbound(
        inbound.channel, inbound.key, inbound.chat, inbound.person, text, inbound.group,
        event=event, reply_to=inbound.reply_to,
    )  # fmt: skip


def _id(value: object) -> str:
    return as_id(value, "企业微信推送的消息缺少标识")


def _content(value: object) -> str:
    return as_text(as_object(value).get("content"))
