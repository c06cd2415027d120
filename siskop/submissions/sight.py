"""Who sees a submission, and how much of what is registered: the two sides of the desk, and whoever stands outside."""

from __future__ import annotations

from dataclasses import replace

from siskop.base.db import Tx
from siskop.engine.case import Actor, Facts
from siskop.engine.people import office_who, refused
from siskop.engine.situation import Situation
from siskop.register.entries import public_values
from siskop.submissions import definitions, founding
from siskop.submissions.store import Loaded


def visible(tx: Tx, loaded: Loaded, actor: Actor) -> bool:
    """Those who began, wrote or sent it; who acts for the record, from the start only where it is theirs to begin; of
    the office, once the office has it, had it or began it, whoever has it on their desk or the desk for its area."""
    if actor.id is None:
        return False
    case, start = loaded.case, loaded.definition.start
    if is_own(loaded, actor):
        return True
    at_office = loaded.definition.states[case.state].waits_for == "office"
    shared = case.revision is not None or case.round > 0 or at_office
    if actor.id in loaded.operators:
        return shared or start.relation == "record_operator"
    return (shared or start.role is not None) and at_desk(tx, loaded, actor)


def is_own(loaded: Loaded, actor: Actor) -> bool:
    """Theirs: begun, written or sent by this person."""
    return actor.id in {loaded.case.starter, *loaded.case.submitters, *loaded.case.authors}


def is_involved(loaded: Loaded, actor: Actor) -> bool:
    """On the other side of the desk, whatever roles they have: they see what the cooperative sees. Whoever began it for
    the office stays of the office."""
    return actor.id in loaded.operators or (loaded.definition.start.role is None and is_own(loaded, actor))


def at_desk(tx: Tx, loaded: Loaded, actor: Actor) -> bool:
    """With a desk for its area, also a principal's; or with any desk and a part in this case: given, taken, or an
    action of their role in its present state."""
    roles = definitions.library(tx).roles
    area = str(loaded.merged.get(loaded.definition.kind.area or "") or loaded.relatives.parent_area or "")
    held = [actor.grants, *actor.principals.values()]
    desks = [covered for grants in held for role, covered in grants if role in roles and "desk" in roles[role].may]
    return any(area.startswith(covered) for covered in desks) or bool(
        desks and (_takes_part(loaded, actor) or _may_act(tx, loaded, actor))
    )


def _takes_part(loaded: Loaded, actor: Actor) -> bool:
    seats = (seat.person for run in loaded.case.runs.values() for seat in run.seats.values())
    return not {actor.id, *actor.principals}.isdisjoint({*seats, *(event.by for event in loaded.events)})


def _may_act(tx: Tx, loaded: Loaded, actor: Actor) -> bool:
    calendar = definitions.library(tx).calendar
    facts = Facts(
        loaded.now, loaded.today, calendar, loaded.merged, operators=loaded.operators, parent=loaded.relatives.parent
    )
    s = Situation(loaded.definition, loaded.case, facts)
    taken = (a.who for a in loaded.definition.actions.values() if s.case.state in a.from_ and a.auto is None)
    by_role = (office_who(s.definition, s.state, who) for who in taken if who is not None and who.role is not None)
    return any(refused(s, actor, who) is None for who in by_role)


def knows(tx: Tx, loaded: Loaded, actor: Actor) -> bool:
    """Whether what is registered and not public is theirs to see; not if they began without a right in the record."""
    by_role = loaded.definition.start.role is not None and founding.holds_start_role(loaded.definition, actor)
    return actor.system or by_role or actor.id in loaded.operators or at_desk(tx, loaded, actor)


def seen_by(tx: Tx, loaded: Loaded, actor: Actor) -> Loaded:
    """With as much of what is registered as this actor may know: for some only what is public."""
    if knows(tx, loaded, actor):
        return loaded
    kind, kin = loaded.definition.kind, loaded.relatives
    above = definitions.library(tx).kinds.get(kind.child_of.record) if kind.child_of else None
    parent = public_values(above, kin.parent) if above else {}
    return replace(
        loaded,
        current=public_values(kind, loaded.current),
        base=public_values(kind, loaded.base),
        relatives=replace(kin, parent=parent, last=public_values(kind, kin.last)),
    )
