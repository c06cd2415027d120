"""Files out of a posted form: examined and kept, as a record's."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import request
from werkzeug.datastructures import FileStorage

from siskop.base.db import Tx, unit_of_work
from siskop.engine.case import Actor
from siskop.engine.definition import Field
from siskop.engine.fields import files
from siskop.files import NotAccepted, intake


def posted(of: Field, holder: Actor, record: int) -> tuple[list[dict[str, Any]], list[NotAccepted]]:
    """The values of what came under the field's name, and why some was refused. It stays, also when the act is not done
    with which it came."""
    taken, refused = [], []
    for upload in chosen(of.name):
        try:
            with unit_of_work(apart=True) as tx:
                taken.append(receive(tx, upload, of, holder, record))
        except NotAccepted as no:
            refused.append(no)
    return taken, refused


def chosen(name: str) -> list[FileStorage]:
    return [upload for upload in request.files.getlist(name) if upload.filename]


def receive(tx: Tx, upload: FileStorage, of: Field, holder: Actor, record: int) -> dict[str, Any]:
    """Raises NotAccepted."""
    row = intake.receive(
        tx,
        cast(BinaryIO, upload.stream),
        upload.filename or "",
        holder=holder.id or 0,
        accept=files.accepted(of),
        max_bytes=files.largest(of),
        record_id=record,
    )
    return row.value()
