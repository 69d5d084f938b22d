//! Turns time into events: what is due goes through the same intake as everything else.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::{Intake, rounds};
use crate::clock::Clock;
use crate::store::{Batch, Reader};

/// Timers taken at once.
const TAKEN: usize = 256;

/// Runs until `stop` becomes true. `bell` rings when a timer was set.
pub async fn run(
    reader: Reader,
    intake: Intake,
    clock: Clock,
    bell: Arc<Notify>,
    stop: watch::Receiver<bool>,
) {
    rounds::run("timers", &clock, &bell, stop, || fire_due(&reader, &intake, &clock)).await;
}

/// Fires everything that is due; returns when the next timer will be.
async fn fire_due(
    reader: &Reader,
    intake: &Intake,
    clock: &Clock,
) -> anyhow::Result<Option<jiff::Timestamp>> {
    loop {
        let (reader, now) = (reader.clone(), clock.now());
        let read = move || Ok::<_, anyhow::Error>((reader.due_timers(now, TAKEN)?, reader.next_timer()?));
        let (due, next) = tokio::task::spawn_blocking(read).await??;
        if due.is_empty() {
            return Ok(next);
        }
        // Thousands may be due at nine.
        let fired = due.into_iter().map(|timer| {
            let event = timer.event();
            (event, move |batch: &Batch<'_>| batch.timer_fired(&timer.key, timer.due))
        });
        intake.submit_all(fired.collect()).await?;
    }
}
