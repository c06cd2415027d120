"""One approval in three acts (sent in, verified, approved by somebody else), by Siskop and by two known libraries.

Each act begins with what a store holds of the case, as JSON, and ends with what it is to hold: so work engines in a
server. What is timed is the same for all: may this person, the state, who did what, and a line of history. The files
(definition, machine, BPMN) are read beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
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
from siskop.engine.decide import decide, start
from siskop.engine.definition import Action, State, Step, Who
from siskop.engine.events import fold
from tests.engine.flows import MONDAY, OPERATORS, by_name, review

ACTS = (("submit", 1, "operator"), ("verify", 11, "verifier"), ("approve", 21, "head"))


# ------------------------------------------------------------------ Siskop: events, of which each act appends some

DEFINITION = review(
    by_name(
        State("draft", {}, {}, "submitter", edit=OPERATORS),
        State("submitted", {}, {}, "office", steps=by_name(Step("verification", {}, who=Who(role="verifier")))),
        State(
            "verified",
            {},
            {},
            "office",
            steps=by_name(Step("approval", {}, who=Who(role="head", exclude=("did.verify",)))),
        ),
        State("published", {}, {}, final=True),
    ),
    by_name(
        Action("submit", {}, ("draft",), "submitted", who=OPERATORS),
        Action("verify", {}, ("submitted",), "verified", step="verification"),
        Action("approve", {}, ("verified",), "published", step="approval"),
    ),
)
FACTS = Facts(now=MONDAY, today=day_of(MONDAY), calendar=Calendar(), operators=frozenset({1}))


def _actor(person: int, role: str) -> Actor:
    if role == "operator":
        return Actor(person, relations=frozenset({"record_operator"}))
    return Actor(person, ((role, ""),))


ACTORS = {do: (_actor(person, role), Command("act", do)) for do, person, role in ACTS}


def siskop() -> float:
    begun = start(DEFINITION, ACTORS["submit"][0], 7, 0, FACTS)
    assert not isinstance(begun, Refusal)
    rows = [_row(event) for event in begun]
    since = perf_counter()
    for actor, command in ACTORS.values():
        case = fold(_event(row) for row in rows)
        answer = decide(DEFINITION, case, actor, command, FACTS)
        assert not isinstance(answer, Refusal)
        rows += [_row(event) for event in answer]
    spent = perf_counter() - since
    assert answer[-1].to_state == "published"
    return spent


def siskop_folded() -> float:
    """Without the store: what `decide` itself takes."""
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


def _row(event: Event) -> tuple[str, str, str, int | None, int, datetime | None]:
    return event.type, event.to_state, json.dumps(event.body), event.by, event.seq, event.at


def _event(row: tuple[str, str, str, int | None, int, datetime | None]) -> Event:
    return Event(row[0], row[1], json.loads(row[2]), *row[3:])


# ------------------------------------------------------------------ transitions: a model with its state and history


@dataclass
class Model:
    state: str = "draft"
    did: dict[str, int] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def may(self, event: EventData) -> bool:
        person, roles = event.kwargs["person"], event.kwargs["roles"]
        wanted = next(role for do, _, role in ACTS if do == event.event.name)
        return wanted in roles and person not in self.did.values()

    def note(self, event: EventData) -> None:
        self.did[event.event.name] = event.kwargs["person"]
        at = {"seq": len(self.history) + 1, "at": MONDAY.isoformat(), "by": event.kwargs["person"]}
        self.history.append(
            {**at, "do": event.event.name, "from": event.transition.source, "to": event.transition.dest}
        )


STATES = ("draft", "submitted", "verified", "published")
MACHINE = Machine(model=None, states=list(STATES), initial="draft", send_event=True, auto_transitions=False)
for (act, _, _), before, after in zip(ACTS, STATES, STATES[1:], strict=False):
    MACHINE.add_transition(act, before, after, conditions="may", after="note")


def transitions() -> float:
    kept = json.dumps(vars(Model()))
    since = perf_counter()
    for do, person, role in ACTS:
        model = Model(**json.loads(kept))
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
<exclusiveGateway id="apart" default="f3"/><endEvent id="published"/><endEvent id="same_person"/>
{_flow(0, "begin", "submit")}{_flow(1, "submit", "verify")}{_flow(2, "verify", "apart")}{_flow(3, "apart", "approve")}
{_flow(4, "apart", "same_person", "verify == submit")}{_flow(5, "approve", "published")}
</process></definitions>"""
ENGINE, SERIALIZER = PythonScriptEngine(), BpmnWorkflowSerializer(registry=BpmnWorkflowSerializer.configure())


def _process() -> Any:
    parser = BpmnParser()
    parser.add_bpmn_str(BPMN.encode())
    return parser.get_spec("approval")


SPEC = _process()


def spiff() -> float:
    workflow = BpmnWorkflow(SPEC, script_engine=ENGINE)
    workflow.do_engine_steps()
    kept = SERIALIZER.serialize_json(workflow)
    since = perf_counter()
    for do, person, _ in ACTS:
        workflow = SERIALIZER.deserialize_json(kept)
        workflow.script_engine = ENGINE
        task = workflow.get_next_task(state=TaskState.READY, spec_name=do)
        task.set_data(**{do: person})
        task.run()
        workflow.do_engine_steps()
        kept = SERIALIZER.serialize_json(workflow)
    spent = perf_counter() - since
    assert workflow.is_completed()
    return spent


# ------------------------------------------------------------------ side by side


def side_by_side(rounds: int = 60) -> dict[str, float]:
    """Medians in µs; taken turn by turn, so that what slowed the machine down slowed all."""
    rivals: tuple[Callable[[], float], ...] = (siskop, siskop_folded, transitions, spiff)
    spent: dict[str, list[float]] = {rival.__name__: [] for rival in rivals}
    for _ in range(rounds):
        for rival in rivals:
            spent[rival.__name__].append(median(rival() for _ in range(5 if rival is not spiff else 1)))
    return {name: median(times) * 1e6 for name, times in spent.items()}
