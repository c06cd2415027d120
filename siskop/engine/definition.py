"""What the files say, as values: record kinds, forms, workflows, and the library that holds them all.

Everything here is immutable and made by `load` and `resolve`. Names of states, roles, fields, facts and mails occur
only as strings that came from a file. `Words` is a text in every language: {"id": …, "en": …}.
The types say how a file is read (`shorthand.shaped`): `Annotated[str, "role"]` is one of the roles known at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from siskop.engine.calendar import Calendar

if TYPE_CHECKING:
    from siskop.engine.reading import DefinitionError

Words = Mapping[str, str]
Privacy = Literal["public", "internal", "personal"]
Need = Literal["valid_form", "correction", "reason", "comment", "attachment", "person"]
Truth = bool | None
"""Three-valued: None is unknown."""

OUTCOMES = ("passed", "failed", "done", "skipped", "lapsed")
"""What conditions see of a step's end."""
EMPTY: Mapping[str, Any] = {}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression. `test(env)` answers True, False or None (unknown); `names` are the dotted names it reads.

    `missing(env)` names those of them that are absent, for a refusal that says what is lacking. `env` maps root names
    to values; `today` is among them; of a dotted name the root's value is a mapping.
    """

    source: str
    names: frozenset[str]
    test: Callable[[Mapping[str, Any]], Truth]
    missing: Callable[[Mapping[str, Any]], tuple[str, ...]]
    value: Callable[[Mapping[str, Any]], Any]  # the expression's value itself, for causes and computed fields
    optional: frozenset[str] = frozenset()  # those of `names` that it tests with `is None`: absent is an answer there


@dataclass(frozen=True, slots=True)
class Who:
    """Who may: all parts given must hold. `area` is a field's name: the role must cover the record's value of it.

    `relation` is one of a closed list, or did.<action or step>: whoever did that in this case.
    """

    role: Annotated[str | None, "role"] = None
    relation: Annotated[str | None, "relation or did.…"] = None
    area: Annotated[str | None, "field of type area"] = None
    exclude: tuple[Annotated[str, "excluded", "relation or did.…"], ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record kind. `params` are those of its type (max, min, accept, max_mb, list, pattern …), `unique`,
    and `required` of a column. `value` is what a computed field is worked out by."""

    name: str
    type: str
    label: Words
    help: Words = field(default_factory=dict)
    example: str | None = None
    privacy: Annotated[Privacy, "privacy class"] = "personal"
    params: Mapping[str, Any] = field(default_factory=dict)
    search: bool = False
    filter: bool = False
    choices: tuple[Choice, ...] = ()
    of: Mapping[str, Field] = field(default_factory=dict)  # columns of a list
    was: tuple[str, ...] = ()  # names it had in earlier versions: drafts and records under these are read as this one
    value: Condition | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: Words


@dataclass(frozen=True, slots=True)
class Next:
    """What those who act for the record may begin about it: the way out of a badge."""

    label: Words
    start: Annotated[str, "workflow"]
    group: str | None = None  # whose first missed period, or next one, it is begun for


@dataclass(frozen=True, slots=True)
class BadgeCase:
    label: Words  # placeholders as in `why`
    tone: Annotated[Literal["good", "warn", "bad", "none", "info"], "tone"]
    when: Condition | None = None  # None: else
    why: Words = field(default_factory=dict)  # placeholders: public fields of the kind, parts of its groups of periods
    unknown: bool = False
    next: Next | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    name: str
    label: Words
    cases: tuple[BadgeCase, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something for the outside to do: `kind` is a registered effect or rung act, `args` its settings."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class At:
    """When a rung is due: days after (negative: before) its anchor, all or working; `idle`: since the last edit.

    With `months` it is the `days`-th (working) day of that many months after the anchor's.
    """

    days: int
    working: bool = False
    idle: bool = False
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    at: At
    does: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Cure:
    workflows: tuple[str, ...]
    states: tuple[str, ...]
    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Sending:
    """On which days and between which hours (Asia/Jakarta) a reminder may go out."""

    working_days: bool = True
    from_hour: int = 8
    until_hour: int = 16
    without_address: Annotated[Literal["letter_and_task", "letter", "task", "nothing"] | None, "way"] = None
    to: Mapping[str, str] = field(default_factory=dict)  # role and area of that task; none = the whole office


@dataclass(frozen=True, slots=True)
class Reminder:
    name: str
    when: Condition
    cause: tuple[Annotated[str, "field or fact"], ...]  # a new value of one of these starts the ladder anew
    ladder: tuple[Rung, ...]
    anchor: Condition | None = None  # the day from which rungs are counted, instead of the one on which it opened
    amnesty: date | None = None  # before it, records that came in by import have no ladder
    cured_by: Cure | None = None
    send: Sending = Sending()
    label: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Public:
    path: str
    api: str
    label: Words


@dataclass(frozen=True, slots=True)
class ChildOf:
    """Records of this kind belong to one of `record`; with a `period` (a field) there is one for each value of it.

    `fields` are the parent kind's: conditions read them as parent.x.
    """

    record: str
    period: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a period is to be reported by records whose fields hold what `where` says (typed values)."""

    period: int
    report_due: date  # the office's day: after it the report is missed
    legal_due: date
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Periods:
    """What a record owes year by year: children of the kind `of`. Conditions read it as a group (`standing.PARTS`).

    `known` is a field with the newest year known from before, `since` one before whose year nothing is owed.
    """

    name: str
    of: str
    deadlines: tuple[Deadline, ...]
    known: str | None = None
    since: str | None = None
    public: bool = False  # whether all that it is derived from is


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold across fields; only a known False breaks it. The message stands at the fields `at`."""

    name: str
    holds: Condition
    message: Words
    at: tuple[Annotated[str, "field that is asked"], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordKind:
    name: str
    label: Words
    title: str  # field name, or a pattern with {field} and {parent} (the parent's title)
    fields: Mapping[str, Field]
    area: str | None = None
    key: str | None = None
    facts: Mapping[str, Condition] = field(default_factory=dict)
    badges: tuple[Badge, ...] = ()
    reminders: Mapping[str, Reminder] = field(default_factory=dict)
    public: Public | None = None
    phone: str | None = None  # the field that holds the number at which one writes to it
    abbreviations: str | None = None  # the list (short, long) by which search and comparison spell names out
    lists: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)  # rows of lists its fields name
    child_of: ChildOf | None = None
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Rule, ...] = ()  # "sure?": asked once for these values, then taken
    periods: Mapping[str, Periods] = field(default_factory=dict)

    def title_of(self, values: Mapping[str, Any], parent: str = "", language: str = "id") -> str:
        """What a record with these stored values is called; `parent` is the title of the record it belongs to."""
        from siskop.engine.fields.registry import plain  # the types know fields, so this file cannot know the types

        words = {name: plain(self.fields[name], values.get(name), language) for name in self.title_fields()}
        pattern = self.title if "{" in self.title else f"{{{self.title}}}"
        return " ".join(PLACEHOLDER.sub(lambda place: (words | {"parent": parent}).get(place[1], ""), pattern).split())

    def title_fields(self) -> tuple[str, ...]:
        """The fields of which the title is made."""
        return tuple(name for name in PLACEHOLDER.findall(self.title) or [self.title] if name in self.fields)


@dataclass(frozen=True, slots=True)
class PageField:
    name: str
    required: bool = False
    show_if: Condition | None = None
    required_if: Condition | None = None
    # What a prefill does: takes over, takes over and asks, leaves empty; and whence, instead of the workflow's source.
    copy: Annotated[Literal["keep", "ask", "clear"], "way to copy"] = "keep"
    prefill: Annotated[Literal["record", "last", "account.name", "account.email"] | None, "source of answers"] = None


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    label: Words
    fields: tuple[PageField, ...]
    help: Words = field(default_factory=dict)
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Pages in order over fields. `fields` maps every name asked to its definition.

    `reads` are what the conditions read beside those: fields of the record, and parent.x, last.x by their dotted names.
    `computed` are the fields worked out for these conditions or for the pages, in the order of the file.
    """

    pages: tuple[Page, ...]
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...] = ()  # the kind's, of which a field is asked here
    warnings: tuple[Rule, ...] = ()
    reads: Mapping[str, Field] = field(default_factory=dict)
    computed: tuple[Field, ...] = ()

    def page_of(self, name: str) -> Page | None:
        return next((p for p in self.pages if any(f.name == name for f in p.fields)), None)

    def names(self) -> tuple[str, ...]:
        return tuple(f.name for p in self.pages for f in p.fields)


@dataclass(frozen=True, slots=True)
class SeatKind:
    name: str
    count: int | Literal["all"]
    who: Who | None = None  # None: the step's


@dataclass(frozen=True, slots=True)
class Votes:
    need: int | Literal["all", "majority"] = 1
    veto: Annotated[str | None, "seat"] = None
    weights: Mapping[str, int] = field(default_factory=dict)
    reason: Annotated[Literal["for", "against", "abstain"] | None, "ballot"] = None  # the ballot that needs a reason


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What must happen in a state. Exactly one of `check` and `who` is set."""

    name: str
    label: Words
    check: Annotated[Literal["completeness", "duplicates", "condition"] | None, "check"] = None
    with_: Mapping[str, Any] = field(default_factory=dict)
    who: Who | None = None
    seats: tuple[SeatKind, ...] = (SeatKind("1", 1),)
    votes: Votes | None = None
    allocate: Annotated[Literal["least_busy", "handled_before"] | None, "way to choose"] = None
    after: tuple[Annotated[str, "other step of this state"], ...] = ()
    when: Condition | None = None
    due_days: int | None = None
    due_working: bool = True
    ladder: tuple[Rung, ...] = ()
    form: Annotated[str | None, "form"] = None
    recuse: bool = False
    self_service: bool = False
    on_demand: bool = False  # opens only when the office asks a named person (`consult`); nothing waits for it


@dataclass(frozen=True, slots=True)
class Action:
    """The only way a state changes. Taken by `who`, by whoever holds `step`, by itself (`auto`), else by a ladder."""

    name: str
    label: Words
    from_: tuple[Annotated[str, "state"], ...]
    to: Annotated[str, "state"]
    who: Who | None = None
    step: Annotated[str | None, "step of people"] = None
    auto: Condition | None = None
    when: Condition | None = None
    needs: tuple[Annotated[Need, "need"], ...] = ()
    does: tuple[Effect, ...] = ()
    tone: Annotated[Literal["", "primary", "plain", "refuse"], "tone of a button"] = ""
    why: Words = field(default_factory=dict)  # said when `when` does not hold
    form: Annotated[str | None, "form"] = None  # its own small form


@dataclass(frozen=True, slots=True, eq=False)
class State:
    name: str
    label: Words
    public_label: Words = field(default_factory=dict)  # in a file, where it differs from the label
    waits_for: Annotated[Literal["submitter", "office"] | None, "side"] = None
    edit: Who | None = None
    steps: Mapping[str, Step] = field(default_factory=dict)
    ladder: tuple[Rung, ...] = ()
    final: bool = False

    def rung_effects(self) -> Iterator[Effect]:
        """What the rungs of its ladder and of its steps' do."""
        ladders = (self.ladder, *(step.ladder for step in self.steps.values()))
        return (effect for ladder in ladders for rung in ladder for effect in rung.does)


@dataclass(frozen=True, slots=True)
class Definition:
    """One workflow in one version. `behaviour` hashes what decides, `texts` what is only shown."""

    name: str
    label: Words
    record: str
    kind: RecordKind
    start: Who
    prefill: str | None  # record, or last: the parent's child of the period before
    manage: Who | None
    deadline_days: int | None
    deadline_working: bool
    form: Form
    forms: Mapping[str, Form]
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    behaviour: str = ""
    texts: str = ""
    start_record: Literal["any", "new", "existing"] = "any"  # what a submission may be started on
    proof: Page | None = None  # the words with which a starter is asked to show, once, that they act for the record

    @property
    def initial(self) -> str:
        return next(iter(self.states))

    @property
    def steps(self) -> dict[str, Step]:
        """Those of all states: no two have one name."""
        return {name: step for state in self.states.values() for name, step in state.steps.items()}

    def form_of(self, name: str) -> Form | None:
        """The small form that an action or a step asks for; they share one namespace."""
        asking = self.actions.get(name) or self.steps.get(name)
        return self.forms.get(asking.form or "") if asking is not None else None


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    label: Words
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class MailText:
    name: str
    subject: Words
    body: Words
    button: Words
    why: Words = field(default_factory=dict)  # the footer's sentence: why this came
    obligatory: bool = True
    title: Words = field(default_factory=dict)  # what this kind is called where one switches it off
    gather: bool = False  # waits ten minutes for others to the same reader
    while_: Annotated[Literal["", "task", "correction"], "thing that is still open"] = ""  # else it is not sent


@dataclass(frozen=True, slots=True)
class TaskText:
    """What somebody of the office is to do; placeholders as in mails. `due_days` are counted from the day it opens."""

    name: str
    label: Words
    body: Words
    whatsapp: Words = field(default_factory=dict)  # a message that is ready to be sent
    due_days: int | None = None
    due_working: bool = True


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's words; placeholders as in mails. Numbers are counted by `series` and year."""

    name: str
    label: Words
    subject: Words
    body: Words
    series: str
    to: Words  # the addressee, a line each; one that comes to nothing is left out
    public: Words  # what everybody may read who holds it: placeholders for public fields only
    code: str = ""  # the classification in its number
    number: str | None = None  # the pattern, where it is not the house's
    sign: Who | None = None  # without: it is ready at once, in the name of the house
    sifat: Words = field(default_factory=lambda: {"id": "Biasa", "en": "Ordinary"})
    enclosure: Words = field(default_factory=dict)
    basis: tuple[Words, ...] = ()
    copies: tuple[Words, ...] = ()
    layout: str = "letter"  # templates/letters/<layout>.typ
    once: bool = False  # a record gets it once, whatever happens again


@dataclass(frozen=True, slots=True)
class House:
    """The office as its letters show it (letters/house.yaml). `notice` is the letter that carries a mail's words."""

    head: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    city: str = ""
    unit: str = ""
    phone: str = ""
    number: str = "{code}/{seq:03}-{unit}/{roman_month}/{year}"
    notice: Annotated[str | None, "letter"] = None
    answer: Words = field(default_factory=dict)  # how to answer; {link} and {phone}
    closing: Words = field(default_factory=dict)
    genuine: Words = field(default_factory=dict)  # where one sees that it is genuine; {link}


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that one folder of files says, resolved and checked."""

    kinds: Mapping[str, RecordKind]
    workflows: Mapping[str, Definition]
    lists: Mapping[str, tuple[Mapping[str, str], ...]]
    roles: Mapping[str, Role]
    mails: Mapping[str, MailText]
    letters: Mapping[str, LetterText]
    tasks: Mapping[str, TaskText]
    house: House
    calendar: Calendar
    digest: str = ""  # of the texts
    set_id: int = 0
    warnings: tuple[DefinitionError, ...] = ()
