"""What is wrong and what to do about it, in plain words: `siskop doctor`, and a page for the office."""

from __future__ import annotations

import shutil
import smtplib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siskop.base import db, migrations
from siskop.base.db import public_reading, settings, unit_of_work
from siskop.base.i18n import JAKARTA, N_
from siskop.base.i18n import gettext as _
from siskop.files import store
from siskop.jobs import kinds, overview, periods, workers
from siskop.jobs.queue import QUEUES
from siskop.pipeline import broker
from siskop.submissions import definitions

SECONDS = 60
UNCERTAIN_DAYS = 7
NEXT_YEAR_FROM = 11  # the joint decree on holidays comes out in autumn
FREE_BYTES, FREE_SHARE = 1_000_000_000, 0.05
CLOCK_SECONDS = 5
FEWEST_CHARACTERS = 12  # different ones, of a secret's 32 or more
NEAR = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """`tone`: good, bad, or info where it is only told; `advice` is empty when there is nothing to do."""

    about: str
    tone: str
    says: str
    advice: str


class Wrong(Exception):
    """What is wrong, or has to be told, and what to do."""

    def __init__(self, says: str, advice: str, tone: str = "bad") -> None:
        self.finding = tone, says, advice


def examine() -> list[Finding]:
    """Within an app context; in the reader's language."""
    return [Finding(_(about), *_looked(look)) for about, look in CHECKS.items()]


def _looked(look: Callable[[], str]) -> tuple[str, str, str]:
    try:
        return "good", look(), ""
    except Wrong as wrong:
        return wrong.finding
    except (SQLAlchemyError, LookupError) as error:
        why = str(getattr(error, "orig", error)).partition("\n")[0]
        return "bad", _("This could not be found out: %(why)s", why=why), _("First see to the database and its schema.")


def _one(query: str, **values: Any) -> Any:
    with unit_of_work() as tx:
        return tx.execute(text(query), values).scalar()


def _database() -> str:
    return _("PostgreSQL %(version)s answers.", version=_one("SHOW server_version"))


def _schema() -> str:
    newest, known = migrations.newest(), _one("SELECT to_regclass('siskop.worker') IS NOT NULL")
    if not known or (at := _one("SELECT version_num FROM alembic_version")) != newest:
        raise Wrong(
            _("The schema is not that of this Siskop (%(newest)s).", newest=newest),
            _("Run `siskop database migrate` as the owner, then restart web and worker."),
        )
    return _("The schema is the newest (%(at)s).", at=at)


_OWNED = """
    SELECT count(*) FROM pg_class c WHERE relnamespace IN (to_regnamespace('siskop'), to_regnamespace('register'))
    AND pg_has_role(relowner, 'MEMBER')
"""
_TOO_MUCH = """
    SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm') AND (
      nspname = 'siskop' AND has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE')
      OR nspname = 'register' AND has_any_column_privilege(c.oid, 'INSERT, UPDATE')
      OR nspname IN ('siskop', 'register') AND has_table_privilege(c.oid, 'DELETE, TRUNCATE'))
"""


def _app_role() -> str:
    if _one(_OWNED):
        raise Wrong(
            _("The role of DATABASE_URL owns the tables: nothing keeps it from changing what was written."),
            _("Give DATABASE_URL a role of its own that owns nothing; only DATABASE_OWNER_URL names the owner."),
        )
    return _("The app's role owns nothing.")


def _public_role() -> str:
    with public_reading() as tx:
        too_much = tx.execute(text(_TOO_MUCH)).scalar()
        tx.execute(text("SELECT 1 FROM register.entry LIMIT 1"))
    if too_much:
        raise Wrong(
            _("The public role may do more than read the register: %(tables)s.", tables=too_much),
            _("Take those rights from the role of DATABASE_PUBLIC_URL; public pages must not reach them."),
        )
    return _("The public role reads the register and nothing else.")


def _redis() -> str:
    if not broker.answers(settings().redis_url):
        raise Wrong(
            _("Redis does not answer. Nothing is lost, but nobody wakes the workers."),
            _("Start it, or correct REDIS_URL."),
        )
    return _("Redis answers.")


def _mail_server() -> str:
    url = urlsplit(settings().mail_url)
    speak, port = (smtplib.SMTP_SSL, 465) if url.scheme == "smtps" else (smtplib.SMTP, 25)
    try:
        with speak(url.hostname or "localhost", url.port or port, timeout=5) as smtp:
            smtp.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise Wrong(
            _("The mail server %(host)s does not answer: %(why)s", host=url.hostname, why=error),
            _("Mails wait and are tried for 72 hours. Start it, or correct MAIL_URL."),
        ) from error
    return _("The mail server %(host)s answers.", host=url.hostname)


def _worker() -> str:
    with unit_of_work() as tx:
        seen = [worker for worker in workers.seen(tx) if worker.seconds <= SECONDS]
        unheard = workers.unheard(tx)
    left = [queue for queue in QUEUES if not any(queue in worker.queues for worker in seen)]
    if left or unheard:
        says = _("Nobody looked at these queues for a minute: %(queues)s.", queues=", ".join(left))
        raise Wrong(
            says if left else _("%(n)s jobs are due and nobody takes them.", n=unheard),
            _("Start `celery -A worker worker` for them, or restart it; beat and Redis must run too."),
        )
    return _("At work: %(workers)s.", workers=", ".join(worker.name for worker in seen))


def _beat() -> str:
    """Ten minutes after midnight the new day must be open."""
    with unit_of_work() as tx:
        last, day = periods.last(tx, "day"), (db.now(tx) - timedelta(minutes=10)).astimezone(JAKARTA).date()
    if last is None or last < day:
        raise Wrong(
            _("The day has not begun; the last that did: %(day)s. No reminders go out.", day=last or "–"),
            _("Start `celery -A worker beat` beside a worker of the queue `timers`."),
        )
    return _("The day has begun.")


def _dead_jobs() -> str:
    with unit_of_work() as tx:
        dead = overview.dead_kinds(tx)
    if dead:
        raise Wrong(
            _("Failed for good: %(kinds)s.", kinds=", ".join(f"{kinds.label(kind)} ({n})" for kind, n in dead)),
            _("See why at /kantor/pekerjaan or with `siskop jobs`; then take them up again or put them aside."),
        )
    return _("No job has failed for good.")


def _uncertain_mails() -> str:
    recent = "ended_at > siskop.now() - make_interval(days => :days)"
    count = _one(f"SELECT count(*) FROM siskop.mail WHERE status = 'uncertain' AND {recent}", days=UNCERTAIN_DAYS)  # noqa: S608
    if count:
        raise Wrong(
            _("Of %(n)s mails of the last days nobody knows whether they arrived.", n=count),
            _("The process ended while it handed them over. Ask those readers, or the mail server's log."),
        )
    return _("Of every mail it is known what became of it.")


def _holidays() -> str:
    with unit_of_work() as tx:
        day, known = db.today(tx), {day.year for day in definitions.library(tx).calendar.holidays}
    needed = [day.year, day.year + 1] if day.month >= NEXT_YEAR_FROM else [day.year]
    if missing := ", ".join(str(year) for year in needed if year not in known):
        raise Wrong(
            _("No holiday of %(years)s is known: such days would count as working days.", years=missing),
            _("Add them to lists/holidays.csv from the joint decree, then run `siskop workflow load`."),
        )
    return _("The holidays of %(years)s are known.", years=", ".join(map(str, needed)))


def _definitions() -> str:
    with unit_of_work() as tx:
        other = definitions.differing(tx, settings().workflows)
    if other:
        raise Wrong(
            _("What is in force is not what the folder holds: %(files)s.", files=", ".join(other[:5])),
            _("Run `siskop workflow check`, then `siskop workflow load`, or set SISKOP_WORKFLOWS."),
        )
    return _("What is in force is what the folder holds.")


def _files() -> str:
    folder = settings().files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as tried:
            tried.write(b"x")
    except OSError as error:
        raise Wrong(
            _("Files can't be written to %(folder)s: %(why)s", folder=folder, why=error.strerror),
            _("Give web and worker the right to write there, or correct SISKOP_FILES."),
        ) from error
    newest = _one("SELECT sha256 FROM siskop.file ORDER BY id DESC LIMIT 1")
    if newest and not store.path(newest).exists():
        raise Wrong(
            _("%(folder)s does not hold the file that was handed in last.", folder=folder),
            _("Mount the folder that holds the others, or bring it back from the backup."),
        )
    return _("Files are kept in %(folder)s.", folder=folder)


def _disk() -> str:
    free = {}
    for folder in (settings().files, settings().var):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        usage = shutil.disk_usage(there)
        free[folder] = usage.free
        if usage.free < FREE_BYTES or usage.free < usage.total * FREE_SHARE:
            raise Wrong(
                _("Only %(mb)s MB are free for %(folder)s.", mb=usage.free // 1_000_000, folder=folder),
                _("Make room, or give it a larger disk; without room nothing can be written."),
            )
    return _("%(gb)s GB are free.", gb=min(free.values()) // 1_000_000_000)


def _clock() -> str:
    before = time.time()
    there, shift = float(_one("SELECT EXTRACT(epoch FROM clock_timestamp())")), _one("SELECT shift FROM siskop.clock")
    apart = there - (before + time.time()) / 2
    if abs(apart) > CLOCK_SECONDS:
        raise Wrong(
            _("The clocks of this machine and of the database are %(n)s seconds apart.", n=round(abs(apart))),
            _("Let both keep time by NTP. What counts is the database's."),
        )
    if shift and not settings().demo:
        raise Wrong(
            _("The database's clock was moved by %(shift)s.", shift=shift),
            _("That is for demos and tests: empty the table siskop.clock as the owner."),
        )
    return _("Both clocks agree.")


def _time_zone() -> str:
    there = _one("SELECT (timestamptz '2026-07-01 00:00+00' AT TIME ZONE 'Asia/Jakarta')::text")
    if there != "2026-07-01 07:00:00":
        raise Wrong(
            _("The database takes Asia/Jakarta for another time zone."), _("Renew the time zone data of its machine.")
        )
    return _("Days begin at midnight in Jakarta, whatever the zone of this machine (%(zone)s).", zone=time.tzname[0])


def _secret() -> str:
    if len(set(settings().secret_key)) < FEWEST_CHARACTERS:
        raise Wrong(
            _("SECRET_KEY can be guessed: it has few different characters."),
            _("Take random ones, as `openssl rand -base64 48` makes them. Everybody will have to sign in anew."),
        )
    return _("SECRET_KEY is long and varied.")


def _demo() -> str:
    on, host = settings().demo, urlsplit(settings().base_url).hostname
    if on and host not in NEAR:
        raise Wrong(
            _("Demo mode is on at %(host)s: accounts with known passwords may sign in.", host=host),
            _("Take SISKOP_DEMO out of the environment and restart web and worker."),
        )
    return _("Demo mode is on, on this machine only.") if on else _("Demo mode is off.")


def _backups() -> str:
    raise Wrong(
        _("Siskop makes none and cannot see yours."),
        _("Back up the database and %(folder)s, and try the way back.", folder=settings().files),
        "info",
    )


CHECKS: Mapping[str, Callable[[], str]] = {
    N_("Database"): _database,
    N_("Schema"): _schema,
    N_("Role of the app"): _app_role,
    N_("Public role"): _public_role,
    N_("Redis"): _redis,
    N_("Mail server"): _mail_server,
    N_("Workers"): _worker,
    N_("Beat"): _beat,
    N_("Failed jobs"): _dead_jobs,
    N_("Uncertain mails"): _uncertain_mails,
    N_("Holidays"): _holidays,
    N_("Definitions"): _definitions,
    N_("Files"): _files,
    N_("Disk"): _disk,
    N_("Clock"): _clock,
    N_("Time zone"): _time_zone,
    N_("Secret"): _secret,
    N_("Demo mode"): _demo,
    N_("Backups"): _backups,
}
