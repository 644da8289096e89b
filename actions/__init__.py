"""rasa-sdk actions, thin: each calls one function of `bot.services` and returns its message.

Served by the app itself (`bot.channels.web.actions_endpoint`), so Rasa's action endpoint needs no third process.
"""

from rasa_sdk.executor import ActionExecutor

from actions import answering, greeting, learning, practising
from bot.services import Services


def build_executor(services: Services) -> ActionExecutor:
    """All actions of domain.yml, joined to the running services."""
    talk, practice, hall = services.small_talk, services.practising, services.learning.hall
    actions = [
        answering.AnswerQuestion(services.answer_question),
        greeting.Greet(talk.greet),
        greeting.SayGoodbye(talk.say_goodbye),
        greeting.SayWelcome(talk.say_welcome),
        greeting.ExplainHelp(talk.explain_help),
        greeting.ExplainSelf(talk.explain_self),
        greeting.MakeSmallTalk(talk.make_small_talk),
        practising.StartPractice(practice.start),
        practising.ListPersonas(practice.list_personas),
        practising.PlayTurn(practice.play),
        practising.EndPractice(practice.end),
        practising.RetryTurn(practice.retry),
        practising.GiveHint(practice.hint),
        practising.SwitchScenario(practice.switch),
        practising.WhatIf(practice.what_if),
        practising.PausePractice(practice.pause),
        practising.ResumePractice(practice.resume),
        practising.GiveUpPractice(practice.give_up),
        practising.StartExam(practice.start_exam),
        practising.StartWarmUp(practice.start_warm_up),
        practising.StartGroup(practice.start_group),
        learning.Learn(hall.receive),
        *learning.desks(services.open_desk),
    ]
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    return executor
