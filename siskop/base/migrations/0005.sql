-- Mails that are gathered, switched off, returned.

ALTER TABLE siskop.mail DROP CONSTRAINT mail_status_check,
  ADD CONSTRAINT mail_status_check CHECK (status IN ('due', 'claimed', 'handing_over', 'accepted', 'refused', 'uncertain', 'gathered', 'dropped')),
  ADD COLUMN parts jsonb NOT NULL DEFAULT '{}',  -- body, button, link, why: its words before they were laid out
  ADD COLUMN gather boolean NOT NULL DEFAULT false,
  ADD COLUMN pending text NOT NULL DEFAULT '',   -- what must still be open when it is handed over: task, correction
  ADD COLUMN priority integer NOT NULL DEFAULT 5,
  ADD COLUMN gathered_in bigint REFERENCES siskop.mail,
  ADD COLUMN bounced_at timestamptz,           -- it was accepted, and came back for good
  ADD CHECK ((status = 'gathered') = (gathered_in IS NOT NULL)),
  ADD CHECK (NOT (gather AND obligatory));
CREATE INDEX mail_account ON siskop.mail (account_id, id);
CREATE INDEX mail_gather ON siskop.mail (account_id) WHERE gather AND status = 'due';
CREATE TABLE siskop.mail_switch (              -- kinds of mails that somebody does not want
  account_id bigint NOT NULL REFERENCES siskop.account,
  mail text NOT NULL,
  at timestamptz NOT NULL DEFAULT siskop.now(),
  PRIMARY KEY (account_id, mail)
);
CREATE TABLE siskop.mail_bounce (              -- a report of a mail server; whose digest is here was read before
  digest text PRIMARY KEY,
  mail_id bigint NOT NULL REFERENCES siskop.mail,
  hard boolean NOT NULL,
  status text NOT NULL,                        -- RFC 3463: 5.1.1
  said text NOT NULL,
  at timestamptz NOT NULL DEFAULT siskop.now()
);
CREATE INDEX mail_bounce_mail ON siskop.mail_bounce (mail_id);
CREATE TABLE siskop.mail_rate (                -- of lists/mail-rates.csv, and when the next one may go there
  domain text PRIMARY KEY,
  per_minute integer NOT NULL CHECK (per_minute > 0),
  next_at timestamptz NOT NULL DEFAULT siskop.now()
);
DROP INDEX siskop.job_due;                     -- with the id, so that many of one moment are not sorted for each claim
CREATE INDEX job_due ON siskop.job (queue, priority, due_at, id) WHERE status = 'waiting';
ALTER TABLE siskop.account ADD COLUMN mail_good_at timestamptz;  -- when its owner said that the address is right
GRANT SELECT ON siskop.mail_switch, siskop.mail_bounce, siskop.mail_rate TO {app};
GRANT INSERT ON siskop.mail_switch, siskop.mail_bounce, siskop.mail_rate TO {app};
GRANT UPDATE ON siskop.mail_rate TO {app};
GRANT DELETE ON siskop.mail_switch, siskop.mail_rate TO {app};
