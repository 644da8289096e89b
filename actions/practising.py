"""Everything about a role-play."""

from actions.base import LibraryAction


class StartPractice(LibraryAction):
    action = "action_start_practice"


class ListPersonas(LibraryAction):
    action = "action_list_personas"


class PlayTurn(LibraryAction):
    action = "action_play_turn"


class EndPractice(LibraryAction):
    action = "action_end_practice"


class RetryTurn(LibraryAction):
    action = "action_retry_turn"


class GiveHint(LibraryAction):
    action = "action_give_hint"


class SwitchScenario(LibraryAction):
    action = "action_switch_scenario"


class WhatIf(LibraryAction):
    action = "action_show_other_wording"


class PausePractice(LibraryAction):
    action = "action_pause_practice"


class ResumePractice(LibraryAction):
    action = "action_resume_practice"


class GiveUpPractice(LibraryAction):
    action = "action_give_up_practice"


class StartExam(LibraryAction):
    action = "action_start_exam"


class StartWarmUp(LibraryAction):
    action = "action_start_warm_up"


class StartGroup(LibraryAction):
    action = "action_start_group"
