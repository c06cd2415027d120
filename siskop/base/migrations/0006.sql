-- Which worker really works, periods longer than a day, and dead jobs that somebody has looked at.

CREATE TABLE siskop.worker (                   -- a process, by what it did; whether it exists is not asked
  name text PRIMARY KEY,                       -- host:process
  queues text[] NOT NULL,                      -- those at which it was seen looking
  seen_at timestamptz NOT NULL,                -- it last looked at one of them
  claimed_at timestamptz                       -- it last took a job
);

ALTER TABLE siskop.period ADD COLUMN span text NOT NULL DEFAULT 'day' CHECK (span IN ('day', 'week', 'year')),
  ADD CHECK (day = date_trunc(span, day::timestamp)::date),  -- a week is its Monday, a year its first day
  DROP CONSTRAINT period_pkey, ADD PRIMARY KEY (kind, span, day);

ALTER TABLE siskop.job DROP CONSTRAINT job_status_check,
  ADD CONSTRAINT job_status_check CHECK (status IN ('waiting', 'running', 'done', 'dead', 'buried')),
  ADD COLUMN buried_by bigint REFERENCES siskop.account;     -- nothing: by hand on the server
CREATE INDEX job_dead ON siskop.job (kind) WHERE status = 'dead';
CREATE VIEW siskop.job_seen AS SELECT *,       -- failed: will be tried again
  CASE WHEN status = 'waiting' AND (errors > 0 OR deaths > 0) THEN 'failed' ELSE status END AS seen
FROM siskop.job;

GRANT SELECT ON siskop.job_seen TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON siskop.worker TO {app};
GRANT SELECT ON alembic_version TO {app};      -- whether the schema is the newest
