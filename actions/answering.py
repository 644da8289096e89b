"""Questions go to the knowledge base."""

from actions.base import LibraryAction


class AnswerQuestion(LibraryAction):
    action = "action_answer_question"
