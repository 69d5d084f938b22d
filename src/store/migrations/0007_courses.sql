-- Which verdicts are learned from, and how: the last row holds. Only added to.
CREATE TABLE courses (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    body    TEXT    NOT NULL
) STRICT;
