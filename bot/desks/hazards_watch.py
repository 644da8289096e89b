"""The app's own timer for hazards: looks every minute whether one waits too long."""

from __future__ import annotations

import asyncio

import structlog

from bot.desks.hazard_office import HazardOffice
from bot.learning.clock import Clock

LOOK_EVERY_S = 60.0

log = structlog.get_logger()


async def keep_watching(office: HazardOffice, clock: Clock) -> None:
    while True:
        try:
            await asyncio.to_thread(office.watch, clock())
        except Exception as error:
            log.error("hazards.watch.failed", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)
