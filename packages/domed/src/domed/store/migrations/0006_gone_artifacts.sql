-- Artifacts go with the output of the jobs that produced them.

PRAGMA user_version = 6;

CREATE INDEX artifact_by_job ON artifact (job_id);

-- Artifacts that retention gave up: what is asked for later was there once. A row of `artifact` with the digest counts more:
-- the same content was produced again.
CREATE TABLE artifact_gone (
    digest     TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    on_disk    INTEGER NOT NULL -- 1 until the file is known to be removed, or to be wanted again
) STRICT, WITHOUT ROWID;

CREATE INDEX artifact_orphan ON artifact_gone (digest) WHERE on_disk = 1;

INSERT INTO artifact_gone (digest, size_bytes, on_disk)
SELECT digest, max(size_bytes), 1 FROM artifact
WHERE NOT EXISTS (
    SELECT 1 FROM artifact AS other
    WHERE other.digest = artifact.digest AND other.job_id NOT IN (SELECT job_id FROM expired))
GROUP BY digest;

DELETE FROM artifact WHERE job_id IN (SELECT job_id FROM expired);
