"""Small talk: short, and always with a way on."""

from actions.base import LibraryAction


class Greet(LibraryAction):
    action = "action_greet"


class SayGoodbye(LibraryAction):
    action = "action_say_goodbye"


class SayWelcome(LibraryAction):
    action = "action_say_welcome"


class ExplainHelp(LibraryAction):
    action = "action_explain_help"


class ExplainSelf(LibraryAction):
    action = "action_explain_self"


class MakeSmallTalk(LibraryAction):
    action = "action_make_small_talk"
