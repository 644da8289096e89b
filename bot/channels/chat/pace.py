"""How fast a platform lets us talk: so much to one person, chat or group in a minute and in an hour.

Used by the couriers and the group webhooks: more is dropped without a word, or blocks the robot.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from bot.channels.chat.outbound import DeliveryFailed

A_MINUTE, AN_HOUR = 30, 1000
MINUTE_S, HOUR_S = 61.0, 3601.0
"""A second longer than WeCom's, which counts from the arrival."""
LONGEST_WAIT_S = 65.0


class Pace:
    """Counts everything that is sent to a chat, each update of a stream too: whether WeCom does is not documented.

    The limits are WeCom's for a person; a group webhook takes 20 a minute.
    """

    def __init__(
        self,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        a_minute: int = A_MINUTE,
        an_hour: int = AN_HOUR,
    ) -> None:
        self._now, self._sleep, self._a_minute, self._an_hour = now, sleep, a_minute, an_hour
        self._sent: dict[str, deque[float]] = defaultdict(deque)

    async def turn(self, chat: str) -> None:
        """Returns when one more may be said. Raises DeliveryFailed when that would take longer than a minute."""
        while (wait := self._wait(chat)) > 0:
            if wait > LONGEST_WAIT_S:
                raise DeliveryFailed("这个会话一小时内的消息到了上限")
            await self._sleep(wait)
        self._sent[chat].append(self._now())

    def spare(self, chat: str) -> bool:
        """Takes a turn for something that can be left out: only while half of the minute's are free."""
        if self._wait(chat) > 0 or self._lately(chat) >= self._a_minute // 2:
            return False
        self._sent[chat].append(self._now())
        return True

    def _wait(self, chat: str) -> float:
        now = self._now()
        for one in [one for one, sent in self._sent.items() if sent and sent[-1] <= now - HOUR_S]:
            del self._sent[one]
        sent = self._sent[chat]
        while sent and sent[0] <= now - HOUR_S:
            sent.popleft()
        if len(sent) >= self._an_hour:
            return sent[-self._an_hour] + HOUR_S - now
        return sent[-self._a_minute] + MINUTE_S - now if self._lately(chat) >= self._a_minute else 0.0

    def _lately(self, chat: str) -> int:
        now = self._now()
        return sum(1 for at in self._sent[chat] if at > now - MINUTE_S)
