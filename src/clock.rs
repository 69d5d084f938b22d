//! The only reader of the system clock.
//!
//! A [`Clock`] may be moved (the playground does), and whoever sleeps until a moment is woken when
//! it is. Cloning gives another handle to the same clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The system's time, for comparing with the times that a file system stamps: those do not move with
/// a [`Clock`].
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn file_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[derive(Clone, Debug)]
pub struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    offset_ms: AtomicI64,
    moved: watch::Sender<()>,
}

impl Clock {
    /// A clock that shows the system's time.
    pub fn system() -> Self {
        Self(Arc::new(Shared { offset_ms: AtomicI64::new(0), moved: watch::Sender::new(()) }))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + self.offset()
    }

    /// How far this clock is ahead of the system's.
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_millis(self.0.offset_ms.load(Ordering::Relaxed))
    }

    /// Sets how far this clock is ahead of the system's and wakes every sleeper.
    pub fn set_offset(&self, offset: SignedDuration) {
        let ms = i64::try_from(offset.as_millis()).unwrap_or(i64::MAX);
        self.0.offset_ms.store(ms, Ordering::Relaxed);
        self.0.moved.send_replace(());
    }

    /// Sleeps until this clock shows `moment`, also when it is moved meanwhile.
    pub async fn sleep_until(&self, moment: Timestamp) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let Ok(left) = Duration::try_from(moment.duration_since(self.now())) else { return };
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = moved.changed() => {}
            }
        }
    }
}
