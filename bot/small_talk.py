"""What the bot says when nobody asks a question: short, and always with a way on."""

from __future__ import annotations

from bot.messages import Choice, ChoicesBlock, Incoming, Message, TextBlock

_STARTS = (
    Choice(label="开始练习", send="开始练习"),
    Choice(label="有哪些客户", send="有哪些客户可以练"),
    Choice(label="问：停电要提前几天通知", send="欠费停电要提前几天通知客户？"),
)


class SmallTalk:
    """Every method takes what was said, as actions do."""

    def greet(self, _said: Incoming) -> Message:
        return _with_starts("您好，我是安训。规定上拿不准的可以问我，怕跟客户说不好话可以先跟我练。")

    def say_goodbye(self, _said: Incoming) -> Message:
        return Message(blocks=[TextBlock(text="好，您忙。路上注意安全，上门记得带证件。")])

    def say_welcome(self, _said: Incoming) -> Message:
        return Message(blocks=[TextBlock(text="不客气。用得上就好，下回再有拿不准的接着问。")])

    def explain_help(self, _said: Incoming) -> Message:
        return _with_starts(
            "两件事。一是问：催费、停电、客户信息、表计、合同、作业安全，直接用大白话问，"
            "我答完会给出是哪一条、现在还算不算数；不知道的我会直说。"
            "二是练：说“开始练习”，我来扮欠费的客户，你怎么说，他就怎么变，每一句都告诉你为什么。"
            "练的时候可以说“提示”“重说”“换个说法”“暂停”“结束”；想热身说“热身”，想考一考说“考试”。请别输入真实客户的姓名、电话和户号。"
        )

    def explain_self(self, _said: Incoming) -> Message:
        return _with_starts(
            "我是安训，一个程序，不是真人。答案都来自核对过的条款和案例，拿不准的我会说不知道。"
            "要找人办事，客户的事打 95598，内部的事找班长或专责。"
        )

    def make_small_talk(self, said: Incoming) -> Message:
        weary = any(
            word in said.text for word in ("累", "骂", "烦", "难", "压力", "不想", "心情", "委屈", "哭")
        )
        if weary:
            return _with_starts(
                "跑一天、听一天难听话，换谁都累。先歇口气。"
                "要是有句话当时没接住，跟我练一遍，下回心里就有底；压力一直下不来，跟班长说，别一个人扛。"
            )
        return _with_starts("我在。有拿不准的规定就问我，想练练嘴就说“开始练习”。")


def _with_starts(text: str) -> Message:
    return Message(blocks=[TextBlock(text=text), ChoicesBlock(choices=list(_STARTS))])
