-- Which tools the user approved.

PRAGMA user_version = 4;

CREATE TABLE approval (
    root         BLOB NOT NULL,    -- real path of the tool root, in the bytes of the file system
    tool_id      TEXT NOT NULL,
    tool_digest  TEXT NOT NULL,
    approve_time INTEGER NOT NULL, -- microseconds since 1970
    requester    BLOB NOT NULL,    -- dome.runtime.v1.Requester
    PRIMARY KEY (root, tool_id, tool_digest)
) STRICT, WITHOUT ROWID;
