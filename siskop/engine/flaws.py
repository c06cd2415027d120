"""What a walk through a workflow shows, in the terms of its file: where cases get stuck, go round, wait unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from siskop.engine.definition import Action, Condition, Definition, Effect
from siskop.engine.effects import effects
from siskop.engine.explore import Config, Key, Walk, Way
from siskop.engine.reading import Node
from siskop.engine.samples import asked_by, beside

Path = tuple[str | int, ...]
TOLD = frozenset({"submitter", "operators"})


def check(node: Node, workflow: Definition, known: frozenset[str]) -> None:
    """`known` are the fields that are never empty in a case that was sent in."""
    walk = Walk(workflow, known)
    flaws = _Flaws(node, walk)
    for action, said in walk.endless.items():
        flaws.say(("actions", action), f"This goes round by itself for ever: {said}")
    if walk.endless:
        return
    flaws.rounds()
    flaws.ends()
    flaws.tellings()
    if walk.whole:
        flaws.never()


class _Flaws:
    def __init__(self, node: Node, walk: Walk) -> None:
        self.node, self.walk, self.workflow = node, walk, walk.workflow
        self.said: set[tuple[Path, str]] = set()

    def say(self, path: Path, message: str, once: str = "") -> None:
        if (path, once or message) not in self.said:
            self.said.add((path, once or message))
            self.node.fail(message, *path)

    # -- going round

    def rounds(self) -> None:
        """Checks and autos that lead back to where they began, with nobody between."""
        onward = {
            key: [way for way in config.ways if way.by == "system" and not self._is_free(way)]
            for key, config in self.walk.configs.items()
        }
        for key, way in ((key, way) for key, ways in onward.items() for way in ways if way.moves):
            for move in way.moves if key in _reached([way.to], lambda at: (on.to for on in onward[at])) else ():
                round_ = f"“{move.body['from']}” → “{move.body['to']}”"
                self.say(("actions", move.body["action"]), f"This goes round by itself for ever, over checks: {round_}")

    def _is_free(self, way: Way) -> bool:
        return any(move.body["action"] in self.walk.free for move in way.moves)

    # -- getting stuck

    def ends(self) -> None:
        configs = self.walk.configs
        settled = {key for key, config in configs.items() if self.workflow.states[config.case.state].final}
        settled |= set() if self.walk.whole else {config.key for config in self.walk.waiting}
        stuck = [key for key, config in configs.items() if key not in settled and self._is_stuck(config)]
        for key in stuck:
            self._say_stuck(configs[key], {other[0] for other in stuck if other[1:] == key[1:]})
        before: dict[Key, list[Key]] = {}
        for key, way in ((key, way) for key, config in configs.items() for way in config.ways):
            before.setdefault(way.to, []).append(key)
        good = _reached([*settled, *stuck], lambda at: before.get(at, ()))
        for state in {configs[key].case.state: None for key in configs if key not in good}:
            self.say(("states", state), "No case comes to an end from here: no final state is reached")

    def _is_stuck(self, config: Config) -> bool:
        """Nobody can go on, whatever the day and the answers that may still change; in the office's states also when
        only the submitter could, when nobody there has work to see, or when a vote against is left to silence."""
        runs = config.case.runs.values()
        if self.workflow.states[config.case.state].waits_for == "submitter":
            on = {"person", "own", "system", "silence"}
        elif any(run.outcome is None for run in runs):
            on = {"person", "system", "silence", "help"}
        else:
            lost = any(run.outcome == "failed" and not run.check for run in runs)
            on = {"person", "system"} if lost else {"person", "system", "silence"}
        configs = self.walk.configs
        later = _reached([config.key], lambda at: (way.to for way in configs[at].ways if way.by == "value"))
        return not any(way.by in on for key in later for way in configs[key].ways)

    def _say_stuck(self, config: Config, samples: set[int]) -> None:
        """`samples` are those with which it is stuck in the same way: the values are told when others would help."""
        state, runs = self.workflow.states[config.case.state], config.case.runs
        everywhere = {other.sample for other in self.walk.configs.values() if other.case.state == state.name}
        values = self._values(config) if samples != everywhere else ""
        ended = [name for name, run in runs.items() if run.outcome is not None]
        ended.sort(key=lambda name: (runs[name].outcome not in ("passed", "done"), not runs[name].check))
        open_ = [name for name, run in runs.items() if run.outcome is None]
        at: Path = ("states", state.name)
        if ended:
            outcome = str(runs[ended[-1]].outcome)
            said, why = f"Nothing goes on when “{ended[-1]}” has {_HAS.get(outcome, outcome)}", "no action answers it"
            at = (*at, "steps", ended[-1])
        elif open_:
            said, why = f"Nobody can end “{open_[0]}”", "no action does, and there is no vote and no form"
            at = (*at, "steps", open_[0])
        else:
            who = "the office" if state.waits_for == "office" else "the submitter"
            said, why = "A case gets stuck here", f"it waits for {who}, and nobody there can do anything"
        self.say(at, f"{said}{values}: {why}", said)

    def _values(self, config: Config) -> str:
        sample = self.walk.samples[config.sample]
        actions = [a for a in self.workflow.actions.values() if config.case.state in a.from_]
        asked = [step.when for step in self.workflow.states[config.case.state].steps.values() if step.when is not None]
        asked += [condition for action in actions for condition in asked_by(action)]
        read = {name for condition in asked for name in condition.names}
        columns = beside(asked).columns
        told = [f"{name} = {_shown(value, columns)}" for name, value in sample.items() if name in read]
        return f" (with {', '.join(told)})" if told else ""

    # -- waiting unnoticed

    def tellings(self) -> None:
        """Whoever sends a case back to the submitter tells them; and the submitter knows what they did themselves."""
        for config in self.walk.configs.values():
            for way in config.ways:
                target = self.workflow.states[self.walk.configs[way.to].case.state]
                if way.by == "own" or not way.moves or target.waits_for != "submitter":
                    continue
                rungs = (effect for rung in target.ladder for effect in rung.does)
                sent = (effect for event in way.moves for effect in effects(self.workflow, event))
                if not any(_tells(effect) for effect in (*rungs, *sent)):
                    said = f"“{target.name}” waits for the submitter, and nobody tells them"
                    self.say(
                        ("actions", way.moves[-1].body["action"]), f"{said}: add {{mail: …, to: submitter}} to “does”"
                    )

    # -- what never is

    def never(self) -> None:
        """What depends on values is said to be never only if every combination of their samples was looked at."""
        for name, state in self.workflow.states.items():
            if name not in self.walk.seen and (self.walk.combined or not self._ways_to(name)):
                self.say(("states", name), self._unreached(name))
            for step in state.steps.values() if name in self.walk.seen and self.walk.combined else ():
                if step.name not in self.walk.seen and not step.on_demand:
                    self.say(("states", name, "steps", step.name), "This step never opens")
        for action in self.workflow.actions.values():
            sure = self.walk.combined or not self.walk.reads_values(action)
            if sure and action.name not in self.walk.taken and self.walk.seen & set(action.from_):
                self.say(*self._untaken(action))

    def _ways_to(self, state: str) -> list[str]:
        return [a.name for a in self.workflow.actions.values() if a.to == state and state not in a.from_]

    def _unreached(self, state: str) -> str:
        ways = self._ways_to(state)
        why = f": {', '.join(f'“{name}”' for name in ways)} never {'leads' if len(ways) == 1 else 'lead'} here"
        return f"No action leads here from the first state{why if ways else ''}"

    def _untaken(self, action: Action) -> tuple[Path, str]:
        at = ("actions", action.name)
        if action.auto is not None:
            why = "nothing makes it true, or an auto above always comes first"
            return (*at, "auto"), f"Never taken: “{action.auto.source}” is not true when its turn comes ({why})"
        if action.when is not None and not self._ever(action, action.when):
            return (*at, "when"), f"“{action.when.source}” is never true here, so nobody can ever take this"
        return at, "Nobody can ever take this"

    def _ever(self, action: Action, condition: Condition) -> bool:
        here = (config for config in self.walk.configs.values() if config.case.state in action.from_)
        return any(self.walk.might_hold(config, condition) for config in here)


_HAS = {"done": "been done", "skipped": "been skipped", "overridden": "been overridden", "lapsed": "lapsed"}


def _shown(value: Any, columns: Collection[str]) -> str:
    """Of rows, how many there are and what the columns say."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return "nothing" if value is None else str(value)
    said = {", ".join(f"{name} {cell}" for name, cell in row.items() if name in columns): None for row in value}
    told = " / ".join(filter(None, said))
    return f"{len(value)} row{'s'[len(value) == 1 :]}" + (f" of {told}" if told else "")


def _tells(effect: Effect) -> bool:
    return effect.kind == "mail" and any(str(effect.args.get(key)) in TOLD for key in ("to", "copy"))


def _reached(start: Iterable[Key], onward: Callable[[Key], Iterable[Key]]) -> set[Key]:
    found = set(start)
    next_ = list(found)
    while next_:
        more = set(onward(next_.pop())) - found
        found |= more
        next_ += more
    return found
