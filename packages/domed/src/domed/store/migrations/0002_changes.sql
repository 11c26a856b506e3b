-- Changes of state of all jobs, by one revision, and requests that were refused.

PRAGMA user_version = 2;

-- Written with the change itself, by the triggers, so that no writer can leave one out. Revisions count by one: the
-- newest row is never removed, and the others from the oldest on.
CREATE TABLE job_change (
    revision INTEGER PRIMARY KEY,
    job_id   TEXT NOT NULL,
    state    INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, -- of the job, as the change left it
    standing BLOB              -- as in `job`. NULL for a job that has ended: its row stays as it is
) STRICT;

-- Jobs from before have one change each: into the state in which they are.
INSERT INTO job_change (job_id, state, last_seq, standing)
SELECT job_id, state, (SELECT max(last_seq) FROM event WHERE event.job_id = job.job_id),
       CASE WHEN state < 3 THEN standing END
FROM job ORDER BY job_id;

CREATE TRIGGER job_begins AFTER INSERT ON job
BEGIN
    INSERT INTO job_change (job_id, state, last_seq, standing)
    VALUES (NEW.job_id, NEW.state, 1, CASE WHEN NEW.state < 3 THEN NEW.standing END);
END;

CREATE TRIGGER job_changes AFTER UPDATE OF state ON job WHEN NEW.state <> OLD.state
BEGIN
    INSERT INTO job_change (job_id, state, last_seq, standing)
    VALUES (NEW.job_id, NEW.state, (SELECT max(last_seq) FROM event WHERE event.job_id = NEW.job_id),
            CASE WHEN NEW.state < 3 THEN NEW.standing END);
END;

CREATE TRIGGER job_change_stays_as_it_is BEFORE UPDATE ON job_change
BEGIN SELECT RAISE(ABORT, 'changes are never changed'); END;

CREATE TRIGGER job_change_stays BEFORE DELETE ON job_change
WHEN OLD.revision = (SELECT max(revision) FROM job_change)
  OR OLD.revision <> (SELECT min(revision) FROM job_change)
BEGIN SELECT RAISE(ABORT, 'changes are removed from the oldest on, and the newest stays'); END;

CREATE TABLE refusal (
    refusal_id     TEXT PRIMARY KEY,
    occur_time     INTEGER NOT NULL, -- microseconds since 1970
    method         TEXT NOT NULL,
    skill_id       TEXT NOT NULL,
    reason         INTEGER NOT NULL, -- dome.errors.v1.ErrorReason
    request_digest TEXT NOT NULL,
    requester      BLOB NOT NULL,    -- dome.runtime.v1.Requester
    omitted_count  INTEGER NOT NULL
) STRICT;

CREATE INDEX refusal_by_skill ON refusal (skill_id, refusal_id);
