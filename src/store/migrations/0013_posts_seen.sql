-- Posts that people were handed and that were then heard in their groups. handed: a staff task, or the post of a mass
-- send; who: the person who put it there; at: when, by the platform's clock.
CREATE TABLE posts_seen (
    handed TEXT    NOT NULL,
    grp    TEXT    NOT NULL,
    who    TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (handed, grp)
) STRICT, WITHOUT ROWID;
