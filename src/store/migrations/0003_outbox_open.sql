-- Delivery asks after every commit when the next waiting row is due and how many rows are open; both
-- must cost the same however many wait.
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'pending';

-- One row. Triggers keep it, so that no statement about the outbox can forget it.
CREATE TABLE outbox_count (open INTEGER NOT NULL) STRICT;
INSERT INTO outbox_count SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending');
CREATE TRIGGER outbox_opened AFTER INSERT ON outbox WHEN NEW.state IN ('pending', 'sending')
BEGIN UPDATE outbox_count SET open = open + 1; END;
CREATE TRIGGER outbox_moved AFTER UPDATE OF state ON outbox
WHEN (OLD.state IN ('pending', 'sending')) <> (NEW.state IN ('pending', 'sending'))
BEGIN
    UPDATE outbox_count SET open = open + (NEW.state IN ('pending', 'sending')) - (OLD.state IN ('pending', 'sending'));
END;
CREATE TRIGGER outbox_gone AFTER DELETE ON outbox WHEN OLD.state IN ('pending', 'sending')
BEGIN UPDATE outbox_count SET open = open - 1; END;
