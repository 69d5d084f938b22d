-- Up to which moment each schedule was gone through: everything due until then has become events.
CREATE TABLE schedule_marks (
    id         TEXT PRIMARY KEY,
    done_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What people said about a schedule, beside its file.
CREATE TABLE schedules (
    id   TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Proof of what was posted reads these alone.
CREATE INDEX events_of_posts ON events (at) WHERE kind IN ('post_due', 'posts_missed');

-- 1 for what a schedule posts: thousands of posts may wait, and what somebody asked for must not wait behind them.
ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox (rank, target, id) WHERE state IN ('pending', 'sending');
