-- Runs of cascades, their nodes and their people: an acknowledgement writes its own rows only.
CREATE TABLE cascades (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    -- The cascade's id in the files.
    cascade    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    -- 1 while it runs.
    running    INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cascades_by_start ON cascades (started_at);

CREATE TABLE cascade_nodes (
    run  TEXT NOT NULL,
    node TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE cascade_people (
    run    TEXT    NOT NULL,
    person TEXT    NOT NULL,
    -- 1 while an answer is awaited.
    waits  INTEGER NOT NULL,
    -- 1 when there is one.
    acknowledged INTEGER NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (run, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX cascade_people_awaited ON cascade_people (run, person) WHERE waits = 1;
CREATE INDEX cascade_people_silent ON cascade_people (person) WHERE acknowledged = 0;
