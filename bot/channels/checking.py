"""`anxun channel check`: what is set, what is malformed, whether the keys fit together and the platform lets us in.

Also prints the addresses to paste into the platforms' consoles. Nothing secret is shown, nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.wecom.crypto import MessageCrypt
from bot.doctor import Finding
from bot.errors import AnxunError
from bot.settings import Settings

TIMEOUT_S = 10.0
_WHERE = {
    "wecom_corp_id": "管理后台 › 我的企业 › 企业信息，最下面的“企业 ID”。",
    "wecom_agent_id": "管理后台 › 应用管理 › 这个自建应用，页首的 AgentId。",
    "wecom_secret": "管理后台 › 应用管理 › 这个自建应用，Secret › 查看。",
    "wecom_token": "应用 › 接收消息 › 设置 API 接收，Token 点“随机获取”。",
    "wecom_aes_key": "应用 › 接收消息 › 设置 API 接收，EncodingAESKey 点“随机获取”。",
    "wecom_bot_token": "智能机器人 › 创建 › API 模式 › 使用 URL 回调，Token。",
    "wecom_bot_aes_key": "智能机器人 › 创建 › API 模式 › 使用 URL 回调，EncodingAESKey。",
    "wecom_bot_id": "智能机器人 › 创建 › API 模式 › 使用长连接，Bot ID。",
    "wecom_bot_secret": "智能机器人 › 创建 › API 模式 › 使用长连接，Secret。",
    "dingtalk_app_key": "开发者后台 › 应用 › 凭证与基础信息，Client ID。",
    "dingtalk_app_secret": "开发者后台 › 应用 › 凭证与基础信息，Client Secret。",
}
_FORMS = {
    "wecom_corp_id": (r"w[wx][0-9A-Za-z]{8,30}", "以 ww 开头，后面是字母和数字"),
    "wecom_agent_id": (r"\d{5,10}", "是一串数字，例如 1000002"),
    "wecom_secret": (r"[\w-]{32,64}", "约 43 位字母、数字、横线"),
    "wecom_token": (r"[0-9A-Za-z]{3,32}", "3 到 32 位字母和数字"),
    "wecom_aes_key": (r"[0-9A-Za-z]{43}", "正好 43 位字母和数字"),
    "wecom_bot_token": (r"[0-9A-Za-z]{3,32}", "3 到 32 位字母和数字"),
    "wecom_bot_aes_key": (r"[0-9A-Za-z]{43}", "正好 43 位字母和数字"),
    "wecom_bot_id": (r"\S{4,80}", "不带空格"),
    "wecom_bot_secret": (r"\S{16,120}", "不带空格，整条复制"),
    "dingtalk_app_key": (r"[0-9A-Za-z]{8,60}", "多以 ding 开头，字母和数字"),
    "dingtalk_app_secret": (r"[\w-]{32,128}", "约 64 位字母、数字、横线"),
}


def check_wecom(settings: Settings, transport: httpx.BaseTransport | None = None) -> list[Finding]:
    """The self-built app, the 智能机器人 when its mode is set, and the group webhook when there is one."""
    app = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")
    found = [_field(settings, name) for name in app]
    if all(one.ok for one in found[3:]) and found[0].ok:
        found.append(
            _round_trip(
                "接收消息的加密", settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id
            )
        )
    found.append(_public(settings, "/channels/wecom/callback", "应用 › 接收消息 › URL"))
    if all(one.ok for one in found[:3]):
        found.append(_wecom_token(settings, transport))
    if settings.wecom_bot_mode == "callback":
        keys = [_field(settings, "wecom_bot_token"), _field(settings, "wecom_bot_aes_key")]
        found += keys
        if all(one.ok for one in keys):
            found.append(
                _round_trip("智能机器人的加密", settings.wecom_bot_token, settings.wecom_bot_aes_key, "")
            )
        found.append(_public(settings, "/channels/wecom/aibot", "智能机器人 › API 模式 › URL"))
    elif settings.wecom_bot_mode == "socket":
        found += [_field(settings, "wecom_bot_id"), _field(settings, "wecom_bot_secret")]
    if settings.wecom_webhook:
        found.append(_webhook("ANXUN_WECOM_WEBHOOK", settings.wecom_webhook, "qyapi.weixin.qq.com", "key="))
    return found


def check_dingtalk(settings: Settings, transport: httpx.BaseTransport | None = None) -> list[Finding]:
    """The robot in the mode that is set, and the group webhook when there is one."""
    found = [_field(settings, "dingtalk_app_key"), _field(settings, "dingtalk_app_secret")]
    if settings.dingtalk_mode == "stream":
        found.append(Finding("接入方式", True, "Stream：机器人自己连出去，不用公网地址"))
        if not settings.public_url:
            found.append(
                Finding(
                    "ANXUN_PUBLIC_URL",
                    False,
                    "没有设：引用链接在手机上打不开",
                    "填同事手机能打开的地址。",
                    required=False,
                )
            )
    else:
        found.append(_public(settings, "/channels/dingtalk/callback", "机器人 › HTTP 模式 › 消息接收地址"))
    if all(one.ok for one in found[:2]):
        found.append(_dingtalk_token(settings, transport))
    if settings.dingtalk_webhook:
        found.append(
            _webhook(
                "ANXUN_DINGTALK_WEBHOOK", settings.dingtalk_webhook, "oapi.dingtalk.com", "access_token="
            )
        )
    return found


def _field(settings: Settings, name: str) -> Finding:
    value, variable = getattr(settings, name), f"ANXUN_{name.upper()}"
    pattern, form = _FORMS[name]
    if not value:
        return Finding(variable, False, "没有设", f"在这里找：{_WHERE[name]}")
    if re.fullmatch(pattern, value) is None:
        return Finding(
            variable, False, f"有 {len(value)} 位，样子不对：应当{form}", f"再复制一次：{_WHERE[name]}"
        )
    return Finding(variable, True, "样子对")


def _round_trip(name: str, token: str, key: str, receiver: str) -> Finding:
    try:
        crypt = MessageCrypt(token, key, receiver)
        fits = crypt.decrypt(crypt.encrypt("安训，你好")) == "安训，你好"
    except AnxunError as error:
        return Finding(name, False, error.message, error.remedy)
    return Finding(
        name, fits, "加密再解开，一字不差" if fits else "解开后不一样", "请重新生成 EncodingAESKey。"
    )


def _public(settings: Settings, path: str, where: str) -> Finding:
    parts = urlsplit(settings.public_url)
    if not settings.public_url:
        return Finding(
            "ANXUN_PUBLIC_URL", False, "没有设：平台找不到我们", "填平台能访问的 https 地址，不带末尾的斜线。"
        )
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/"):
        return Finding("ANXUN_PUBLIC_URL", False, "应当像 https://anxun.example.com", "只写到域名或端口。")
    return Finding("粘贴到平台", True, f"{where}：{settings.public}{path}")


def _webhook(variable: str, url: str, host: str, key: str) -> Finding:
    parts = urlsplit(url)
    fits = parts.scheme == "https" and parts.hostname == host and key in parts.query
    return Finding(
        variable, fits, "样子对" if fits else "不像群机器人的地址", "到群设置里把机器人的地址整条复制过来。"
    )


def _wecom_token(settings: Settings, transport: httpx.BaseTransport | None) -> Finding:
    found = _ask(
        "GET", f"{settings.wecom_api_base}/cgi-bin/gettoken", transport,
        params={"corpid": settings.wecom_corp_id, "corpsecret": settings.wecom_secret},
    )  # fmt: skip
    if isinstance(found, str):
        return Finding(
            "企业微信接口", False, found, "检查这台机器能不能访问 qyapi.weixin.qq.com。", required=False
        )
    code = found.get("errcode")
    remedies = {
        40001: "Secret 不对，请重新查看并复制。",
        40013: "企业 ID 不对。",
        60020: "请在应用的“企业可信 IP”里加上这台机器的出口地址。",
    }
    if code:
        return Finding(
            "企业微信接口", False, f"错误码 {code}", remedies.get(int(code), "按错误码到企业微信文档里查。")
        )
    return Finding("企业微信接口", True, "拿到了访问令牌")


def _dingtalk_token(settings: Settings, transport: httpx.BaseTransport | None) -> Finding:
    found = _ask(
        "POST", f"{settings.dingtalk_api_base}/v1.0/oauth2/accessToken", transport,
        json={"appKey": settings.dingtalk_app_key, "appSecret": settings.dingtalk_app_secret},
    )  # fmt: skip
    if isinstance(found, str):
        return Finding("钉钉接口", False, found, "检查这台机器能不能访问 api.dingtalk.com。", required=False)
    if not found.get("accessToken"):
        code = str(found.get("code", "没有令牌"))[:60]
        return Finding(
            "钉钉接口", False, f"被拒绝：{code}", "核对 Client ID 和 Client Secret，应用要已发布。"
        )
    return Finding("钉钉接口", True, "拿到了访问令牌")


def _ask(
    method: str, url: str, transport: httpx.BaseTransport | None, **request: Any
) -> Mapping[str, Any] | str:
    """The platform's JSON, or what went wrong in words without the address, which holds the secret."""
    try:
        with httpx.Client(transport=transport, timeout=TIMEOUT_S, trust_env=True) as client:
            answer = client.request(method, url, **request).json()
    except httpx.TransportError as error:
        return f"连不上（{type(error).__name__}）"
    except ValueError:
        return "回的不是 JSON，可能被代理拦了"
    return answer if isinstance(answer, dict) else "回的不是 JSON 对象"
