"""Text is read in every encoding that office computers write, and never guessed into nonsense."""

from __future__ import annotations

import codecs

import pytest

from bot.errors import BadInput
from bot.retrieval.ingestion.decoding import decode

TEXT = "第一条　用户逾期未交付电费的，供电企业可以按规定程序停止供电。\r\n违约金：千分之一（居民）。"
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": TEXT.encode("utf-8-sig"),
    "gb18030": TEXT.encode("gb18030"),
    "utf-16 with mark": TEXT.encode("utf-16"),
    "utf-16 little": TEXT.encode("utf-16-le"),
    "utf-16 big": TEXT.encode("utf-16-be"),
    "utf-16 big with mark": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encoding_is_recognised(name: str) -> None:
    """The text is the same in whichever encoding it was written."""
    assert TEXT == decode(ENCODED[name])


def test_short_chinese_is_recognised() -> None:
    """Four characters in GB18030 are enough."""
    assert "停电通知" == decode("停电通知".encode("gb18030"))


@pytest.mark.parametrize(
    "raw",
    ["電費逾期未繳納者得停止供電並追繳違約金".encode("big5"), bytes(range(256)) * 4, b"\x00\x01\x02" * 50],
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    """An encoding we do not read, and what is no text, is refused with what to do, never shown as gibberish."""
    with pytest.raises(BadInput, match="UTF-8"):
        decode(raw)
