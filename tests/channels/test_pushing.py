"""One command puts a notice into a group, or says what is missing."""

from __future__ import annotations

import httpx
import pytest

from bot.channels.pushing import push
from bot.errors import AnxunError
from bot.settings import Settings
from tests.fakes.dingtalk_api import DingtalkApi
from tests.fakes.wecom_api import WEBHOOK, WecomApi


def test_notice_reaches_the_wecom_group() -> None:
    """The words arrive as they were typed."""
    api = WecomApi()
    url = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={api.robot_key}"

    push(
        Settings.read({"ANXUN_WECOM_WEBHOOK": url}),
        "wecom",
        "**演练**：今天下午三点",
        httpx.ASGITransport(api.app),
    )

    assert 1 == api.calls[WEBHOOK]


def test_notice_reaches_the_dingtalk_group() -> None:
    """Signed, with its first line as what the list of chats shows."""
    api = DingtalkApi()
    url = "https://oapi.dingtalk.com/robot/send?access_token=t"
    settings = Settings.read({"ANXUN_DINGTALK_WEBHOOK": url, "ANXUN_DINGTALK_WEBHOOK_SECRET": "SECx"})

    push(settings, "dingtalk", "演练通知\n今天下午三点", httpx.ASGITransport(api.app))

    ((address, body),) = api.pushed
    assert "sign=" in address
    assert {"title": "演练通知", "text": "演练通知  \n今天下午三点"} == body["markdown"]


@pytest.mark.parametrize(
    ("platform", "text", "said"), [("qq", "演练", "不认识 qq"), ("wecom", " ", "没有要发的话"), ("dingtalk", "演练", "ANXUN_DINGTALK_WEBHOOK")]
)  # fmt: skip
def test_what_is_missing_is_said(platform: str, text: str, said: str) -> None:
    """Each with its remedy."""
    with pytest.raises(AnxunError, match=said) as failed:
        push(Settings.read({}), platform, text)

    assert failed.value.remedy
