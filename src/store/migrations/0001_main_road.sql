-- Times are milliseconds since 1970, UTC. Bodies are JSON.

-- Every accepted event, once; with the reasons of what was decided about it this is the journal.
CREATE TABLE events (
    seq      INTEGER PRIMARY KEY,
    key      TEXT    NOT NULL UNIQUE,
    at       INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    grp      TEXT,
    body     TEXT    NOT NULL,
    signals  TEXT,
    reasons  TEXT    NOT NULL
) STRICT;

CREATE TABLE groups (
    id   TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    grp  TEXT NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (grp, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id   TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
    id        TEXT PRIMARY KEY,
    state     TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_by_state ON tasks (state, opened_at);

-- What is to be delivered. state: pending, sending, done, failed, doubt.
CREATE TABLE outbox (
    -- An id is never used again: keys of events about a row hold it.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event      INTEGER NOT NULL,
    target     TEXT    NOT NULL,
    hand       TEXT    NOT NULL,
    act        TEXT    NOT NULL,
    task       TEXT,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at    INTEGER,
    result     TEXT,
    body       TEXT    NOT NULL
) STRICT;
-- Rows of one target leave in order: the head of each queue is what delivery looks for.
CREATE INDEX outbox_open ON outbox (target, id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_by_event ON outbox (event);
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE timers (
    key  TEXT PRIMARY KEY,
    due  INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (due);

-- How far each corp's conversation archive is stored.
CREATE TABLE archive_cursors (
    corp TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
