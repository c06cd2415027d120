"""Who may ask for what: one closed table from endpoint to rule. What is not in it is refused, and stops the start.

The engine rules on actions inside a submission; here stands everything else. A rule that names a relation lets every
confirmed account in; the view then finds the thing through `visible_to`: a foreign id is the 404 of an unknown one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

MAY = ("desk", "personal", "people", "definitions", "jobs", "audit")
"""The closed list of words a role may carry beside its part in workflows (workflows/lists/roles.csv)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`word`: what a role must allow. `relation`: the view also asks it of the one thing named in the address.

    `session`: whether the page may look at the session at all; the public pages never do.
    """

    name: str
    account: bool = True
    word: str | None = None
    relation: str | None = None
    session: bool = True

    def admits(self, *, account: bool, words: Collection[str]) -> bool:
        """Whether the gate opens; what the view asks comes after."""
        return not self.account or (account and (self.word is None or self.word in words))


anyone = Rule("anyone", account=False, session=False)
monitoring = Rule("whoever shows METRICS_TOKEN", account=False, session=False)
visitor = Rule("anyone, with a session for the form", account=False)
confirmed = Rule("a confirmed account")


def may(word: str) -> Rule:
    """Somebody with a role that carries the word."""
    if word not in MAY:
        raise ValueError(f"{word!r} is none of {', '.join(MAY)}")
    return Rule(f"a role with `{word}`", word=word)


def related(relation: str, word: str | None = None) -> Rule:
    """A confirmed account (with a role that carries the word) to which the thing in the address is visible."""
    return Rule(f"a role with `{word}`, {relation}" if word else relation, word=word, relation=relation)


record_operator = related("who acts for the record")
record_beginner = related("who acts for the record, or anybody with an account where the workflow says so")
visible_submission = related("who acts for the record or began the submission")
reviewer = related("who has or had work on the submission, or manages its workflow", "desk")
offered = related("to whom the act is offered", "desk")
beginner = related("whose role begins the workflow", "desk")
principal = related("who named the deputy, or has a role with `people`", "desk")
watcher = related("who manages a workflow, or has a role with `people`", "desk")
letter_reader = related("whose role covers the letter's area, or signs it", "desk")
printer = related("who asked for the printing", "desk")
visible_file = related("who handed the file in, acts for its record, or reviews it")

POLICY: dict[str, Rule] = {
    # --- the frame: stylesheet, scripts, icons; health
    "assets.send": anyone,
    "operations.healthz": anyone,
    "operations.readyz": anyone,
    "operations.show_metrics": monitoring,
    # --- accounts (Flask-Security, and ours)
    "security.login": visitor,
    "security.logout": visitor,
    "security.register": visitor,
    "security.send_confirmation": visitor,
    "security.confirm_email": visitor,
    "security.forgot_password": visitor,
    "security.reset_password": visitor,
    "security.change_password": confirmed,
    "account.left": anyone,
    "account.arrive": confirmed,
    "account.show": confirmed,
    "account.change": confirmed,
    "account.end_sessions": confirmed,
    "account.choose_mails": confirmed,
    "account.confirm_address": confirmed,
    "mails.stopping": anyone,
    "mails.stop": anyone,
    # --- public
    "public.home": anyone,
    "public.entries": anyone,
    "public.entry": anyone,
    "public.version": anyone,
    "public.verification": anyone,
    "public.verified": anyone,
    # --- cooperative
    "cooperative.home": confirmed,
    "cooperative.begin": record_beginner,
    "cooperative.start": confirmed,
    "cooperative.status": visible_submission,
    "cooperative.before_act": visible_submission,
    "cooperative.act": visible_submission,
    "cooperative.overview": record_operator,
    "cooperative.corrections": record_operator,
    "cooperative.page": record_operator,
    "cooperative.save": record_operator,
    "cooperative.proof": record_operator,
    "cooperative.give_proof": record_operator,
    "cooperative.check": record_operator,
    "cooperative.send": record_operator,
    "cooperative.letter": record_operator,
    # --- review
    "review.inbox": may("desk"),
    "review.page": reviewer,
    "review.reason": offered,
    "review.decide": reviewer,
    "review.beginnings": may("desk"),
    "review.find": beginner,
    "review.begin": beginner,
    "review.workflows": may("desk"),
    "review.deputies": may("desk"),
    "review.name_deputy": may("desk"),
    "review.end_deputy": principal,
    "review.moving_page": watcher,
    "review.move": watcher,
    "review.moved": watcher,
    "review.vacancies": watcher,
    "review.letters": may("desk"),
    "review.sign_letters": may("desk"),
    "review.print_letters": may("desk"),
    "review.print_run": printer,
    "review.letter": letter_reader,
    "review.letter_pdf": letter_reader,
    "review.withdraw_letter": letter_reader,
    "review.posts": may("people"),
    "review.add_post": may("people"),
    "review.end_post": may("people"),
    # --- what keeps the house running
    "admin.jobs": may("jobs"),
    "admin.settle": may("jobs"),
    "admin.health": may("jobs"),
    "review.mails": may("audit"),
    "review.mail": may("audit"),
    "review.send_again": may("audit"),
    "review.samples": may("desk"),
    "review.sample": may("desk"),
    # --- files
    "files.send": visible_file,
}


class PolicyError(Exception):
    """Addresses without a rule: nothing starts."""


def complete(endpoints: Iterable[str]) -> None:
    """Every endpoint has its rule, or PolicyError names those that have none."""
    missing = sorted(set(endpoints) - POLICY.keys())
    if missing:
        raise PolicyError(f"no entry in siskop/accounts/policy.py for: {', '.join(missing)}")
