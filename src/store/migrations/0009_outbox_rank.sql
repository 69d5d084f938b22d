-- What has a deadline of seconds (the welcome of a new customer) leaves before everything else: the
-- higher rank first.
ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
