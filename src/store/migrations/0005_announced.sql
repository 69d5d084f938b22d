-- Of which version of the files people were told last, and what it said in short.
CREATE TABLE announced (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seq     INTEGER NOT NULL,
    version TEXT    NOT NULL,
    -- 1 when people were told that the files were refused, and not yet that they are good again.
    refused INTEGER NOT NULL,
    outline TEXT    NOT NULL
) STRICT;
