//! Turns time into events: what is due goes through the same intake as everything else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::Intake;
use crate::clock::Clock;
use crate::store::{Batch, Reader};

/// Timers taken at once.
const TAKEN: usize = 256;
/// Pause after the database could not be read or written.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Runs until `stop` becomes true. `bell` rings when a timer was set.
pub async fn run(
    reader: Reader,
    intake: Intake,
    clock: Clock,
    bell: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let fired = fire_due(&reader, &intake, &clock).await;
        let wait = async {
            match fired {
                Ok(Some(next)) => clock.sleep_until(next).await,
                Ok(None) => std::future::pending().await,
                Err(error) => {
                    tracing::error!(%error, "timers could not be fired; trying again");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        };
        tokio::select! {
            () = wait => {}
            () = bell.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
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
