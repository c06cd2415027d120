"""Definitions in force: loaded as owner from a folder, read by every process from the database, looked at
every five seconds.

A submission keeps the behaviour of its version (wall 9), with the newest words; a set of files is never
changed, only followed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection, create_engine, text

from siskop.base.db import Tx, db, sqlalchemy_url
from siskop.engine import standing
from siskop.engine.definition import Definition, Library
from siskop.engine.fields.registry import public_paths
from siskop.engine.folder import texts
from siskop.engine.load import load as compile_files
from siskop.engine.load import read_folder
from siskop.engine.resolve import with_texts
from siskop.jobs import queue
from siskop.mail import rates

LOOK_EVERY_SECONDS = 5.0

_NEWEST = text("SELECT id FROM siskop.definition_set ORDER BY id DESC LIMIT 1")
_FILES = text("SELECT files FROM siskop.definition_set WHERE id = :id")
_STORE = text("""
INSERT INTO siskop.definition_set (digest, files) VALUES (:digest, CAST(:files AS jsonb)) RETURNING id""")
_SET_OF = text("SELECT set_id FROM siskop.workflow_version WHERE workflow = :workflow AND behaviour = :behaviour")


@dataclass(slots=True)
class _Cache:
    """What one process knows: compiled sets by id, and when it last looked for a newer one."""

    sets: dict[int, Library] = field(default_factory=dict)
    behaviours: dict[tuple[int, str, str], Definition] = field(default_factory=dict)
    newest: int = 0
    looked: float = float("-inf")


def _cache() -> _Cache:
    cache = current_app.extensions.setdefault("siskop.definitions", _Cache())
    assert isinstance(cache, _Cache)
    return cache


def library(tx: Tx | None = None) -> Library:
    """The newest definitions. Raises LookupError when none were ever loaded."""
    cache = _cache()
    if time.monotonic() - cache.looked > LOOK_EVERY_SECONDS or not cache.newest:
        with db.engine.connect() if tx is None else nullcontext(tx) as asked:
            cache.newest = asked.execute(_NEWEST).scalar() or 0
        cache.looked = time.monotonic()
    if not cache.newest:
        raise LookupError("No workflow is loaded yet: run `siskop workflow load`.")
    return _set(cache, cache.newest)


def definition(workflow: str, behaviour: str, tx: Tx | None = None) -> Definition:
    """The behaviour of that version with the newest words."""
    newest = library(tx)
    current = newest.workflows.get(workflow)
    if current is not None and current.behaviour == behaviour:
        return current
    cache = _cache()
    key = (newest.set_id, workflow, behaviour)
    if key not in cache.behaviours:
        with db.engine.connect() as own:
            old = _set(cache, own.execute(_SET_OF, {"workflow": workflow, "behaviour": behaviour}).scalar_one())
        # Siskop may have learned since to hash more of a workflow: this goes by the hash that it was stored under.
        kept = replace(old.workflows[workflow], behaviour=behaviour)
        cache.behaviours[key] = with_texts(kept, current) if current is not None else kept
    return cache.behaviours[key]


def forget() -> None:
    """Look at the next question: for commands that loaded definitions themselves."""
    current_app.extensions.pop("siskop.definitions", None)


def _set(cache: _Cache, set_id: int) -> Library:
    if set_id not in cache.sets:
        with db.engine.connect() as own:
            files = own.execute(_FILES, {"id": set_id}).scalar_one()
        cache.sets[set_id] = replace(compile_files(files, thorough=False), set_id=set_id)
    return cache.sets[set_id]


def differing(tx: Tx, folder: Path) -> list[str]:
    """Of the files in force and those of the folder, which are not the same, or on one side only."""
    kept: Mapping[str, str] = (
        tx.execute(text("SELECT files FROM siskop.definition_set ORDER BY id DESC LIMIT 1")).scalar() or {}
    )
    there, _unreadable = texts(folder)
    return sorted(path for path in {*kept, *there} if kept.get(path) != there.get(path))


def load(folder: Path, owner_url: str) -> bool:
    """Check the folder's files and store them as the definitions in force; False when they are so already.

    Raises `engine.load.DefinitionErrors` with every error. Only the owner may: states and public keys are
    walls of the database.
    """
    files = read_folder(folder)
    loaded = compile_files(files)
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.begin() as tx:
            return _store(tx, files, loaded)
    finally:
        engine.dispose()


def _store(tx: Connection, files: Mapping[str, str], loaded: Library) -> bool:
    tx.execute(text("LOCK TABLE siskop.definition_set IN EXCLUSIVE MODE"))
    newest = tx.execute(text("SELECT digest FROM siskop.definition_set ORDER BY id DESC LIMIT 1")).scalar()
    known = {tuple(row) for row in tx.execute(text("SELECT workflow, behaviour FROM siskop.workflow_version"))}
    fresh = [w for w in loaded.workflows.values() if (w.name, w.behaviour) not in known]
    if newest == loaded.digest and not fresh:
        return False
    set_id = tx.execute(_STORE, {"digest": loaded.digest, "files": json.dumps(files)}).scalar_one()
    for w in fresh:
        version: dict[str, Any] = {"workflow": w.name, "behaviour": w.behaviour, "set": set_id}
        tx.execute(text("INSERT INTO siskop.workflow_version VALUES (:workflow, :behaviour, :set)"), version)
        states = [{**version, "state": state.name, "final": state.final} for state in w.states.values()]
        tx.execute(text("INSERT INTO siskop.workflow_state VALUES (:workflow, :behaviour, :state, :final)"), states)
    _show_anew(tx, set_id)
    rates.keep(tx, loaded.lists.get("mail-rates", ()))
    tx.execute(text("DELETE FROM register.public_key"))
    keys = [
        {"kind": k.name, "path": path}
        for k in loaded.kinds.values()
        if k.public
        for path in (*public_paths(k.fields), *standing.spoken(k.periods))
    ]
    if keys:
        tx.execute(text("INSERT INTO register.public_key (kind, path) VALUES (:kind, :path)"), keys)
    return True


def _show_anew(tx: Connection, set_id: int) -> None:
    """Badges, filters and what is public may be otherwise now: soon, when every process has seen the new set."""
    if not tx.execute(text("UPDATE register.entry SET refresh_on = siskop.today()")).rowcount:
        return
    due_at = tx.execute(text("SELECT siskop.now()")).scalar_one() + timedelta(seconds=2 * LOOK_EVERY_SECONDS)
    queue.put(tx, "refresh", f"refresh:set:{set_id}", {}, "publishing", due_at=due_at)
