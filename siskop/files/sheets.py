"""A spreadsheet that somebody hands in for a list, as a table of texts: XLSX, ODS, XLS, or text with commas or tabs.

A small file may unfold into any number of cells (compression, repeated cells, one cell far out), so it is read by a
process of its own with little memory and time, which answers with no more cells than a list can have.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields import lists
from siskop.engine.fields.field_type import Bad
from siskop.engine.fields.files import MEGABYTE
from siskop.engine.fields.numbers import DIGITS, written_out

MOST_BYTES, UNFOLDED, MEMORY = 5 * MEGABYTE, 100 * MEGABYTE, 1024 * MEGABYTE
SECONDS = 10
NO_SHEET = 65  # the exit of the process that reads; any other is of one that was stopped
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = lists.MOST_ROWS + lists.HEADING_WITHIN + 1, 100, 5000
SHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a zip (XLSX, ODS), a compound file (XLS)
TOO_LARGE = "The spreadsheet is too large; at most %(rows)s rows and %(mb)s MB are read"
UNREADABLE = "The file can't be read as a spreadsheet; save it as XLSX, ODS or CSV"


def rows(field: Field, content: bytes) -> lists.Table:
    """The rows for a list; what is wrong in a cell, `engine.form` says. Raises Bad for what is no such table."""
    if not content.startswith(SHEETS):
        return lists.pasted(field, _decoded(content))
    return lists.rows(field, matrix(content))


def matrix(content: bytes) -> list[list[str]]:
    """The cells of the first sheet that has any, read in a process of its own. Raises Bad."""
    if len(content) > MOST_BYTES or _unfolded(content) > UNFOLDED:
        raise _too_large()
    around = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # and none of our secrets
    command = [sys.executable, "-m", "siskop.files.sheets"]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, env=around, check=False)
    except subprocess.TimeoutExpired:
        raise _too_large() from None
    if child.returncode:
        raise Bad(UNREADABLE) if child.returncode == NO_SHEET else _too_large()
    found: list[list[str]] = json.loads(child.stdout)
    if len(found) == MOST_ROWS:
        raise _too_large()
    return found


def _too_large() -> Bad:
    return Bad(TOO_LARGE, rows=lists.MOST_ROWS, mb=MOST_BYTES // MEGABYTE)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise _too_large()
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Bad(UNREADABLE)


def _unfolded(content: bytes) -> int:
    """In bytes, by what a zip says of itself."""
    if not content.startswith(b"PK"):
        return len(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Bad(UNREADABLE) from None


# -- in the process that reads


def _cells(content: bytes) -> Iterator[list[str]]:
    from python_calamine import CalamineWorkbook  # only this process meets what people hand in

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
    sheet = next((sheet for sheet in sheets if sheet.height), None)
    for row in sheet.iter_rows() if sheet else ():
        cells = [_written(cell)[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]]
        if any(cells):
            yield cells


def _written(cell: Any) -> str:
    """As somebody would type it here: a day as 2026-12-21, a number with a comma.

    Programs keep 15 digits of a number: a longer one typed into a cell has lost its end, so it is not shown as digits.
    """
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, int | float):
        number = float(cell)
        return f"{number:.4E}" if abs(number) >= 10**DIGITS else written_out(float(f"{number:.{DIGITS}g}"))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return str(cell)[:16] if isinstance(cell, date) else str(cell)[:5]
    return str(cell).strip()


def _main() -> int:
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    try:
        found = list(islice(_cells(sys.stdin.buffer.read()), MOST_ROWS))
    except MemoryError:
        raise
    except Exception:  # whatever the library says of what is no spreadsheet
        return NO_SHEET
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
