"""Three questions that lead to an application type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Question:
    """`chosen` is the value of the answer that was given, or ""."""

    name: str
    text: str
    answers: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Advice:
    type: str
    because: str


def questions(given: Mapping[str, str], *, of_the_bank: bool = True) -> list[Question]:
    """`of_the_bank` says whether it may be one of the bank's own: else nobody is asked."""
    asked = (
        (
            "runs",
            _("Where does it run?"),
            (
                ("server", _("On servers of ours")),
                ("browser", _("In the browser only")),
                ("device", _("As an app on a device")),
            ),
        ),
        ("people", _("Do customers of the bank sign in?"), (("yes", _("Yes")), ("no", _("No, it works alone")))),
        ("bank", _("Is it the bank's own?"), (("no", _("No, a partner's")), ("yes", _("Yes, for the bank's staff")))),
    )
    return [
        Question(name, text, answers, given.get(name, "") if given.get(name) in dict(answers) else "")
        for name, text, answers in asked
        if of_the_bank or name != "bank"
    ]


def advise(asked: list[Question]) -> Advice | None:
    """None until every question is answered."""
    answers = {question.name: question.chosen for question in asked}
    if not all(answers.values()):
        return None
    if answers["runs"] == "browser":
        return Advice("spa", _("Code in a browser can be read by everybody, so it gets no secret."))
    if answers["runs"] == "device":
        return Advice("native", _("An installed app can be taken apart, so it gets no secret."))
    if answers["people"] == "no":
        return Advice("server", _("No person is present, so the server proves who it is with a certificate."))
    if answers.get("bank") == "yes":
        return Advice("internal", _("It is the bank's own, and its server keeps the secret."))
    return Advice("web", _("The customer signs in at the bank, and your server keeps the secret."))
