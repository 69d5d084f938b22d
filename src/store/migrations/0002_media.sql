-- Files that the platform holds for us. owner: whose id it is, corp:ID or webhook:ID; the same content
-- has an id for each owner and for each use. good_until NULL: for ever.
CREATE TABLE media (
    owner       TEXT    NOT NULL,
    sha256      TEXT    NOT NULL,
    used_as     TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    uploaded_at INTEGER NOT NULL,
    good_until  INTEGER,
    PRIMARY KEY (owner, sha256, used_as)
) STRICT, WITHOUT ROWID;
