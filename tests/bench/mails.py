"""From "sent" to "checks begin" with 100,000 mails of a campaign waiting, against the same with none."""

from __future__ import annotations

import time
from statistics import median

from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.mail import outbox
from tests.bench.stage import ROUNDS, Stage, inside, told
from tests.bench.wakeups import WARM, drafts, ours, ringing

EACH_ROUND = 4
MAILS = 100_000
MOST = 1.5
_WRITE = text("""
    WITH written AS (
      INSERT INTO siskop.mail (key, message_id, mail, account_id, address, language, subject, text, html, why,
        obligatory, priority)
      SELECT 'bench:' || n, '<' || n || '@bench.example>', 'bench', a.id, 'p' || n || '@bench.example', 'id', 'Halo',
        'Isi', '<p>Isi</p>', '', true, :priority
      FROM generate_series(1, :n) n, (SELECT min(id) AS id FROM siskop.account) a RETURNING id
    )
    INSERT INTO siskop.job (queue, kind, key, payload, priority, due_at)
    SELECT 'mail', 'deliver', 'deliver:' || id, jsonb_build_object('mail', id), :priority, siskop.now() FROM written
""")
_WAIT = text("SELECT count(*) FROM siskop.job WHERE queue = 'mail' AND status = 'waiting'")


def main(stage: Stage) -> bool:
    """Prints; whether the bound holds. The mails are being sent all the while."""
    n = ROUNDS * EACH_ROUND
    with stage.world() as world, inside(world):
        sendings = drafts(WARM + 2 * n)
        with ringing(world) as rung, world.worker():
            calm = [ours(number, who, rung) for number, who in sendings[: WARM + n]][WARM:]
            with unit_of_work() as tx:
                tx.execute(_WRITE, {"n": MAILS, "priority": outbox.CAMPAIGN})
            time.sleep(6)  # a tick: the worker is at it
            busy = [ours(number, who, rung) for number, who in sendings[WARM + n :]]
            with unit_of_work() as tx:
                waiting = tx.execute(_WAIT).scalar_one()
    found = [b / median(calm) for b in busy]
    print(told(f"checks begin with {waiting:,} mails waiting, times with none", found, f"at most {MOST}"), flush=True)
    print(f"  {median(calm) * 1000:.1f} ms with none, {median(busy) * 1000:.1f} ms beside them", flush=True)
    return median(found) <= MOST and waiting > MAILS / 2
