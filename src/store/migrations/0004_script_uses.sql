-- Who used which script: counted by store, person, script and variant.
CREATE TABLE script_uses (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    how     TEXT    NOT NULL,
    script  TEXT    NOT NULL,
    variant TEXT,
    store   TEXT,
    person  TEXT    NOT NULL,
    grp     TEXT
) STRICT;
CREATE INDEX script_uses_by_time ON script_uses (at);
