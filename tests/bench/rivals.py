"""One approval in three acts (sent in, verified, approved by somebody else), by Siskop and by two known libraries.

The case is about a form of 80 answers, one of which decides whether it may be verified. What is done is the same for
all: may this person, does the condition hold, the state, who did what, and a line of history. The files (definition,
machine, BPMN) are read beforehand. Two things are timed, because in a server every act begins anew:

- what the engine itself takes, from the form in which a process holds a case between acts: for Siskop `decide` on the
  folded case, for transitions a model that is bound to the machine and triggered, for SpiffWorkflow its serialised
  workflow, which is the only form it offers to more than one process;
- the whole way from JSON in a store to JSON in a store, for Siskop with the fold.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from time import perf_counter
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.task import TaskState
from transitions import EventData, Machine

from siskop.engine.calendar import Calendar, day_of
from siskop.engine.case import Actor, Command, Event, Facts, Refusal
from siskop.engine.conditions import Kind, compile_condition
from siskop.engine.decide import decide, start
from siskop.engine.definition import Action, Field, State, Step, Who
from siskop.engine.events import fold
from tests.engine.flows import MONDAY, OPERATORS, by_name, review

ACTS = (("submit", 1, "operator"), ("verify", 11, "verifier"), ("approve", 21, "head"))
ANSWERS: dict[str, Any] = {f"field_{n}": n if n % 2 else f"The answer to question {n}" for n in range(79)} | {
    "amount": 80
}
FORM = json.dumps(ANSWERS)


# ------------------------------------------------------------------ Siskop: events, of which each act appends some


def _definition() -> Any:
    enough = compile_condition("amount > 50", {"amount": Kind("number")})
    states = by_name(
        State("draft", {}, {}, "submitter", edit=OPERATORS),
        State("submitted", {}, {}, "office", steps=by_name(Step("verification", {}, who=Who(role="verifier")))),
        State(
            "verified", {}, {}, "office", steps=by_name(Step("approval", {}, who=Who("head", exclude=("did.verify",))))
        ),
        State("published", {}, {}, final=True),
    )
    actions = by_name(
        Action("submit", {}, ("draft",), "submitted", who=OPERATORS),
        Action("verify", {}, ("submitted",), "verified", step="verification", when=enough),
        Action("approve", {}, ("verified",), "published", step="approval"),
    )
    made = review(states, actions)
    fields = {name: Field(name, "text" if isinstance(value, str) else "integer", {}) for name, value in ANSWERS.items()}
    return replace(made, kind=replace(made.kind, fields=fields))


DEFINITION = _definition()
FACTS = Facts(now=MONDAY, today=day_of(MONDAY), calendar=Calendar(), answers=ANSWERS, operators=frozenset({1}))


def _actor(person: int, role: str) -> Actor:
    if role == "operator":
        return Actor(person, relations=frozenset({"record_operator"}))
    return Actor(person, ((role, ""),))


ACTORS = {do: (_actor(person, role), Command("act", do)) for do, person, role in ACTS}


def siskop_stored() -> float:
    begun = start(DEFINITION, ACTORS["submit"][0], 7, 0, FACTS)
    assert not isinstance(begun, Refusal)
    kept = [_kept(begun)]
    since = perf_counter()
    for actor, command in ACTORS.values():
        case = fold(Event(*row, at=MONDAY) for rows in kept for row in json.loads(rows))
        facts = replace(FACTS, answers=json.loads(FORM))
        answer = decide(DEFINITION, case, actor, command, facts)
        assert not isinstance(answer, Refusal)
        kept.append(_kept(answer))
    spent = perf_counter() - since
    assert answer[-1].to_state == "published"
    return spent


def _kept(events: tuple[Event, ...]) -> str:
    """What one act adds to the store."""
    return json.dumps([(e.type, e.to_state, e.body, e.by, e.seq) for e in events])


def siskop() -> float:
    begun = start(DEFINITION, ACTORS["submit"][0], 7, 0, FACTS)
    assert not isinstance(begun, Refusal)
    events, spent = [*begun], 0.0
    for actor, command in ACTORS.values():
        case = fold(events)
        since = perf_counter()
        answer = decide(DEFINITION, case, actor, command, FACTS)
        spent += perf_counter() - since
        assert not isinstance(answer, Refusal)
        events += answer
    return spent


# ------------------------------------------------------------------ transitions: a model with its state and history


@dataclass
class Model:
    answers: dict[str, Any]
    state: str = "draft"
    did: dict[str, int] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def may(self, event: EventData) -> bool:
        person, roles = event.kwargs["person"], event.kwargs["roles"]
        wanted = next(role for do, _, role in ACTS if do == event.event.name)
        return wanted in roles and person not in self.did.values()

    def enough(self, event: EventData) -> bool:
        return bool(self.answers["amount"] > 50)

    def note(self, event: EventData) -> None:
        self.did[event.event.name] = event.kwargs["person"]
        at = {"seq": len(self.history) + 1, "at": MONDAY.isoformat(), "by": event.kwargs["person"]}
        self.history.append(
            {**at, "do": event.event.name, "from": event.transition.source, "to": event.transition.dest}
        )


STATES = ("draft", "submitted", "verified", "published")
MACHINE = Machine(model=None, states=list(STATES), initial="draft", send_event=True, auto_transitions=False)
for (act, _, _), before, after in zip(ACTS, STATES, STATES[1:], strict=False):
    MACHINE.add_transition(act, before, after, conditions=["may", "enough"] if act == "verify" else "may", after="note")


def transitions() -> float:
    kept, spent = Model(ANSWERS), 0.0
    for do, person, role in ACTS:
        model = replace(kept)
        since = perf_counter()
        MACHINE.add_model(model, initial=model.state)
        assert getattr(model, do)(person=person, roles={role})
        spent += perf_counter() - since
        MACHINE.remove_model(model)
        kept = Model(ANSWERS, model.state, model.did, model.history)
    assert kept.state == "published"
    return spent


def transitions_stored() -> float:
    kept = json.dumps({"state": "draft", "did": {}, "history": []})
    since = perf_counter()
    for do, person, role in ACTS:
        model = Model(json.loads(FORM), **json.loads(kept))
        MACHINE.add_model(model, initial=model.state)
        assert getattr(model, do)(person=person, roles={role})
        kept = json.dumps({"state": model.state, "did": model.did, "history": model.history})
        MACHINE.remove_model(model)
    spent = perf_counter() - since
    assert model.state == "published"
    return spent


# ------------------------------------------------------------------ SpiffWorkflow: a BPMN process of three user tasks


def _flow(n: int, source: str, target: str, condition: str = "") -> str:
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="f{n}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


BPMN = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="all" targetNamespace="urn:approval">
<process id="approval" isExecutable="true">
<startEvent id="begin"/><userTask id="submit"/><userTask id="verify"/><userTask id="approve"/>
<exclusiveGateway id="enough" default="f4"/><exclusiveGateway id="apart" default="f6"/><endEvent id="published"/>
{_flow(0, "begin", "submit")}{_flow(1, "submit", "verify")}{_flow(2, "verify", "enough")}
{_flow(3, "enough", "approve", "amount &gt; 50")}{_flow(4, "enough", "verify")}{_flow(5, "approve", "apart")}
{_flow(6, "apart", "published")}{_flow(7, "apart", "approve", "approve == verify")}
</process></definitions>"""
ENGINE, SERIALIZER = PythonScriptEngine(), BpmnWorkflowSerializer(registry=BpmnWorkflowSerializer.configure())


def _process() -> Any:
    parser = BpmnParser()
    parser.add_bpmn_str(BPMN.encode())
    return parser.get_spec("approval")


SPEC = _process()


def spiff() -> float:
    """Its conditions read the data of a task, so the answers are there from the first act on; its state is JSON."""
    workflow = BpmnWorkflow(SPEC, script_engine=ENGINE)
    workflow.do_engine_steps()
    kept = SERIALIZER.serialize_json(workflow)
    since = perf_counter()
    for do, person, _ in ACTS:
        workflow = SERIALIZER.deserialize_json(kept)
        workflow.script_engine = ENGINE
        task = workflow.get_next_task(state=TaskState.READY, spec_name=do)
        task.set_data(**{do: person}, **(json.loads(FORM) if do == "submit" else {}))
        task.run()
        workflow.do_engine_steps()
        kept = SERIALIZER.serialize_json(workflow)
    spent = perf_counter() - since
    assert workflow.is_completed()
    return spent


# ------------------------------------------------------------------ side by side


def side_by_side(rounds: int = 60) -> dict[str, float]:
    """Medians in µs; taken turn by turn, so that what slowed the machine down slowed all."""
    rivals: tuple[Callable[[], float], ...] = (siskop, siskop_stored, transitions, transitions_stored, spiff)
    spent: dict[str, list[float]] = {rival.__name__: [] for rival in rivals}
    for _ in range(rounds):
        for rival in rivals:
            spent[rival.__name__].append(median(rival() for _ in range(5 if rival is not spiff else 1)))
    return {name: median(times) * 1e6 for name, times in spent.items()}
