-- Which version of the rules decided; NULL for what was decided before anybody noted it.
ALTER TABLE events ADD COLUMN rules TEXT;

-- What people said about messages: only added to, never changed. honest: 1 or 0.
CREATE TABLE verdicts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    honest  INTEGER NOT NULL,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX verdicts_by_message ON verdicts (message, seq);

-- Texts that strangers wrote of late, by fingerprint (an unsigned number's bits).
CREATE TABLE spreads (
    fingerprint INTEGER PRIMARY KEY,
    seen_at     INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT;
CREATE INDEX spreads_by_time ON spreads (seen_at);

-- What holds for the whole brand: one row.
CREATE TABLE brand (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;
