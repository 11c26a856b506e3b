-- Facts are appended and never changed. What is below them is derived, in the transaction that appends the fact.

CREATE TABLE fact (
    position INTEGER PRIMARY KEY,
    fact_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    occur_us INTEGER NOT NULL,
    document BLOB NOT NULL
) STRICT;
-- Of the two kinds that are most of all facts, the next one is never far.
CREATE INDEX fact_of_rare_kind ON fact (kind, fact_id) WHERE kind NOT IN ('task', 'evidence_group');
CREATE INDEX fact_quarantined ON fact (occur_us DESC, fact_id) WHERE kind = 'quarantine';

CREATE TRIGGER fact_is_never_changed BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
CREATE TRIGGER fact_is_never_removed BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never removed'); END;

-- How far each daemon's store was read. Committed with the facts that were read.
CREATE TABLE checkpoint (
    store_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: how many facts there are, the sum of their digests, and the latest end of an attempt.
CREATE TABLE snapshot (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    fact_count INTEGER NOT NULL,
    fact_sum TEXT NOT NULL,
    latest_us INTEGER NOT NULL
) STRICT;
INSERT INTO snapshot VALUES (1, 0, '0', -9223372036854775808);

-- By which rules each binder version derived, and through which fact.
CREATE TABLE derivation (
    binder_version TEXT PRIMARY KEY,
    rules TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What facts say, as columns. Keys are digests, and rows are wide: rows stand in the order in which they came, so that an
-- append writes few pages; only the keys are in their own order.

CREATE TABLE run (
    run_id TEXT PRIMARY KEY,
    occur_us INTEGER NOT NULL,
    fact_id TEXT NOT NULL,
    mode TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    act BLOB PRIMARY KEY,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed TEXT NOT NULL,
    template_digest TEXT NOT NULL,
    status TEXT NOT NULL,
    failure TEXT NOT NULL,
    policy TEXT NOT NULL,
    fingerprint_hash TEXT NOT NULL,
    job_id TEXT NOT NULL,
    skill_id TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    evidence_capsule TEXT NOT NULL,
    end_us INTEGER NOT NULL,
    fact_id TEXT NOT NULL
) STRICT;
CREATE INDEX attempt_of_run ON attempt (run_id, task_id, end_us, job_id, act);
CREATE INDEX attempt_of_group ON attempt (group_id);
CREATE INDEX attempt_of_key
    ON attempt (target_id, addressed, fingerprint_hash, action_kind, target_kind, scope, end_us, job_id, act)
    WHERE status IN ('SUCCEEDED', 'FAILED');
CREATE INDEX attempt_refused ON attempt (policy, end_us, job_id, act) WHERE policy <> 'NONE';

CREATE TABLE wrapping (
    act BLOB NOT NULL,
    fact_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    signal TEXT NOT NULL,
    mode TEXT NOT NULL,
    is_triggered INTEGER NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed TEXT NOT NULL,
    failure TEXT NOT NULL,
    policy TEXT NOT NULL,
    wrap_us INTEGER NOT NULL,
    proofs TEXT NOT NULL,
    PRIMARY KEY (act, fact_id)
) STRICT;

CREATE TABLE member (
    group_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    location TEXT NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (group_id, digest, location, media_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict (
    act BLOB NOT NULL,
    fact_id TEXT NOT NULL,
    gate_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    failures TEXT NOT NULL,
    occur_us INTEGER NOT NULL,
    PRIMARY KEY (act, fact_id)
) STRICT;

CREATE TABLE refusal (
    act BLOB NOT NULL,
    fact_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    guard_id TEXT NOT NULL,
    failure TEXT NOT NULL,
    policy TEXT NOT NULL,
    evaluate_us INTEGER NOT NULL,
    PRIMARY KEY (act, fact_id)
) STRICT;

CREATE TABLE fingerprint (
    fingerprint_hash TEXT PRIMARY KEY,
    document BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The ledger, and what it adds up to. `act` is the digest of run, task and group: with the binder version, the key of a
-- contribution. What the attempt itself says stands with the attempt.

CREATE TABLE contribution (
    binder_version TEXT NOT NULL,
    act BLOB NOT NULL,
    capsule_id TEXT NOT NULL,
    failure_reason_code TEXT NOT NULL,
    result INTEGER NOT NULL,
    addresses INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    admitted_by TEXT NOT NULL,
    end_us INTEGER NOT NULL,
    job_id TEXT NOT NULL,
    PRIMARY KEY (binder_version, act)
) STRICT;
CREATE INDEX contribution_of_capsule
    ON contribution (capsule_id, end_us, job_id, act, result, begins);
CREATE INDEX contribution_latest ON contribution (binder_version, end_us, job_id, act);

CREATE TABLE capsule (
    binder_version TEXT NOT NULL,
    capsule_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    failure_reason_code TEXT NOT NULL,
    fingerprint_hash TEXT NOT NULL,
    support_count INTEGER NOT NULL,
    contradiction_count INTEGER NOT NULL,
    sighting_count INTEGER NOT NULL,
    contradictions_since INTEGER NOT NULL,
    refusals_since INTEGER NOT NULL,
    first_seen_us INTEGER NOT NULL,
    last_seen_us INTEGER NOT NULL,
    first_support_us INTEGER,
    first_support_job TEXT,
    first_support_act BLOB,
    last_support_us INTEGER,
    last_support_job TEXT,
    last_support_act BLOB,
    PRIMARY KEY (binder_version, capsule_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX capsule_latest ON capsule (binder_version, last_seen_us DESC, capsule_id);
CREATE INDEX capsule_of_target ON capsule (binder_version, target_id, last_seen_us DESC, capsule_id);
CREATE INDEX capsule_of_failure
    ON capsule (binder_version, failure_reason_code, last_seen_us DESC, capsule_id);

-- The views.

CREATE TABLE mv_recent_failures_by_taskspec (
    act BLOB PRIMARY KEY,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed_failure_reason_code TEXT NOT NULL,
    failure_reason_code TEXT NOT NULL,
    policy_reason_code TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    job_id TEXT NOT NULL,
    skill_id TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    fingerprint_hash TEXT NOT NULL,
    template_digest TEXT NOT NULL,
    last_seen_ts INTEGER NOT NULL
) STRICT;
CREATE INDEX failure_latest ON mv_recent_failures_by_taskspec (last_seen_ts DESC, act, scope, target_kind);
CREATE INDEX failure_of_target
    ON mv_recent_failures_by_taskspec
    (target_id, last_seen_ts DESC, act, failure_reason_code, action_kind, target_kind, scope);
CREATE INDEX failure_of_reason
    ON mv_recent_failures_by_taskspec
    (failure_reason_code, last_seen_ts DESC, act, action_kind, scope, target_kind);
CREATE INDEX failure_of_action
    ON mv_recent_failures_by_taskspec (action_kind, last_seen_ts DESC, act, scope, target_kind);
CREATE INDEX failure_of_run ON mv_recent_failures_by_taskspec (run_id, last_seen_ts DESC, act);

-- What each decision of a gate adds to the rollup.
CREATE TABLE gate_entry (
    act BLOB NOT NULL,
    fact_id TEXT NOT NULL,
    failure_reason_code TEXT NOT NULL,
    gate_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed_failure_reason_code TEXT NOT NULL,
    verdict TEXT NOT NULL,
    occur_us INTEGER NOT NULL,
    PRIMARY KEY (act, fact_id, failure_reason_code)
) STRICT;
CREATE INDEX gate_entry_of_line ON gate_entry (
    failure_reason_code, gate_id, scope, target_kind, target_id, action_kind, addressed_failure_reason_code,
    verdict, occur_us
);

CREATE TABLE mv_gate_rollup_by_failure_reason_code (
    failure_reason_code TEXT NOT NULL,
    gate_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed_failure_reason_code TEXT NOT NULL,
    approve_count INTEGER NOT NULL,
    reject_count INTEGER NOT NULL,
    needs_human_count INTEGER NOT NULL,
    last_seen_ts INTEGER NOT NULL,
    PRIMARY KEY (
        failure_reason_code, gate_id, scope, target_kind, target_id, action_kind, addressed_failure_reason_code
    )
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_rollup_of_gate ON mv_gate_rollup_by_failure_reason_code (
    gate_id, failure_reason_code, scope, target_kind, target_id, action_kind, addressed_failure_reason_code
);
CREATE INDEX gate_rollup_of_target ON mv_gate_rollup_by_failure_reason_code (
    target_id, failure_reason_code, gate_id, scope, target_kind, action_kind, addressed_failure_reason_code
);

CREATE TABLE mv_guard_denials_by_policy_reason_code (
    act BLOB NOT NULL,
    policy_reason_code TEXT NOT NULL,
    failure_reason_code TEXT NOT NULL,
    scope TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    addressed_failure_reason_code TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    guard_ids TEXT NOT NULL,
    last_seen_ts INTEGER NOT NULL,
    PRIMARY KEY (act, policy_reason_code)
) STRICT;
CREATE INDEX denial_latest ON mv_guard_denials_by_policy_reason_code
    (last_seen_ts DESC, act, policy_reason_code, action_kind, target_kind, scope);
CREATE INDEX denial_of_policy
    ON mv_guard_denials_by_policy_reason_code (policy_reason_code, last_seen_ts DESC, act, target_id, action_kind);
CREATE INDEX denial_of_run ON mv_guard_denials_by_policy_reason_code (run_id, last_seen_ts DESC, act);
CREATE INDEX denial_of_target
    ON mv_guard_denials_by_policy_reason_code (target_id, last_seen_ts DESC, act, policy_reason_code, target_kind);
