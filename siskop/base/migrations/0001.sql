-- The schema of the spine. {app} and {public} are replaced by the quoted names of the two roles that are not the owner.


CREATE SCHEMA siskop;
CREATE SCHEMA register;
GRANT USAGE ON SCHEMA siskop TO {app};
GRANT USAGE ON SCHEMA register TO {app}, {public};

-- ------------------------------------------------------------------ the clock
-- No row in production. Databases made by seed and tests hold one, so that a past can be written and a year can pass.
CREATE TABLE siskop.clock (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  shift interval NOT NULL DEFAULT '0'
);
CREATE FUNCTION siskop.now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT clock_timestamp() + COALESCE((SELECT shift FROM siskop.clock), '0'::interval) $$;
CREATE FUNCTION siskop.today() RETURNS date LANGUAGE sql VOLATILE AS
$$ SELECT (siskop.now() AT TIME ZONE 'Asia/Jakarta')::date $$;
CREATE FUNCTION register.now() RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = siskop AS
$$ SELECT siskop.now() $$;

CREATE FUNCTION siskop.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused: %.% is append-only (%)', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP; END $$;

-- ------------------------------------------------------------------ definitions
CREATE TABLE siskop.definition_set (          -- one loaded folder: every file's text, as data
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text NOT NULL,                        -- sha256 over paths and texts
  files jsonb NOT NULL,                        -- {path: text}
  loaded_at timestamptz NOT NULL DEFAULT siskop.now()
);
CREATE TABLE siskop.workflow_version (         -- a behaviour, and the set that first had it
  workflow text NOT NULL,
  behaviour text NOT NULL,
  set_id bigint NOT NULL REFERENCES siskop.definition_set,
  PRIMARY KEY (workflow, behaviour)
);
CREATE TABLE siskop.workflow_state (
  workflow text NOT NULL,
  behaviour text NOT NULL,
  state text NOT NULL,
  final boolean NOT NULL,
  PRIMARY KEY (workflow, behaviour, state),
  FOREIGN KEY (workflow, behaviour) REFERENCES siskop.workflow_version
);

-- ------------------------------------------------------------------ people
CREATE TABLE siskop.account (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  password text,
  active boolean NOT NULL DEFAULT true,
  demo boolean NOT NULL DEFAULT false,         -- may sign in only in demo mode
  fs_uniquifier text NOT NULL UNIQUE,
  confirmed_at timestamptz,
  language text NOT NULL DEFAULT 'id' CHECK (language IN ('id', 'en')),
  mail_bad_since timestamptz,                  -- hard bounces; no mail goes there until it is cleared
  created_at timestamptz NOT NULL DEFAULT siskop.now()
);
CREATE TABLE siskop.session (
  digest text PRIMARY KEY,                     -- sha256 of the cookie's token
  account_id bigint REFERENCES siskop.account ON DELETE CASCADE,
  data jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT siskop.now(),
  seen_at timestamptz NOT NULL DEFAULT siskop.now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_expires ON siskop.session (expires_at);
CREATE INDEX session_account ON siskop.session (account_id);
CREATE TABLE siskop.sign_in_attempt (          -- keys are digests of address or network, never the thing itself
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  at timestamptz NOT NULL DEFAULT siskop.now()
);
CREATE INDEX sign_in_attempt_key ON siskop.sign_in_attempt (key, at);
CREATE TABLE siskop.role_grant (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES siskop.account,
  role text NOT NULL,
  area text NOT NULL DEFAULT '',               -- every code that begins with it; '' = all
  from_on date NOT NULL DEFAULT siskop.today(),
  until_on date,                               -- last day, inclusive
  UNIQUE (account_id, role, area, from_on)
);
CREATE INDEX role_grant_role ON siskop.role_grant (role);
CREATE TABLE siskop.deputy (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES siskop.account,   -- the principal
  deputy_id bigint NOT NULL REFERENCES siskop.account,
  from_on date NOT NULL,
  until_on date NOT NULL,
  CHECK (account_id <> deputy_id)
);
CREATE TABLE siskop.answered (                 -- the same form posted twice gets the first answer
  account_id bigint NOT NULL REFERENCES siskop.account,
  key text NOT NULL,
  payload text NOT NULL,                       -- sha256 of what was posted
  answer jsonb NOT NULL,                       -- {status, location, notice}
  at timestamptz NOT NULL DEFAULT siskop.now(),
  PRIMARY KEY (account_id, key)
);

-- ------------------------------------------------------------------ files and records
CREATE TABLE siskop.file (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256 text NOT NULL,
  type text NOT NULL,                          -- media type found in the content
  size bigint NOT NULL,
  name text NOT NULL,                          -- shown only; never a path
  holder bigint NOT NULL REFERENCES siskop.account,
  record_id bigint,
  created_at timestamptz NOT NULL DEFAULT siskop.now()
);
CREATE INDEX file_sha256 ON siskop.file (sha256);
CREATE TABLE siskop.record (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  slug text,
  version integer NOT NULL DEFAULT 0,
  parent bigint REFERENCES siskop.record,
  period text,
  title text NOT NULL DEFAULT '',              -- of the last revision sent or published: what lists show
  folded text NOT NULL DEFAULT '',             -- the title without case, accents, legal form: for likely duplicates
  area text,
  key_value text,
  created_by bigint REFERENCES siskop.account,
  created_at timestamptz NOT NULL DEFAULT siskop.now(),
  UNIQUE (kind, slug),
  UNIQUE (kind, parent, period)
);
CREATE INDEX record_folded ON siskop.record (kind, folded);
CREATE INDEX record_area ON siskop.record (kind, area);
ALTER TABLE siskop.file ADD FOREIGN KEY (record_id) REFERENCES siskop.record;
CREATE TABLE siskop.membership (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES siskop.account,
  record_id bigint NOT NULL REFERENCES siskop.record,
  status text NOT NULL CHECK (status IN ('claimed', 'accepted', 'ended')),
  proof_file bigint REFERENCES siskop.file,
  claimed_at timestamptz NOT NULL DEFAULT siskop.now(),
  accepted_at timestamptz,
  ended_at timestamptz
);
CREATE UNIQUE INDEX membership_live ON siskop.membership (account_id, record_id) WHERE status <> 'ended';
CREATE INDEX membership_record ON siskop.membership (record_id);

-- ------------------------------------------------------------------ submissions
CREATE SEQUENCE siskop.submission_number;
CREATE TABLE siskop.submission (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  workflow text NOT NULL,
  behaviour text NOT NULL,
  record_id bigint NOT NULL REFERENCES siskop.record,
  state text NOT NULL,
  version integer NOT NULL,                    -- seq of the last event
  final boolean NOT NULL DEFAULT false,
  base_version integer NOT NULL,               -- version of the record it began from
  waits_for text,                              -- submitter, office, or nothing
  revision_id bigint,
  title text NOT NULL DEFAULT '',              -- what lists show; a copy from the answers
  area text,
  started_by bigint REFERENCES siskop.account,
  started_at timestamptz NOT NULL,
  sent_at timestamptz,                         -- last submit
  state_at timestamptz NOT NULL,
  due_on date                                  -- the office's deadline
);
CREATE UNIQUE INDEX submission_open ON siskop.submission (workflow, record_id) WHERE NOT final;
CREATE INDEX submission_record ON siskop.submission (record_id);
ALTER TABLE siskop.submission ADD CONSTRAINT submission_declared_state
  FOREIGN KEY (workflow, behaviour, state) REFERENCES siskop.workflow_state;

CREATE TABLE siskop.event (
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  seq integer NOT NULL CHECK (seq >= 1),
  at timestamptz NOT NULL,
  by bigint REFERENCES siskop.account,         -- nobody = the system
  type text NOT NULL,
  to_state text NOT NULL,
  body jsonb NOT NULL,
  prev bytea NOT NULL,
  hash bytea NOT NULL UNIQUE,
  PRIMARY KEY (submission_id, seq),
  UNIQUE (submission_id, seq, to_state)
);
ALTER TABLE siskop.submission ADD CONSTRAINT submission_state_has_its_event
  FOREIGN KEY (id, version, state) REFERENCES siskop.event (submission_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION siskop.event_hash(prev bytea, submission_id bigint, seq integer, at timestamptz, by bigint, type text, to_state text, body jsonb)
RETURNS bytea LANGUAGE sql STABLE AS
$$ SELECT sha256(prev || convert_to(concat_ws('|', submission_id, seq, (extract(epoch FROM at) * 1000000)::bigint, COALESCE(by::text, '-'), type, to_state, body::text), 'UTF8')) $$;

CREATE FUNCTION siskop.check_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before siskop.event;
BEGIN
  IF NEW.seq = 1 THEN
    IF NEW.type <> 'started' THEN RAISE EXCEPTION 'refused: a history begins with started, not %', NEW.type; END IF;
    IF NEW.prev IS NULL THEN NEW.prev := decode(repeat('00', 32), 'hex'); END IF;
    IF NEW.prev <> decode(repeat('00', 32), 'hex') THEN RAISE EXCEPTION 'refused: the first event has no event before it'; END IF;
  ELSE
    SELECT * INTO before FROM siskop.event WHERE submission_id = NEW.submission_id AND seq = NEW.seq - 1;
    IF NOT FOUND THEN RAISE EXCEPTION 'refused: event % of submission % has no event before it', NEW.seq, NEW.submission_id; END IF;
    IF NEW.prev IS NULL THEN NEW.prev := before.hash; END IF;
    IF NEW.prev <> before.hash THEN RAISE EXCEPTION 'refused: event % of submission % does not follow the one before it', NEW.seq, NEW.submission_id; END IF;
    IF NEW.at < before.at THEN RAISE EXCEPTION 'refused: event % of submission % is older than the one before it', NEW.seq, NEW.submission_id; END IF;
    IF NEW.type = 'moved' THEN
      IF NEW.body->>'from' IS DISTINCT FROM before.to_state OR NEW.body->>'to' IS DISTINCT FROM NEW.to_state THEN
        RAISE EXCEPTION 'refused: event % of submission % moves from % but the state is %', NEW.seq, NEW.submission_id, NEW.body->>'from', before.to_state;
      END IF;
    ELSIF NEW.to_state <> before.to_state THEN
      RAISE EXCEPTION 'refused: only a move changes the state (event % of submission %)', NEW.seq, NEW.submission_id;
    END IF;
  END IF;
  IF NEW.hash IS NOT NULL AND NEW.hash <> siskop.event_hash(NEW.prev, NEW.submission_id, NEW.seq, NEW.at, NEW."by", NEW.type, NEW.to_state, NEW.body) THEN
    RAISE EXCEPTION 'refused: the hash of event % of submission % is wrong', NEW.seq, NEW.submission_id;
  END IF;
  NEW.hash := siskop.event_hash(NEW.prev, NEW.submission_id, NEW.seq, NEW.at, NEW."by", NEW.type, NEW.to_state, NEW.body);
  RETURN NEW;
END $$;
CREATE FUNCTION siskop.check_event_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM siskop.submission WHERE id = NEW.submission_id AND version >= NEW.seq) THEN
    RAISE EXCEPTION 'refused: the state of submission % does not know of event %', NEW.submission_id, NEW.seq;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION siskop.refuse_going_back() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused: submission % goes back from event % to %', OLD.id, OLD.version, NEW.version; END $$;
CREATE TRIGGER submission_goes_forward BEFORE UPDATE ON siskop.submission FOR EACH ROW WHEN (NEW.version < OLD.version)
  EXECUTE FUNCTION siskop.refuse_going_back();
CREATE TRIGGER check_event BEFORE INSERT ON siskop.event FOR EACH ROW EXECUTE FUNCTION siskop.check_event();
CREATE CONSTRAINT TRIGGER event_counts AFTER INSERT ON siskop.event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION siskop.check_event_counts();
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON siskop.event FOR EACH ROW EXECUTE FUNCTION siskop.refuse_change();
CREATE TRIGGER event_not_emptied BEFORE TRUNCATE ON siskop.event FOR EACH STATEMENT EXECUTE FUNCTION siskop.refuse_change();

CREATE TABLE siskop.checkpoint (               -- signed each day: a cut tail shows
  day date PRIMARY KEY,
  at timestamptz NOT NULL,
  events bigint NOT NULL,
  root bytea NOT NULL,
  signature bytea NOT NULL
);

CREATE TABLE siskop.revision (                 -- the answers at one submit
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  number integer NOT NULL,
  digest text NOT NULL,                        -- salted
  authors bigint[] NOT NULL,
  by bigint REFERENCES siskop.account,
  at timestamptz NOT NULL,
  UNIQUE (submission_id, number)
);
CREATE TABLE siskop.revision_body (            -- erasable without touching the chain
  revision_id bigint PRIMARY KEY REFERENCES siskop.revision,
  answers jsonb NOT NULL,                      -- {field: value} of the form's fields, clean
  salt text NOT NULL
);
ALTER TABLE siskop.submission ADD FOREIGN KEY (revision_id) REFERENCES siskop.revision;
CREATE TABLE siskop.draft_value (              -- what was typed, field by field, right or wrong
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  field text NOT NULL,
  raw jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  by bigint REFERENCES siskop.account,         -- nobody = prefilled
  at timestamptz NOT NULL,
  PRIMARY KEY (submission_id, field)
);
CREATE TABLE siskop.words (                    -- what people wrote; events carry only id and digest
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  kind text NOT NULL CHECK (kind IN ('correction', 'answer', 'reason', 'comment', 'note')),  -- a note is internal
  by bigint REFERENCES siskop.account,
  at timestamptz NOT NULL,
  text text NOT NULL,
  salt text NOT NULL
);
CREATE INDEX words_submission ON siskop.words (submission_id);

CREATE TABLE siskop.step_run (
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  step text NOT NULL,
  round integer NOT NULL,
  self_service boolean NOT NULL DEFAULT false,
  opened_at timestamptz NOT NULL,
  due_on date,
  outcome text,
  ended_at timestamptz,
  evidence jsonb,                              -- what a check found
  answers jsonb,                               -- a step's own form
  PRIMARY KEY (submission_id, step, round)
);
CREATE TABLE siskop.work_item (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  submission_id bigint NOT NULL,
  step text NOT NULL,
  round integer NOT NULL,
  seat text NOT NULL,
  person bigint REFERENCES siskop.account,     -- nobody = offered
  role text,                                   -- offered to
  area text,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'withdrawn')),
  opened_at timestamptz NOT NULL,
  claimed_at timestamptz,
  due_on date,
  ended_at timestamptz,
  FOREIGN KEY (submission_id, step, round) REFERENCES siskop.step_run,
  UNIQUE (submission_id, step, round, seat)
);
CREATE INDEX work_item_person ON siskop.work_item (person, due_on) WHERE status = 'open';
CREATE INDEX work_item_offered ON siskop.work_item (role, due_on) WHERE status = 'open' AND person IS NULL;
CREATE TABLE siskop.vote (
  submission_id bigint NOT NULL,
  step text NOT NULL,
  round integer NOT NULL,
  person bigint NOT NULL REFERENCES siskop.account,
  seat_of text NOT NULL,                       -- the seat
  principal bigint NOT NULL REFERENCES siskop.account,
  ballot text NOT NULL CHECK (ballot IN ('for', 'against', 'abstain')),
  at timestamptz NOT NULL,
  PRIMARY KEY (submission_id, step, round, person),
  UNIQUE (submission_id, step, round, seat_of),
  FOREIGN KEY (submission_id, step, round) REFERENCES siskop.step_run
);
CREATE FUNCTION siskop.check_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE run siskop.step_run; sub siskop.submission;
BEGIN
  SELECT * INTO run FROM siskop.step_run WHERE submission_id = NEW.submission_id AND step = NEW.step AND round = NEW.round;
  SELECT * INTO sub FROM siskop.submission WHERE id = NEW.submission_id;
  IF NOT EXISTS (SELECT FROM siskop.work_item w WHERE w.submission_id = NEW.submission_id AND w.step = NEW.step AND w.round = NEW.round
                 AND w.seat = NEW.seat_of AND (w.person IS NULL OR w.person IN (NEW.person, NEW.principal))) THEN
    RAISE EXCEPTION 'refused: a vote from outside the panel';
  END IF;
  IF NOT run.self_service THEN
    IF sub.started_by IN (NEW.person, NEW.principal)
       OR EXISTS (SELECT FROM siskop.revision r WHERE r.submission_id = NEW.submission_id AND (r.by IN (NEW.person, NEW.principal) OR r.authors && ARRAY[NEW.person, NEW.principal])) THEN
      RAISE EXCEPTION 'refused: a vote by the author';
    END IF;
    IF EXISTS (SELECT FROM siskop.membership m WHERE m.record_id = sub.record_id AND m.status <> 'ended' AND m.account_id IN (NEW.person, NEW.principal)) THEN
      RAISE EXCEPTION 'refused: a vote by somebody who acts for the record';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_vote BEFORE INSERT ON siskop.vote FOR EACH ROW EXECUTE FUNCTION siskop.check_vote();

CREATE TABLE siskop.correction (               -- a projection; its events are the truth
  submission_id bigint NOT NULL REFERENCES siskop.submission,
  id integer NOT NULL,                         -- 1, 2, … in its submission
  field text NOT NULL,
  step text NOT NULL,
  round integer NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'answered', 'accepted', 'cancelled')),
  asked_by bigint REFERENCES siskop.account,
  asked_at timestamptz NOT NULL,
  words_id bigint REFERENCES siskop.words,
  answer_words_id bigint REFERENCES siskop.words,
  sent boolean NOT NULL DEFAULT false,         -- the submitter has seen it (after the return)
  PRIMARY KEY (submission_id, id)
);

-- ------------------------------------------------------------------ versions of records
CREATE TABLE siskop.record_version (
  record_id bigint NOT NULL REFERENCES siskop.record,
  number integer NOT NULL CHECK (number >= 1),
  revision_id bigint NOT NULL UNIQUE REFERENCES siskop.revision,
  based_on integer NOT NULL CHECK (based_on = number - 1),
  digest text NOT NULL,
  changed text[] NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (record_id, number),
  UNIQUE (record_id, based_on)
);
CREATE TABLE siskop.record_body (
  record_id bigint NOT NULL,
  number integer NOT NULL,
  data jsonb NOT NULL,
  salt text NOT NULL,
  PRIMARY KEY (record_id, number),
  FOREIGN KEY (record_id, number) REFERENCES siskop.record_version
);

-- ------------------------------------------------------------------ jobs
CREATE TABLE siskop.job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  priority integer NOT NULL DEFAULT 5,         -- lower first
  due_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'running', 'done', 'dead')),
  attempt integer NOT NULL DEFAULT 0,          -- the fencing token
  errors integer NOT NULL DEFAULT 0,           -- in a row; a finish forgets them
  deaths integer NOT NULL DEFAULT 0,           -- leases that ran out, in a row
  lease_until timestamptz,
  worker text,
  again_at timestamptz,                        -- asked for once more while running
  error text,
  correlation text,
  created_at timestamptz NOT NULL DEFAULT siskop.now(),
  started_at timestamptz,
  finished_at timestamptz
);
CREATE UNIQUE INDEX job_live ON siskop.job (key) WHERE status IN ('waiting', 'running');
CREATE INDEX job_due ON siskop.job (queue, priority, due_at) WHERE status = 'waiting';
CREATE INDEX job_leased ON siskop.job (lease_until) WHERE status = 'running';
CREATE TABLE siskop.period (                   -- one row per day and kind: two beats are harmless
  kind text NOT NULL,
  day date NOT NULL,
  at timestamptz NOT NULL DEFAULT siskop.now(),
  PRIMARY KEY (kind, day)
);

-- ------------------------------------------------------------------ mail and reminders
CREATE TABLE siskop.mail (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  message_id text NOT NULL UNIQUE,
  mail text NOT NULL,                          -- which of workflows/mails
  account_id bigint REFERENCES siskop.account,
  address text NOT NULL,
  language text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  html text NOT NULL,
  why text NOT NULL,
  obligatory boolean NOT NULL,
  submission_id bigint REFERENCES siskop.submission,
  record_id bigint REFERENCES siskop.record,
  status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'claimed', 'handing_over', 'accepted', 'refused', 'uncertain')),
  attempts integer NOT NULL DEFAULT 0,
  uncertain_count integer NOT NULL DEFAULT 0,  -- how often the process died between the server's yes and our commit
  answer text,                                 -- the server's last words
  correlation text,
  created_at timestamptz NOT NULL DEFAULT siskop.now(),
  handed_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX mail_submission ON siskop.mail (submission_id);
CREATE INDEX mail_record ON siskop.mail (record_id);
CREATE TABLE siskop.reminder (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,
  record_id bigint NOT NULL REFERENCES siskop.record,
  cause text NOT NULL,
  opened_on date NOT NULL,
  ended_on date,
  why jsonb NOT NULL DEFAULT '{}',
  UNIQUE (rule, record_id, cause)
);
CREATE INDEX reminder_open ON siskop.reminder (rule, record_id) WHERE ended_on IS NULL;
CREATE TABLE siskop.reminder_rung (
  reminder_id bigint NOT NULL REFERENCES siskop.reminder,
  rung integer NOT NULL,
  at timestamptz NOT NULL,
  day date NOT NULL,
  PRIMARY KEY (reminder_id, rung)
);

-- ------------------------------------------------------------------ the public register
CREATE TABLE register.public_key (             -- written by the loader, as owner
  kind text NOT NULL,
  path text NOT NULL,                          -- field, or list.field
  PRIMARY KEY (kind, path)
);
CREATE TABLE register.entry (
  record_id bigint PRIMARY KEY REFERENCES siskop.record,
  kind text NOT NULL,
  slug text NOT NULL,
  title text NOT NULL,
  sort_key text NOT NULL,                      -- folded title
  area text,
  facets jsonb NOT NULL,                       -- {field: code or [codes]}, badges as {badge: case}
  badges jsonb NOT NULL,                       -- {badge: {case: n, values: {public field: value}}}
  search text NOT NULL,                        -- ' folded words of the searched public fields '
  data jsonb NOT NULL,
  version integer NOT NULL,
  seq bigint NOT NULL,                         -- of its last change
  published_at timestamptz NOT NULL,
  refresh_on date,
  UNIQUE (kind, slug)
);
CREATE INDEX entry_order ON register.entry (kind, sort_key, record_id);
CREATE INDEX entry_area ON register.entry (kind, area text_pattern_ops);
CREATE INDEX entry_facets ON register.entry USING gin (facets jsonb_path_ops);
CREATE INDEX entry_refresh ON register.entry (refresh_on) WHERE refresh_on IS NOT NULL;
CREATE TABLE register.version (
  record_id bigint NOT NULL REFERENCES siskop.record,
  kind text NOT NULL,
  number integer NOT NULL,
  at timestamptz NOT NULL,
  changed text[] NOT NULL,                     -- public names only
  data jsonb NOT NULL,
  PRIMARY KEY (record_id, number)
);
CREATE TABLE register.change (
  seq bigint PRIMARY KEY,
  record_id bigint NOT NULL,
  kind text NOT NULL,
  slug text NOT NULL,
  title text NOT NULL,
  number integer NOT NULL,
  type text NOT NULL CHECK (type IN ('published', 'changed', 'refreshed', 'withdrawn')),
  changed text[] NOT NULL,
  at timestamptz NOT NULL
);
CREATE TABLE register.counter (                -- its row lock makes change.seq gap-free
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  seq bigint NOT NULL
);
INSERT INTO register.counter (seq) VALUES (0);

CREATE FUNCTION register.check_keys(kind_name text, kept jsonb, place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k text; v jsonb; row_value jsonb; inner_key text; inner_value jsonb;
BEGIN
  IF jsonb_typeof(kept) <> 'object' THEN RAISE EXCEPTION 'refused: % is not an object', place; END IF;
  FOR k, v IN SELECT * FROM jsonb_each(kept) LOOP
    IF NOT EXISTS (SELECT FROM register.public_key p WHERE p.kind = kind_name AND p.path = k) THEN
      RAISE EXCEPTION 'refused: % of % is not public (%)', k, kind_name, place;
    END IF;
    IF jsonb_typeof(v) = 'array' THEN
      FOR row_value IN SELECT * FROM jsonb_array_elements(v) LOOP
        IF jsonb_typeof(row_value) = 'object' THEN
          FOR inner_key, inner_value IN SELECT * FROM jsonb_each(row_value) LOOP
            IF NOT EXISTS (SELECT FROM register.public_key p WHERE p.kind = kind_name AND p.path = k || '.' || inner_key) THEN
              RAISE EXCEPTION 'refused: %.% of % is not public (%)', k, inner_key, kind_name, place;
            END IF;
            PERFORM register.check_flat(inner_value, k || '.' || inner_key, place);
          END LOOP;
        ELSE
          PERFORM register.check_flat(row_value, k, place);
        END IF;
      END LOOP;
    ELSE
      PERFORM register.check_flat(v, k, place);
    END IF;
  END LOOP;
END $$;
CREATE FUNCTION register.check_flat(v jsonb, k text, place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN                                          -- a plain value, or a list of plain values: nothing to hide a name in
  IF jsonb_typeof(v) = 'object' OR (jsonb_typeof(v) = 'array' AND jsonb_path_exists(v, '$[*] ? (@.type() == "object" || @.type() == "array")')) THEN
    RAISE EXCEPTION 'refused: % holds an object (%)', k, place;
  END IF;
END $$;
CREATE FUNCTION register.check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE k text; v jsonb;
BEGIN
  PERFORM register.check_keys(NEW.kind, NEW.data, 'data');
  FOR k, v IN SELECT * FROM jsonb_each(NEW.badges) LOOP
    IF v - ARRAY['case', 'values'] <> '{}' THEN RAISE EXCEPTION 'refused: badge % holds more than case and values', k; END IF;
    PERFORM register.check_keys(NEW.kind, COALESCE(v->'values', '{}'), 'badge ' || k);
  END LOOP;
  FOR k, v IN SELECT * FROM jsonb_each(NEW.facets) LOOP
    IF NEW.badges ? k THEN
      PERFORM register.check_flat(v, k, 'facet');
    ELSE
      PERFORM register.check_keys(NEW.kind, jsonb_build_object(k, v), 'facet');
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER check_entry BEFORE INSERT OR UPDATE OF kind, facets, badges, data ON register.entry FOR EACH ROW EXECUTE FUNCTION register.check_entry();
CREATE FUNCTION register.check_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE k text;
BEGIN
  PERFORM register.check_keys(NEW.kind, NEW.data, 'version');
  FOREACH k IN ARRAY NEW.changed LOOP
    IF NOT EXISTS (SELECT FROM register.public_key p WHERE p.kind = NEW.kind AND p.path = k) THEN
      RAISE EXCEPTION 'refused: changed % of % is not public', k, NEW.kind;
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER check_version BEFORE INSERT OR UPDATE ON register.version FOR EACH ROW EXECUTE FUNCTION register.check_version();
CREATE TRIGGER check_change BEFORE UPDATE OR DELETE ON register.change FOR EACH ROW EXECUTE FUNCTION siskop.refuse_change();
CREATE TRIGGER change_not_emptied BEFORE TRUNCATE ON register.change FOR EACH STATEMENT EXECUTE FUNCTION siskop.refuse_change();

-- ------------------------------------------------------------------ append-only, by trigger and by grant
DO $do$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['revision', 'vote', 'record_version', 'reminder_rung', 'checkpoint'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON siskop.%I FOR EACH ROW EXECUTE FUNCTION siskop.refuse_change()', t || '_append_only', t);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON siskop.%I FOR EACH STATEMENT EXECUTE FUNCTION siskop.refuse_change()', t || '_not_emptied', t);
  END LOOP;
END $do$;
GRANT SELECT ON ALL TABLES IN SCHEMA siskop TO {app};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA siskop TO {app};
GRANT INSERT ON siskop.account, siskop.session, siskop.sign_in_attempt, siskop.role_grant, siskop.deputy, siskop.answered, siskop.file, siskop.record,
  siskop.membership, siskop.submission, siskop.event, siskop.checkpoint, siskop.revision, siskop.revision_body, siskop.draft_value, siskop.words, siskop.step_run,
  siskop.work_item, siskop.vote, siskop.correction, siskop.record_version, siskop.record_body, siskop.job, siskop.period, siskop.mail, siskop.reminder,
  siskop.reminder_rung TO {app};
GRANT UPDATE ON siskop.clock, siskop.account, siskop.session, siskop.role_grant, siskop.deputy, siskop.answered, siskop.file, siskop.record, siskop.membership,
  siskop.submission, siskop.revision_body, siskop.draft_value, siskop.words, siskop.step_run, siskop.work_item, siskop.correction, siskop.record_body,
  siskop.job, siskop.mail, siskop.reminder TO {app};
GRANT DELETE ON siskop.session, siskop.sign_in_attempt, siskop.answered, siskop.file, siskop.draft_value, siskop.revision_body, siskop.words, siskop.record_body,
  siskop.job, siskop.role_grant TO {app};
GRANT SELECT ON ALL TABLES IN SCHEMA register TO {app};
GRANT SELECT ON register.public_key, register.entry, register.version, register.change TO {public};
GRANT INSERT, UPDATE, DELETE ON register.entry TO {app};
GRANT INSERT, UPDATE ON register.version TO {app};
GRANT INSERT ON register.change TO {app};
GRANT UPDATE ON register.counter TO {app};
REVOKE ALL ON FUNCTION register.now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.now() TO {app}, {public};
