"""`anxun channel check` says field by field what is wrong and where to find it, and shows nothing secret."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.channels.checking import check_dingtalk, check_wecom
from bot.doctor import Finding
from bot.settings import Settings

WECOM = {
    "ANXUN_PUBLIC_URL": "https://anxun.example.com", "ANXUN_WECOM_CORP_ID": "ww1a2b3c4d5e6f7a8b", "ANXUN_WECOM_AGENT_ID": "1000002",
    "ANXUN_WECOM_SECRET": "g" * 43, "ANXUN_WECOM_TOKEN": "RasaBot2026", "ANXUN_WECOM_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}  # fmt: skip
DINGTALK = {
    "ANXUN_PUBLIC_URL": "https://anxun.example.com", "ANXUN_DINGTALK_APP_KEY": "dingabcdefgh12345678", "ANXUN_DINGTALK_APP_SECRET": "h" * 64,
}  # fmt: skip


def answering(answer: Any, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _request: httpx.Response(status, json=answer))


def wecom(answer: Any = None, **changed: str) -> dict[str, Finding]:
    settings = Settings.read({**WECOM, **changed})
    return {
        one.name: one
        for one in check_wecom(settings, answering(answer or {"errcode": 0, "access_token": "t"}))
    }


def dingtalk(answer: Any = None, status: int = 200, **changed: str) -> dict[str, Finding]:
    settings = Settings.read({**DINGTALK, **changed})
    found = check_dingtalk(settings, answering(answer or {"accessToken": "t"}, status))
    return {one.name: one for one in found}


def test_good_settings_print_what_to_paste() -> None:
    """All is well, the keys fit together, the platform lets us in, and the address is there to be copied."""
    found = wecom()

    assert all(one.ok for one in found.values())
    assert "https://anxun.example.com/channels/wecom/callback" in found["粘贴到平台"].detail
    assert found["接收消息的加密"].ok and found["企业微信接口"].ok


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ANXUN_WECOM_CORP_ID", "1a2b", "以 ww 开头"),
        ("ANXUN_WECOM_AGENT_ID", "安训", "一串数字"),
        ("ANXUN_WECOM_TOKEN", "有空 格", "字母和数字"),
        ("ANXUN_WECOM_AES_KEY", "a" * 42, "42 位"),
        ("ANXUN_WECOM_SECRET", "", "没有设"),
    ],
)
def test_each_wrong_field_is_named_with_its_place(name: str, value: str, said: str) -> None:
    """What is wrong with it, and where in the console it stands."""
    found = wecom(**{name: value})[name]

    assert not found.ok and said in found.detail and "›" in found.remedy


@pytest.mark.parametrize("url", ["", "anxun.example.com", "https://anxun.example.com/bot"])
def test_address_that_platforms_cannot_reach_is_named(url: str) -> None:
    """Without a proper public address nothing can be pasted."""
    found = wecom(ANXUN_PUBLIC_URL=url)

    assert not found["ANXUN_PUBLIC_URL"].ok and "粘贴到平台" not in found


@pytest.mark.parametrize(
    ("code", "said"), [(40001, "Secret"), (40013, "企业 ID"), (60020, "可信 IP"), (99999, "错误码")]
)
def test_refusal_of_the_platform_is_explained(code: int, said: str) -> None:
    """WeCom's number becomes something to do."""
    found = wecom({"errcode": code})["企业微信接口"]

    assert not found.ok and said in found.detail + found.remedy


def test_unreachable_platform_is_no_fault_of_the_settings() -> None:
    """On an intranet the check goes on without the platform, and does not fail for it."""

    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpsecret=gggg")

    found = check_wecom(Settings.read(WECOM), httpx.MockTransport(refuse))

    assert [False] == [one.required for one in found if one.name == "企业微信接口"]
    assert "gggg" not in str(found)


def test_stream_needs_no_public_address() -> None:
    """DingTalk over Stream works without; only links on phones need it."""
    found = dingtalk(ANXUN_PUBLIC_URL="")

    assert found["接入方式"].ok and not found["ANXUN_PUBLIC_URL"].required


def test_callback_prints_its_address_and_refusals_are_explained() -> None:
    """In callback mode there is an address to paste; a wrong secret points at the pair."""
    found = dingtalk({"code": "invalidClientIdOrSecret"}, 400, ANXUN_DINGTALK_MODE="callback")

    assert "https://anxun.example.com/channels/dingtalk/callback" in found["粘贴到平台"].detail
    assert not found["钉钉接口"].ok and "Client Secret" in found["钉钉接口"].remedy


def test_nothing_secret_is_shown() -> None:
    """Neither good nor bad values of secrets are printed."""
    secrets = ("ANXUN_WECOM_SECRET", "ANXUN_WECOM_TOKEN", "ANXUN_WECOM_AES_KEY")
    broken = {name: f"坏的 {name}" for name in secrets}

    for found in (wecom(), wecom(**broken)):
        told = " ".join(one.detail + one.remedy for one in found.values())
        assert not any(value in told for value in [*(WECOM[name] for name in secrets), *broken.values()])
