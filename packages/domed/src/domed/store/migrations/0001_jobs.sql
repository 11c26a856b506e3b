-- Jobs, their input and their events.

PRAGMA user_version = 1;
PRAGMA application_id = 0x646f6d65; -- "dome"

CREATE TABLE store (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    store_id TEXT NOT NULL
) STRICT;

-- Where a job stands is what its events say; this row keeps the sum, so that it need not be made at each reading.
-- The number of its last event is not kept here: it is that of its last event. Nor is the result, which may be large:
-- the last event of a job that has ended has it.
CREATE TABLE job (
    job_id      TEXT PRIMARY KEY,
    state       INTEGER NOT NULL,
    skill_id    TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    create_time INTEGER NOT NULL, -- microseconds since 1970
    request     BLOB NOT NULL,    -- dome.runtime.v1.SkillExecuteRequest without what stands in the next and in `input`
    accepted    BLOB NOT NULL,    -- dome.runtime.v1.Submitted
    standing    BLOB NOT NULL     -- dome.runtime.v1.Job: what changed since, but for `outcome.result`
) STRICT;

-- JobState: 1 is QUEUED, 2 is RUNNING.
CREATE INDEX job_live ON job (job_id) WHERE state < 3;
CREATE INDEX job_by_run ON job (run_id, job_id);
CREATE INDEX job_by_skill ON job (skill_id, job_id);

-- Apart from the row, because every change of a row writes all of it.
CREATE TABLE input (
    job_id  TEXT PRIMARY KEY,
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE label (
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    job_id TEXT NOT NULL,
    PRIMARY KEY (name, value, job_id)
) STRICT, WITHOUT ROWID;

-- A key outlives its job: a binding whose job is gone is a tombstone, and its key never executes again.
CREATE TABLE idempotency_key (
    uid            INTEGER NOT NULL,
    method         TEXT NOT NULL,
    key            TEXT NOT NULL,
    job_id         TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    create_time    INTEGER NOT NULL,
    PRIMARY KEY (uid, method, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    job_id   TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    seq      INTEGER NOT NULL CHECK (seq BETWEEN 1 AND last_seq),
    data     BLOB NOT NULL, -- dome.runtime.v1.JobEvent, as it is streamed
    PRIMARY KEY (job_id, last_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_follows BEFORE INSERT ON event
WHEN NEW.seq <> 1 + coalesce((SELECT max(last_seq) FROM event WHERE job_id = NEW.job_id), 0)
BEGIN SELECT RAISE(ABORT, 'an event follows the last one'); END;

CREATE TRIGGER event_stays_as_it_is BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

-- Retention, which removes output and never the facts of a job, will come with a migration that replaces this trigger
-- by one that lets through what it has written into a table of its own in the same transaction.
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
