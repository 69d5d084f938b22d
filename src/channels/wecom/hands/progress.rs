//! How far an action of several messages got before it had to wait, so that nobody reads its beginning twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::SentIds;
use crate::decision::Hand;

/// Actions that wait half sent. It is kept in memory only: after a crash a post in doubt is not repeated, and
/// the platform itself drops a repeated private message.
const MAX_UNFINISHED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<HashMap<(String, Hand), Sent>>);

/// What has already gone out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub steps: usize,
    pub ids: SentIds,
}

impl Progress {
    pub fn of(&self, idempotence: &str, hand: &Hand) -> Sent {
        self.lock().get(&key(idempotence, hand)).cloned().unwrap_or_default()
    }

    pub fn keep(&self, idempotence: &str, hand: &Hand, sent: Sent) {
        let mut unfinished = self.lock();
        if unfinished.len() >= MAX_UNFINISHED
            && let Some(victim) = unfinished.keys().next().cloned()
        {
            tracing::error!(
                action = victim.0,
                "too many half-sent actions, its beginning will be sent again"
            );
            unfinished.remove(&victim);
        }
        unfinished.insert(key(idempotence, hand), sent);
    }

    pub fn forget(&self, idempotence: &str, hand: &Hand) {
        self.lock().remove(&key(idempotence, hand));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Hand), Sent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(idempotence: &str, hand: &Hand) -> (String, Hand) {
    (idempotence.to_owned(), hand.clone())
}
