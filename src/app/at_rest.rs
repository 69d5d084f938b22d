//! Whether the bot has done everything that was due, for whoever moves its clock.

use jiff::Timestamp;
use tokio::sync::watch;

use crate::store::{Rank, Reader, StoreError};

/// Looks at one bot; clones look at the same.
#[derive(Clone, Debug)]
pub struct AtRest {
    pub(super) reader: Reader,
    /// When schedules have something to do next; `None` when they never will.
    pub(super) posts: watch::Receiver<Option<Timestamp>>,
}

impl AtRest {
    /// Nothing is due at `now`: no post, no timer, nothing in the outbox, and nothing is on its way. It reads the
    /// store, so it may block.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn at(&self, now: Timestamp) -> Result<bool, StoreError> {
        if self.posts.borrow().is_some_and(|due| due <= now) {
            return Ok(false);
        }
        if !self.reader.due_timers(now, 1)?.is_empty() {
            return Ok(false);
        }
        for rank in Rank::ALL {
            if !self.reader.due_rows(rank, now, 1)?.is_empty() {
                return Ok(false);
            }
        }
        // Looked at last: what was due a moment ago may be on its way by now.
        Ok(self.reader.claimed()?.is_empty())
    }
}
