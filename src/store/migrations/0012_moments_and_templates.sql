-- Tasks by which staff are asked to publish something in their moments. The id is that of the outbox row that
-- leads to it; a task is written together with that row.
CREATE TABLE moments (
    id           INTEGER PRIMARY KEY,
    -- The moment that it is a part of.
    moment       TEXT    NOT NULL,
    decided_at   INTEGER NOT NULL,
    -- A cancellation brings it forward and says whose it is; nothing else writes these two.
    ends_at      INTEGER NOT NULL,
    cancelled_by TEXT,
    -- 1 while somebody may still publish it.
    running      INTEGER NOT NULL,
    -- When it is looked at next; NULL = not before delivery has asked for it, or not any more.
    next_at      INTEGER,
    moment_id    TEXT,
    body         TEXT    NOT NULL
) STRICT;
CREATE INDEX moments_due ON moments (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX moments_by_name ON moments (moment);
CREATE INDEX moments_decided ON moments (decided_at);

-- What we have put into the library of group welcomes, or mean to; the platform cannot list it.
CREATE TABLE welcome_templates (
    key    TEXT PRIMARY KEY,
    -- Of its last change: how that row ended tells how the template stands.
    outbox INTEGER NOT NULL,
    body   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
