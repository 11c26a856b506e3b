-- Output that is kept for a while, and what stays of a job when it goes.

PRAGMA user_version = 5;

-- Ended jobs whose output is kept, in the order in which they ended.
CREATE TABLE kept_output (
    place      INTEGER PRIMARY KEY,
    job_id     TEXT NOT NULL UNIQUE,
    end_time   INTEGER NOT NULL, -- microseconds since 1970
    size_bytes INTEGER NOT NULL  -- of its events and its input
) STRICT;

-- When a job from before ended stands in no column: they are taken to be as old as they are long accepted.
INSERT INTO kept_output (job_id, end_time, size_bytes)
SELECT job_id, create_time,
       (SELECT sum(length(data)) FROM event WHERE event.job_id = job.job_id)
       + coalesce((SELECT length(payload) FROM input WHERE input.job_id = job.job_id), 0)
FROM job WHERE state >= 3 ORDER BY job_id;

-- Jobs whose output is gone, or going. Their keys are tombstones.
CREATE TABLE expired (job_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What the running transaction is about to remove. Empty outside of one.
CREATE TABLE event_removal (
    job_id   TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (job_id, last_seq)
) STRICT, WITHOUT ROWID;

DROP TRIGGER event_stays;

CREATE TRIGGER event_stays BEFORE DELETE ON event
WHEN OLD.seq = 1
  OR OLD.last_seq = (SELECT max(last_seq) FROM event WHERE job_id = OLD.job_id)
  OR NOT EXISTS (SELECT 1 FROM event_removal WHERE job_id = OLD.job_id AND last_seq = OLD.last_seq)
  OR NOT EXISTS (SELECT 1 FROM expired WHERE job_id = OLD.job_id)
BEGIN SELECT RAISE(ABORT, 'events are never removed, but for the output of a job that retention has chosen'); END;

CREATE TRIGGER event_was_removed AFTER DELETE ON event
BEGIN DELETE FROM event_removal WHERE job_id = OLD.job_id AND last_seq = OLD.last_seq; END;
