"""Joins the chat platforms to the application: whatever the settings name is built, started and stopped here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from fastapi import APIRouter

from bot.channels.chat.answering import Answerer
from bot.channels.chat.carrying import Carrying
from bot.channels.chat.dialects import DINGTALK, WECOM_AIBOT, WECOM_APP
from bot.channels.chat.dispatcher import ChatChannel, Dispatcher
from bot.channels.chat.links import Links
from bot.channels.chat.people import read_staff
from bot.channels.chat.shelves import DatabaseStreams, DatabaseTokens, PressedWords
from bot.channels.dingtalk.callback import build_dingtalk_callback
from bot.channels.dingtalk.client import DingtalkClient
from bot.channels.dingtalk.courier import DingtalkCourier
from bot.channels.dingtalk.messages import read_robot_message
from bot.channels.dingtalk.stream import DingtalkStream
from bot.channels.wecom.aibot_callback import AibotCourier, build_aibot_callback
from bot.channels.wecom.aibot_socket import AibotSocket
from bot.channels.wecom.app_callback import build_app_callback
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.courier import WecomCourier
from bot.channels.wecom.crypto import MessageCrypt
from bot.errors import SettingError
from bot.services import Services
from bot.settings import Settings

log = structlog.get_logger()

_WECOM_APP = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")
_DINGTALK = ("dingtalk_app_key", "dingtalk_app_secret")


class Platforms:
    """`routers` go into the application; `start` and `stop` belong to its lifespan."""

    def __init__(self, settings: Settings, services: Services, links: Links) -> None:
        """Raises SettingError when a platform is set by halves."""
        self.routers: list[APIRouter] = []
        self._runs: list[Callable[[], Awaitable[None]]] = []
        self._first_to_stop: list[Callable[[], Awaitable[None]]] = []
        self._last_to_stop: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._channels: dict[str, ChatChannel] = {}
        answerer = Answerer(services, links, read_staff(settings.staff))
        self._dispatcher = Dispatcher(services.inbox, services.shared, answerer.compose, self._channels)
        self._runs.append(Carrying(services.learning, links, self._channels).run)
        self._tokens = DatabaseTokens(services.shared)
        self._pressed = PressedWords(services.shared)
        if _is_set(settings, _WECOM_APP, "企业微信自建应用", "wecom"):
            self._add_wecom_app(settings)
        if settings.wecom_bot_mode == "callback":
            _is_set(
                settings, ("wecom_bot_token", "wecom_bot_aes_key"), "企业微信智能机器人回调", "wecom", True
            )
            self._add_aibot_callback(settings, services)
        elif settings.wecom_bot_mode == "socket":
            _is_set(settings, ("wecom_bot_id", "wecom_bot_secret"), "企业微信智能机器人长连接", "wecom", True)
            self._add_aibot_socket(settings)
        if _is_set(settings, _DINGTALK, "钉钉", "dingtalk"):
            self._add_dingtalk(settings)

    @property
    def names(self) -> list[str]:
        """The channels that are on."""
        return list(self._channels)

    async def start(self) -> None:
        if not self._channels:
            return
        await self._dispatcher.start()
        self._tasks = [asyncio.ensure_future(run()) for run in self._runs]
        log.info("platforms.started", channels=self.names)

    async def stop(self) -> None:
        """First nothing new comes in, then what is being answered is answered, then the lines are cut."""
        if not self._channels:
            return
        for stop in self._first_to_stop:
            await stop()
        await self._dispatcher.stop()
        for stop in self._last_to_stop:
            await stop()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _add_wecom_app(self, settings: Settings) -> None:
        client = WecomClient(
            settings.wecom_corp_id, settings.wecom_secret, settings.wecom_agent_id, self._tokens,
            base=settings.wecom_api_base,
        )  # fmt: skip
        self._last_to_stop.append(client.close)
        crypt = MessageCrypt(settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id)
        self.routers.append(
            build_app_callback(
                crypt,
                self._dispatcher.accept,
                self._pressed.look_up,
                settings.wecom_corp_id,
                settings.wecom_agent_id,
            )
        )
        self._channels["wecom"] = ChatChannel(WECOM_APP, WecomCourier(client, self._pressed.remember))

    def _add_aibot_callback(self, settings: Settings, services: Services) -> None:
        crypt = MessageCrypt(settings.wecom_bot_token, settings.wecom_bot_aes_key, "")
        streams = DatabaseStreams(services.shared)
        self.routers.append(build_aibot_callback(crypt, self._dispatcher.accept, streams))
        courier = AibotCourier(streams, base=settings.wecom_api_base)
        self._channels["wecom-aibot"] = ChatChannel(WECOM_AIBOT, courier, at_once=True)

    def _add_aibot_socket(self, settings: Settings) -> None:
        bot = AibotSocket(
            settings.wecom_bot_id,
            settings.wecom_bot_secret,
            self._dispatcher.accept,
            url=settings.wecom_bot_socket,
        )
        self._channels["wecom-aibot"] = ChatChannel(WECOM_AIBOT, bot, at_once=True)
        self._runs.append(bot.run)
        self._last_to_stop.append(bot.stop)

    def _add_dingtalk(self, settings: Settings) -> None:
        client = DingtalkClient(
            settings.dingtalk_app_key, settings.dingtalk_app_secret,
            settings.dingtalk_robot_code or settings.dingtalk_app_key, self._tokens,
            base=settings.dingtalk_api_base, session_base=settings.dingtalk_session_base,
        )  # fmt: skip
        self._last_to_stop.append(client.close)
        self._channels["dingtalk"] = ChatChannel(DINGTALK, DingtalkCourier(client))
        if settings.dingtalk_mode == "callback":
            self.routers.append(
                build_dingtalk_callback(settings.dingtalk_app_secret, self._dispatcher.accept)
            )
            return
        stream = DingtalkStream(
            settings.dingtalk_app_key, settings.dingtalk_app_secret, self._dispatcher.accept, read_robot_message,
            base=settings.dingtalk_api_base,
        )  # fmt: skip
        self._runs.append(stream.run)
        self._first_to_stop.append(stream.stop)


def _is_set(
    settings: Settings, names: tuple[str, ...], title: str, platform: str, needed: bool = False
) -> bool:
    """Whether a platform is wanted; raises SettingError when some of its settings are there and others are not."""
    missing = [f"ANXUN_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing and (needed or len(missing) < len(names)):
        raise SettingError(
            f"{title}还差 {'、'.join(missing)}。", f"用 anxun channel check {platform} 看看到哪里找。"
        )
    return not missing
