"""The XML of the self-built app: read whatever comes without harm, written so that others can read it."""

from __future__ import annotations

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.chat.receiving import MOST_BYTES
from bot.channels.wecom.crypto import MessageCrypt, Refused
from bot.channels.wecom.envelope import read_envelope, read_fields, write_text_reply

TOKEN, KEY, CORP = "RasaBot2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwcorp0001"
ENTITIES = '<!DOCTYPE x [<!ENTITY a "电费">]><xml><Encrypt>&a;</Encrypt></xml>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "哈">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><xml><Encrypt>&a9;</Encrypt></xml>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body",
    [
        "<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[abc=]]></Encrypt></xml>",
        "\ufeff<?xml version='1.0' encoding='GBK'?>\n<xml><!-- 电费 --><Encrypt>\nabc=\n</Encrypt></xml>",
    ],
    ids=["as documented", "with mark, comment and a wrong encoding"],
)
def test_envelope_yields_what_is_encrypted(body: str) -> None:
    """What is encrypted is found, whatever stands around it."""
    assert "abc=" == read_envelope(body.encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not XML"),
        (b'{"encrypt": "abc="}', "not XML"),
        (b"<xml><Encrypt>abc=</Encrypt>", "not XML"),
        (b"<xml><Encrypt>&nbsp;</Encrypt></xml>", "not XML"),
        (b"<xml><Encrypt>&#0;</Encrypt></xml>", "not XML"),
        (b"<xml>" + b"<a>" * 20_000, "not XML"),
        (b"<xml/>", "no Encrypt"),
        (b"<xml><Encrypt/></xml>", "no Encrypt"),
        (b"<xml><a>" + b"<b/>" * 10_000 + b"</a></xml>", "no Encrypt"),
        (b"<a>" * 8_000 + b"</a>" * 8_000, "no Encrypt"),
        ("<xml><Encrypt>电费</Encrypt></xml>".encode("gbk"), "not UTF-8"),
        ("<xml><Encrypt>abc=</Encrypt></xml>".encode("utf-16"), "not UTF-8"),
        (b"<!DOCTYPE xml><xml><Encrypt>abc=</Encrypt></xml>", "DTD"),
        (ENTITIES.encode(), "DTD"),
        (LAUGHS.encode(), "DTD"),
        (OUTSIDE.encode(), "DTD"),
        (b"<xml><Encrypt>" + b"a" * MOST_BYTES + b"</Encrypt></xml>", "too long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_envelope_is_refused(body: bytes, reason: str) -> None:
    """Nothing but a small XML without declarations passes; entities are never expanded, files never opened."""
    with pytest.raises(Refused) as refused:
        read_envelope(body)

    assert (-40002, reason) == (refused.value.code, refused.value.reason)


@given(
    st.binary()
    | st.text().map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace"))
)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    """Whatever is posted, the answer is what is encrypted or a refusal."""
    try:
        assert read_envelope(body) != ""
    except Refused as refused:
        assert -40002 == refused.code


def test_fields_are_flat() -> None:
    """The fields of a message are found by name; what is nested or empty is empty."""
    fields = read_fields(
        "<xml><FromUserName><![CDATA[zhangsan]]></FromUserName><Content><![CDATA[电费 <3 & 怎么算]]></Content>"
        "<EventKey></EventKey><SelectedItems><SelectedItem>x</SelectedItem></SelectedItems></xml>"
    )

    assert fields == {
        "FromUserName": "zhangsan",
        "Content": "电费 <3 & 怎么算",
        "EventKey": "",
        "SelectedItems": "",
    }


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x0b", "\x1b", "\x1f", "\ufffe", "\uffff"])
def test_control_character_becomes_a_blank(sign: str) -> None:
    """What people paste and XML cannot hold does not cost them their message."""
    assert (
        "停电 怎么办" == read_fields(f"<xml><Content><![CDATA[停电{sign}怎么办]]></Content></xml>")["Content"]
    )


def test_decrypted_dtd_is_refused() -> None:
    """What is inside is read with the same suspicion."""
    with pytest.raises(Refused, match="-40002"):
        read_fields(LAUGHS)


@pytest.mark.parametrize("text", ["先断电，再验电。", "5 < 6 & ]]> 😀", "第一行\n第二行", "响\x07铃"])
def test_wechatpy_reads_our_reply(text: str) -> None:
    """A passive answer is signed and encrypted as WeCom wants it, from us to the person, word for word."""
    crypt = MessageCrypt(TOKEN, KEY, CORP)
    body = write_text_reply(crypt, "zhangsan", CORP, text, 1760000000, "nonce123456")
    outer = xmltodict.parse(body)["xml"]
    peer = WeChatCrypto(TOKEN, KEY, CORP)
    inner = peer.decrypt_message(body, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])

    assert ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"] == list(outer)
    assert xmltodict.parse(inner)["xml"] == {
        "ToUserName": "zhangsan",
        "FromUserName": CORP,
        "CreateTime": "1760000000",
        "MsgType": "text",
        "Content": text.replace("\x07", " "),
    }
