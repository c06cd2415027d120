"""What a new draft begins with: answers taken over from the record, from the period before, from the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.engine.definition import Field, Form
from siskop.engine.fields.registry import UNASKED, type_of


def prefill(
    form: Form,
    default: str | None,
    *,
    record: Mapping[str, Any] | None = None,
    last: Mapping[str, Any] | None = None,
    account: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The raws of the fields that have something to take over. `default` is the workflow's source (record, last, None),
    `record` and `last` are stored values, perhaps under old names; `account` has name and email.
    """
    sources = {"record": renamed(form.fields, record or {}), "last": renamed(form.fields, last or {})}
    found: dict[str, Any] = {}
    for part in (part for page in form.pages for part in page.fields if part.copy != "clear"):
        f, source = form.fields[part.name], part.prefill or default or ""
        kind, place, key = type_of(f), *source.partition(".")[::2]
        value = sources.get(place, {}).get(part.name)
        raw = (account or {}).get(key) if place == "account" else kind.raw(f, value) if value is not None else None
        if f.type not in UNASKED and raw is not None and not kind.empty(raw):
            found[part.name] = raw
    return found


def renamed(fields: Mapping[str, Field], found: Mapping[str, Any]) -> dict[str, Any]:
    """Values or raws by the names of today: what stands under an old name (`was`) is read as the new field, unless that
    has something of its own. Columns of lists too.
    """
    old = {name for f in fields.values() for name in f.was}
    values = {name: value for name, value in found.items() if name in fields or name not in old}
    for name, f in fields.items():
        earlier = next((found[was] for was in f.was if found.get(was) is not None), None)
        if values.get(name) is None and earlier is not None:
            values[name] = earlier
        if isinstance(rows := values.get(name), list) and any(column.was for column in f.of.values()):
            values[name] = [renamed(f.of, row) if isinstance(row, Mapping) else row for row in rows]
    return values
