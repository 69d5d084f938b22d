-- Mass sends that we asked the platform for, until it is known what became of them in every group.
-- The id is that of the outbox row that led to it. msgid is NULL while we have heard no answer.
CREATE TABLE mass_sends (
    id       INTEGER PRIMARY KEY,
    post     TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    open     INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    next_at  INTEGER NOT NULL,
    msgid    TEXT,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX mass_sends_open ON mass_sends (next_at) WHERE open = 1;
CREATE INDEX mass_sends_by_post ON mass_sends (post, region);
CREATE INDEX mass_sends_asked ON mass_sends (asked_at);
