-- Records of records, publications that are withdrawn or come from no form, and what small forms were answered.

-- ------------------------------------------------------------------ children
-- Whoever acts for the keeper acts for the record: a record by itself, a child by the one at the top of its line.
ALTER TABLE siskop.record ADD COLUMN keeper bigint, ADD COLUMN withdrawn_at timestamptz;
UPDATE siskop.record SET keeper = id;
ALTER TABLE siskop.record ALTER COLUMN keeper SET NOT NULL, ADD FOREIGN KEY (keeper) REFERENCES siskop.record;
CREATE INDEX record_parent ON siskop.record (parent, kind) WHERE parent IS NOT NULL;
CREATE INDEX record_keeper ON siskop.record (keeper);
CREATE FUNCTION siskop.set_keeper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.keeper := COALESCE((SELECT keeper FROM siskop.record WHERE id = NEW.parent), NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER record_keeper BEFORE INSERT OR UPDATE OF parent, keeper ON siskop.record FOR EACH ROW EXECUTE FUNCTION siskop.set_keeper();
CREATE VIEW siskop.acting AS                   -- a claim counts while its record is unpublished
SELECT r.id AS record_id, m.account_id, m.id AS membership_id
FROM siskop.record r JOIN siskop.record k ON k.id = r.keeper JOIN siskop.membership m ON m.record_id = r.keeper
WHERE m.status = 'accepted' OR (m.status = 'claimed' AND k.version = 0);

CREATE OR REPLACE FUNCTION siskop.check_vote() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF EXISTS (SELECT FROM siskop.membership m JOIN siskop.record r ON r.keeper = m.record_id
               WHERE r.id = sub.record_id AND m.status <> 'ended' AND m.account_id IN (NEW.person, NEW.principal)) THEN
      RAISE EXCEPTION 'refused: a vote by somebody who acts for the record';
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- ------------------------------------------------------------------ publications
-- Each names the event that made it; one of values that only the file says (a status set by the office) has no revision.
ALTER TABLE siskop.record_version ADD COLUMN submission_id bigint, ADD COLUMN seq integer,
  ALTER COLUMN revision_id DROP NOT NULL,
  ADD CHECK (revision_id IS NOT NULL OR seq IS NOT NULL),
  ADD UNIQUE (submission_id, seq),
  ADD FOREIGN KEY (submission_id, seq) REFERENCES siskop.event;
CREATE INDEX record_body_data ON siskop.record_body USING gin (data jsonb_path_ops);  -- who has this number already

ALTER TABLE register.entry ADD COLUMN parent bigint REFERENCES siskop.record, ADD COLUMN period text,
  ADD COLUMN withdrawn_at timestamptz;         -- since then it is no longer in force: only its own page is left
CREATE INDEX entry_parent ON register.entry (parent, kind) WHERE parent IS NOT NULL;
-- A value may have parts (a place on the map, a record that is named); each part is a key that must be public.
CREATE OR REPLACE FUNCTION register.check_keys(kind_name text, kept jsonb, place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF jsonb_typeof(kept) <> 'object' THEN RAISE EXCEPTION 'refused: % is not an object', place; END IF;
  PERFORM register.check_parts(kind_name, '', kept, place);
END $$;
CREATE FUNCTION register.check_parts(kind_name text, path text, v jsonb, place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k text; part jsonb;
BEGIN
  IF jsonb_typeof(v) = 'object' THEN
    FOR k, part IN SELECT path || e.key, e.value FROM jsonb_each(v) e LOOP
      IF NOT EXISTS (SELECT FROM register.public_key p WHERE p.kind = kind_name AND p.path = k) THEN
        RAISE EXCEPTION 'refused: % of % is not public (%)', k, kind_name, place;
      END IF;
      PERFORM register.check_parts(kind_name, k || '.', part, place);
    END LOOP;
  ELSIF jsonb_typeof(v) = 'array' THEN
    FOR part IN SELECT * FROM jsonb_array_elements(v) LOOP
      IF jsonb_typeof(part) = 'array' THEN RAISE EXCEPTION 'refused: % holds a list in a list (%)', path, place; END IF;
      PERFORM register.check_parts(kind_name, path, part, place);
    END LOOP;
  END IF;
END $$;
CREATE FUNCTION register.check_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN                                          -- a child names its own parent, and a period that is among its public values
  IF NEW.parent IS DISTINCT FROM (SELECT parent FROM siskop.record WHERE id = NEW.record_id) THEN
    RAISE EXCEPTION 'refused: entry % names another parent than its record', NEW.record_id;
  END IF;
  IF NEW.period IS NOT NULL AND NEW.period NOT IN (SELECT value FROM jsonb_each_text(NEW.data)) THEN
    RAISE EXCEPTION 'refused: the period of entry % is not public', NEW.record_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_place BEFORE INSERT OR UPDATE OF record_id, parent, period, data ON register.entry FOR EACH ROW EXECUTE FUNCTION register.check_place();

-- ------------------------------------------------------------------ small forms, attachments
CREATE TABLE siskop.form_answers (             -- of a step or an action; its event holds no value
  submission_id bigint NOT NULL,
  seq integer NOT NULL,
  name text NOT NULL,
  round integer NOT NULL,
  answers jsonb NOT NULL,
  PRIMARY KEY (submission_id, seq),
  FOREIGN KEY (submission_id, seq) REFERENCES siskop.event
);
ALTER TABLE siskop.step_run DROP COLUMN answers;
ALTER TABLE siskop.words DROP CONSTRAINT words_kind_check,
  ADD CHECK (kind IN ('correction', 'answer', 'reason', 'comment', 'note', 'attachment'));

GRANT SELECT ON siskop.acting, siskop.form_answers TO {app};
GRANT INSERT, UPDATE, DELETE ON siskop.form_answers TO {app};
