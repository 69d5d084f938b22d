//! Loops that look at what is due: round after round, as soon as something falls due or a bell rings.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;

/// Pause after the database could not be read or written.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Runs rounds until `stop` becomes true; the one that is under way is finished. A round looks at everything
/// that is due and returns when something will be; `None` = only the bell can tell.
pub async fn run<F>(
    what: &'static str,
    clock: &Clock,
    bell: &Notify,
    mut stop: watch::Receiver<bool>,
    mut round: impl FnMut() -> F,
) where
    F: Future<Output = anyhow::Result<Option<Timestamp>>>,
{
    loop {
        let looked = round().await;
        let wait = async {
            match looked {
                Ok(Some(next)) => clock.sleep_until(next).await,
                Ok(None) => std::future::pending().await,
                Err(error) => {
                    tracing::error!(%error, "{what} could not be looked at; trying again");
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

/// The end of time is late enough for whatever is put off beyond it.
pub fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Looks at each of `rows`, so many side by side at most. Returns what was seen, in no order, or the first error;
/// the others are broken off then.
pub async fn side_by_side<R, T, F>(
    rows: Vec<R>,
    at_once: usize,
    look: impl Fn(R) -> F,
) -> anyhow::Result<Vec<T>>
where
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
    T: Send + 'static,
{
    let (mut running, mut seen) = (JoinSet::new(), Vec::with_capacity(rows.len()));
    for row in rows {
        if running.len() >= at_once
            && let Some(one) = running.join_next().await
        {
            seen.push(one??);
        }
        running.spawn(look(row));
    }
    while let Some(one) = running.join_next().await {
        seen.push(one??);
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn all_are_looked_at_and_never_more_than_so_many_at_once() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let look = |row: usize| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(row)
            }
        };
        let mut seen = side_by_side((0..20).collect(), 3, look).await.expect("looked at");
        seen.sort_unstable();
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn an_error_is_told() {
        let look = |row: usize| async move {
            anyhow::ensure!(row != 2, "row {row}");
            Ok(row)
        };
        let error = side_by_side(vec![1, 2, 3], 2, look).await.expect_err("one fails");
        assert_eq!(error.to_string(), "row 2");
    }

    #[tokio::test]
    async fn a_bell_brings_the_next_round_and_stop_ends_them() {
        let (bell, rounds) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let (stop, stopped) = watch::channel(false);
        let clock = Clock::system();
        let round = || {
            let (stop, number) = (stop.clone(), rounds.fetch_add(1, Ordering::SeqCst) + 1);
            if number < 3 {
                bell.notify_one();
            } else {
                stop.send_replace(true);
            }
            async { Ok(None) }
        };
        run("nothing", &clock, &bell, stopped, round).await;
        assert_eq!(rounds.load(Ordering::SeqCst), 3);
    }
}
