-- Letters: what the office writes, their numbers without gaps, who signs them, and what everybody may ask about one.

CREATE TABLE siskop.post (                     -- what somebody is called under a letter; no role comes with it
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES siskop.account,
  title text NOT NULL,
  rank text NOT NULL DEFAULT '',
  nip text NOT NULL DEFAULT '',
  acting text NOT NULL DEFAULT '' CHECK (acting IN ('', 'plt', 'plh', 'an')),  -- an: on behalf of `behalf`
  behalf text NOT NULL DEFAULT '',
  from_on date NOT NULL,
  until_on date,                               -- last day, inclusive
  CHECK (until_on IS NULL OR until_on >= from_on)
);
CREATE INDEX post_account ON siskop.post (account_id);

CREATE TABLE siskop.letter_counter (           -- its row lock makes the numbers of a series and year gap-free
  series text NOT NULL,
  year integer NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (series, year)
);
CREATE TABLE siskop.letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,                    -- of what caused it: never twice
  code text NOT NULL UNIQUE,                   -- by which its reader finds it in register.verification
  letter text NOT NULL,                        -- which of workflows/letters
  series text NOT NULL,
  pattern text NOT NULL,                       -- of its number
  words jsonb NOT NULL,                        -- all that it says but number, day and signer: {part: {id, en}}
  record_id bigint NOT NULL REFERENCES siskop.record,
  submission_id bigint REFERENCES siskop.submission,
  reminder_id bigint REFERENCES siskop.reminder,
  area text,                                   -- where it goes to: the order of a print run
  sign_role text,                              -- whose signature it waits for; none = it was ready at once
  sign_area text,                              -- the signer covers it; '' = unknown, so only who covers all
  written_at timestamptz NOT NULL DEFAULT siskop.now(),
  signed_at timestamptz,
  signed_by bigint REFERENCES siskop.account,
  signer jsonb,                                -- name, title, rank, nip, acting, behalf, as they were then
  year integer,
  seq integer,
  number text UNIQUE,
  file_id bigint REFERENCES siskop.file,       -- the PDF
  pages integer,
  withdrawn_at timestamptz,
  withdrawn_by bigint REFERENCES siskop.account,
  withdrawn_why text,
  UNIQUE (series, year, seq),
  CHECK (num_nulls(signed_at, year, seq, number) IN (0, 4)),
  CHECK (num_nulls(file_id, pages) IN (0, 2) AND (file_id IS NULL OR signed_at IS NOT NULL)),
  CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawn_why) IN (0, 3))
);
CREATE INDEX letter_waiting ON siskop.letter (sign_role) WHERE signed_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX letter_record ON siskop.letter (record_id);
CREATE INDEX letter_submission ON siskop.letter (submission_id) WHERE submission_id IS NOT NULL;
CREATE INDEX letter_reminder ON siskop.letter (reminder_id) WHERE reminder_id IS NOT NULL;
CREATE FUNCTION siskop.check_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN                                          -- what was said stays said: only what is still open is filled in
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'refused: letter % stays', OLD.id; END IF;
  IF (OLD.signed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
     AND to_jsonb(OLD) - ARRAY['file_id', 'pages', 'withdrawn_at', 'withdrawn_by', 'withdrawn_why']
       IS DISTINCT FROM to_jsonb(NEW) - ARRAY['file_id', 'pages', 'withdrawn_at', 'withdrawn_by', 'withdrawn_why']
     OR OLD.file_id IS NOT NULL AND (OLD.file_id, OLD.pages) IS DISTINCT FROM (NEW.file_id, NEW.pages)
     OR OLD.withdrawn_at IS NOT NULL
       AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_why) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_why)
     OR OLD.words IS DISTINCT FROM NEW.words OR OLD.code <> NEW.code OR OLD.key <> NEW.key THEN
    RAISE EXCEPTION 'refused: letter % is what it was', OLD.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_letter BEFORE UPDATE OR DELETE ON siskop.letter FOR EACH ROW EXECUTE FUNCTION siskop.check_letter();
CREATE TRIGGER letter_not_emptied BEFORE TRUNCATE ON siskop.letter FOR EACH STATEMENT EXECUTE FUNCTION siskop.refuse_change();

CREATE TABLE siskop.print_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT siskop.now(),
  by bigint NOT NULL REFERENCES siskop.account
);
CREATE TABLE siskop.print_line (
  run_id bigint NOT NULL REFERENCES siskop.print_run,
  letter_id bigint NOT NULL REFERENCES siskop.letter,
  PRIMARY KEY (run_id, letter_id)
);
CREATE INDEX print_line_letter ON siskop.print_line (letter_id);

ALTER TABLE siskop.file ALTER COLUMN holder DROP NOT NULL;  -- nobody = the office's own

CREATE TABLE register.verification (           -- no personal data: its public sentence names public fields only
  code text PRIMARY KEY,
  number text NOT NULL,
  label jsonb NOT NULL,
  about jsonb NOT NULL,
  signed_on date NOT NULL,
  withdrawn_on date
);

GRANT SELECT ON siskop.post, siskop.letter_counter, siskop.letter, siskop.print_run, siskop.print_line, register.verification TO {app};
GRANT INSERT ON siskop.post, siskop.letter_counter, siskop.letter, siskop.print_run, siskop.print_line, register.verification TO {app};
GRANT UPDATE ON siskop.post, siskop.letter_counter, siskop.letter TO {app};
GRANT DELETE ON siskop.post TO {app};
GRANT UPDATE (withdrawn_on) ON register.verification TO {app};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA siskop TO {app};
GRANT SELECT ON register.verification TO {public};
