"""The one door for a message, whatever the channel: mask, remember, ask Rasa, remember the answer.

During a practice every message belongs to it: the app, whose database knows, tells Rasa the intent itself.
"""

from __future__ import annotations

import asyncio
import re
from weakref import WeakValueDictionary

import structlog

from bot.desks.hall import Hall
from bot.engine import FORGET_EVERY, Intent, RasaEngine
from bot.errors import BadInput, EngineError
from bot.messages import Incoming, Message, say
from bot.stores.conversations import ConversationStore
from bot.stores.practices import PracticeStore
from bot.text import mask_personal_data, normalise

MAX_CHARS = 2_000
COMMANDS: dict[str, Intent] = {
    "结束": "practice_end",
    "重说": "practice_retry",
    "提示": "practice_hint",
    "换场景": "practice_switch",
    "换个说法": "practice_what_if",
    "暂停": "practice_pause",
    "放弃": "practice_give_up",
}
BEGINNINGS: dict[str, Intent] = {
    "继续": "practice_resume",
    "继续练习": "practice_resume",
    "考试": "practice_exam",
    "开始考试": "practice_exam",
    "热身": "practice_warm_up",
    "开始热身": "practice_warm_up",
    "群练": "practice_group",
    "开始群练": "practice_group",
}
"""Words that begin something, told apart from a reply by nobody practising at the moment."""
_EXAM = re.compile(r"^(?:开始)?考试[：:]\s*(?P<paper>\S{2,24})$")
_PICK = re.compile(r"^(?:我要|我想)?(?:和|跟|找|练习：|练)\s*(?P<whom>\S{2,24}?)\s*(?:练习|对练|练)?$")
_HAS_WORDS = re.compile(r"\w")

log = structlog.get_logger()


class Converser:
    def __init__(
        self,
        engine: RasaEngine,
        conversations: ConversationStore,
        practices: PracticeStore,
        choices: frozenset[str],
        hall: Hall,
    ) -> None:
        self._engine = engine
        self._conversations = conversations
        self._practices = practices
        self._choices = choices
        self._hall = hall
        self._tidying: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def converse(
        self, conversation: str, text: str, message_id: str, speaker: str = "", account: str = ""
    ) -> Message:
        """The bot's answer. The same `message_id` gets the same answer; two at once wait for each other.

        `speaker` is the name of who said it, where several people share the conversation; `account` whose account it
        came from, "" where the conversation is nobody else's.
        When Rasa fails, the words are kept and the answer says so; sending the message again tries again.
        """
        if not message_id or len(message_id) > 80 or not conversation or len(conversation) > 80:
            raise BadInput("conversation 和 message_id 要有，且不超过 80 个字符。")
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        async with lock:
            masked = mask_personal_data(normalise(text))
            return await self._answer(
                Incoming(conversation, masked, message_id, speaker.strip()[:20], account)
            )

    async def _answer(self, said: Incoming) -> Message:
        conversation, text, message_id = said.conversation, said.text, said.message_id
        stored = await asyncio.to_thread(self._conversations.open, conversation, message_id, text)
        if stored is not None:
            return Message.model_validate(stored)
        message = _without_asking(text)
        if message is None:
            intent = await asyncio.to_thread(self._intent, conversation, text)
            try:
                message = await self._engine.send(said, intent)
            except EngineError as error:
                log.warning("converse.engine.failed", conversation=conversation, cause=repr(error.__cause__))
                return _engine_is_silent()
        await asyncio.to_thread(
            self._conversations.answer, conversation, message_id, message.model_dump(mode="json")
        )
        if await asyncio.to_thread(self._conversations.count, conversation) % FORGET_EVERY == 0:
            task = asyncio.create_task(self._engine.forget(conversation))
            self._tidying.add(task)  # a task nobody holds may vanish before it ran
            task.add_done_callback(self._tidying.discard)
        return message

    def _intent(self, conversation: str, text: str) -> Intent | None:
        """What a message is, where that is known before NLU: a practice comes first, then the desks."""
        practising = self._practices.active(conversation) is not None
        at_a_desk = not practising and self._hall.desk_for(conversation, bare(text)) is not None
        command = COMMANDS.get(bare(text))
        if command and not at_a_desk:
            return command
        if practising:
            return "practice_turn"
        if at_a_desk:
            return "learn"
        if beginning := BEGINNINGS.get(bare(text)):
            return beginning
        if _EXAM.match(text):
            return "practice_exam"
        pick = _PICK.match(text)
        return "practice_start_with" if pick and pick["whom"] in self._choices else None


def bare(text: str) -> str:
    """What is compared with commands: without the stop or blank that people put behind one."""
    return text.strip("。.!！ ")


def _without_asking(text: str) -> Message | None:
    """An answer to what holds no words or too many; None for everything else."""
    if not _HAS_WORDS.search(text):
        return say("这条里我没看到文字。想问什么、想对客户说什么，打几个字就行。", "notice")
    if len(text) > MAX_CHARS:
        return say(
            f"这段有 {len(text)} 个字，我一次最多看 {MAX_CHARS} 个字。请挑要紧的拆成几段发，原话我留着。",
            "notice",
        )
    return None


def _engine_is_silent() -> Message:
    return say(
        "答案引擎这会儿没有回应，您的话已经记下了，过几秒再发一次就行。一直这样的话，请管理员运行 anxun doctor 看看。",
        "error",
    )
