-- What holds a reminder, what it did, and what officers are to do.

ALTER TABLE siskop.record ADD imported_on date;  -- the day on which it came in from a list; none = by its own people
ALTER TABLE siskop.reminder
  ADD held_since date,                         -- the first run that found it held, while it is
  ADD held_days integer NOT NULL DEFAULT 0;    -- of earlier holds of this opening: they push later rungs
ALTER TABLE siskop.reminder_rung
  ADD outcome text NOT NULL DEFAULT 'sent' CHECK (outcome IN ('sent', 'passed')),
  ADD by bigint REFERENCES siskop.account;     -- who sent it before its day
CREATE INDEX reminder_record ON siskop.reminder (record_id);
CREATE INDEX reminder_rung_day ON siskop.reminder_rung (day);

CREATE TABLE siskop.reminder_hold (            -- by an officer
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,
  record_id bigint NOT NULL REFERENCES siskop.record,
  cause text,                                  -- paused: for this one only; none = excluded, whatever the cause
  until_on date,                               -- last day, inclusive; none = for good
  reason text NOT NULL,
  by bigint NOT NULL REFERENCES siskop.account,
  at timestamptz NOT NULL DEFAULT siskop.now(),
  ended_at timestamptz,
  ended_by bigint REFERENCES siskop.account,
  CHECK (cause IS NULL OR until_on IS NOT NULL),
  CHECK (num_nulls(ended_at, ended_by) IN (0, 2))
);
CREATE INDEX reminder_hold_open ON siskop.reminder_hold (rule, record_id) WHERE ended_at IS NULL;

CREATE TABLE siskop.task (                     -- what somebody of the office is to do beside reviewing
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,                    -- of what caused it: never twice
  label jsonb NOT NULL,                        -- {id, en}, like body and whatsapp
  body jsonb NOT NULL,
  whatsapp jsonb,                              -- a message for the officer's own device
  phone text,                                  -- E.164: to whom
  record_id bigint NOT NULL REFERENCES siskop.record,
  submission_id bigint REFERENCES siskop.submission,
  role text,                                   -- whose it is; none = everybody of the office
  area text,                                   -- they cover it; '' = unknown, so only who covers all; none = any
  due_on date,
  opened_at timestamptz NOT NULL DEFAULT siskop.now(),
  done_at timestamptz,
  done_by bigint REFERENCES siskop.account,
  note text,
  CHECK (num_nulls(done_at, done_by, note) IN (0, 3))
);
CREATE INDEX task_open ON siskop.task (role, due_on) WHERE done_at IS NULL;
CREATE INDEX task_record ON siskop.task (record_id);
CREATE INDEX task_submission ON siskop.task (submission_id) WHERE submission_id IS NOT NULL;
CREATE TABLE siskop.task_press (               -- the message was opened: what became of it nobody knows
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id bigint NOT NULL REFERENCES siskop.task,
  at timestamptz NOT NULL DEFAULT siskop.now(),
  by bigint NOT NULL REFERENCES siskop.account
);
CREATE INDEX task_press_task ON siskop.task_press (task_id);
CREATE TRIGGER task_press_append_only BEFORE UPDATE OR DELETE ON siskop.task_press FOR EACH ROW EXECUTE FUNCTION siskop.refuse_change();
CREATE TRIGGER task_press_not_emptied BEFORE TRUNCATE ON siskop.task_press FOR EACH STATEMENT EXECUTE FUNCTION siskop.refuse_change();

GRANT SELECT ON siskop.reminder_hold, siskop.task, siskop.task_press TO {app};
GRANT INSERT ON siskop.reminder_hold, siskop.task, siskop.task_press TO {app};
GRANT UPDATE (until_on, ended_at, ended_by) ON siskop.reminder_hold TO {app};
GRANT UPDATE (done_at, done_by, note) ON siskop.task TO {app};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA siskop TO {app};
