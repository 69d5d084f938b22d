-- Join codes on the platform, and the groups that each may lead to.

CREATE TABLE join_codes (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE join_seats (
    code TEXT NOT NULL,
    grp TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (code, grp)
) STRICT, WITHOUT ROWID;
