-- Which artifacts the events of jobs name. Written with those events.

PRAGMA user_version = 3;

CREATE TABLE artifact (
    digest     TEXT NOT NULL,
    job_id     TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (digest, job_id)
) STRICT, WITHOUT ROWID;
