//! Forgets events, their actions and closed tasks when the retention time is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::Intake;
use crate::clock::Clock;
use crate::store::Refused;

/// How often the oldest events are looked at.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A text is only compared with those of the last hours (`[moderation.spread]` says how many, a day at
/// most).
const SPREADS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Events forgotten in one transaction: a few milliseconds in which nobody is answered.
const AT_ONCE: u32 = 500;

/// Runs until `stop` becomes true.
pub async fn run(intake: Intake, clock: Clock, retention: SignedDuration, mut stop: watch::Receiver<bool>) {
    loop {
        let now = clock.now();
        let ago = |duration| now.saturating_sub(duration).unwrap_or(Timestamp::MIN);
        match forget_before(&intake, ago(retention), ago(SPREADS_KEPT)).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "forgot what is past the retention time"),
            Err(error) => tracing::warn!(%error, "old events could not be forgotten; tried again in an hour"),
        }
        tokio::select! {
            () = clock.sleep_until(now.saturating_add(EVERY).unwrap_or(Timestamp::MAX)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn forget_before(
    intake: &Intake,
    before: Timestamp,
    spreads_before: Timestamp,
) -> Result<usize, Refused> {
    intake.write(move |batch| batch.forget_tasks_and_uses(before)).await?;
    intake.write(move |batch| batch.forget_spreads(spreads_before)).await?;
    let mut all = 0;
    loop {
        let forgotten = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&forgotten);
        intake
            .write(move |batch| {
                count.store(batch.forget(before, AT_ONCE)?, Ordering::Relaxed);
                Ok(())
            })
            .await?;
        let forgotten = forgotten.load(Ordering::Relaxed);
        all += forgotten;
        if forgotten == 0 {
            return Ok(all);
        }
    }
}
