//! The one lane in which everything is decided and committed.
//!
//! The lane takes what is queued, up to [`BATCH`]. Batches form by themselves under load, and are larger because it waits a
//! moment for more. One transaction, one fsync, then everybody who waits is answered. The answers of a batch cross over to
//! the runtime together: waking hundreds of tasks one by one from a foreign thread costs more than deciding about them.

mod cache;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::intake::{Bells, Watch, Work};
use super::learning;
use crate::clock::Clock;
use crate::decision::{Act, Change, Decision, Event, Reason, State, decide};
use crate::perception::Signals;
use crate::rules::Rulebook;
use crate::store::{Accepted, Batch, NewEvent, Refused, StoreError, Writer};
use crate::telemetry::Metrics;
use cache::Cache;

/// Jobs of one transaction: enough to make the fsync cheap, few enough that the next ones are perceived meanwhile. With
/// 512 nearly all of 256 connections waited in one transaction, and then for each other: a tenth fewer callbacks a second.
const BATCH: usize = 96;
/// Behind a batch of so many or fewer nobody waits.
const FEW: usize = 3;
/// How long the lane waits at most for [`ENOUGH`] jobs behind a larger one. Every transaction costs an fsync and some
/// thirty system calls, whatever is in it. With a whole millisecond, callers wait longer than it saves.
const LINGER: Duration = Duration::from_micros(500);
/// Jobs for which nobody waits any longer.
const ENOUGH: usize = BATCH / 2;
/// How often the lane looks whether they are there.
const LOOK_EVERY: Duration = Duration::from_micros(120);

/// Something to be written with, or instead of, an event. It may run twice when a batch fails.
pub(super) type Write = Box<dyn Fn(&Batch<'_>) -> Result<(), StoreError> + Send>;

pub(super) enum Job {
    Event {
        event: Box<Event>,
        signals: Signals,
        also: Option<Write>,
        done: oneshot::Sender<Result<Accepted, Refused>>,
    },
    Write {
        write: Write,
        done: oneshot::Sender<Result<(), Refused>>,
    },
}

impl Job {
    /// Whoever asked may have hung up meanwhile; the work stands all the same.
    fn answer(self, result: Result<Outcome, Refused>, metrics: &Metrics) {
        match self {
            Self::Event { done, event, .. } => {
                if result.as_ref().is_ok_and(|outcome| !outcome.accepted.repeat) {
                    metrics.event(event.kind.name());
                }
                drop(done.send(result.map(|outcome| outcome.accepted)));
            }
            Self::Write { done, .. } => drop(done.send(result.map(|_| ()))),
        }
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event { event, .. } => write!(formatter, "Event({})", event.key),
            Self::Write { .. } => formatter.write_str("Write"),
        }
    }
}

pub(super) struct Lane {
    writer: Writer,
    rules: Arc<ArcSwap<Rulebook>>,
    learned: learning::Shared,
    clock: Clock,
    bells: Bells,
    watch: Watch,
    runtime: Handle,
    cache: Cache,
}

/// What one committed job brought.
#[derive(Default)]
struct Outcome {
    accepted: Accepted,
    work: Work,
}

impl Lane {
    pub(super) fn new(
        writer: Writer,
        rules: Arc<ArcSwap<Rulebook>>,
        learned: learning::Shared,
        clock: Clock,
        bells: Bells,
        watch: Watch,
        runtime: Handle,
    ) -> Self {
        Self { writer, rules, learned, clock, bells, watch, runtime, cache: Cache::default() }
    }

    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(BATCH);
        let mut size = 0;
        while queue.blocking_recv_many(&mut jobs, BATCH) > 0 {
            gather(&mut queue, &mut jobs, if size > FEW { ENOUGH } else { 0 });
            let started = Instant::now();
            size = jobs.len();
            self.run_batch(&mut jobs);
            self.watch.metrics.batch(size, started.elapsed());
        }
    }

    /// One bad job must not fail its neighbours: when a batch fails, each job gets its own.
    fn run_batch(&mut self, jobs: &mut Vec<Job>) {
        match self.commit(jobs) {
            Ok(outcomes) => {
                self.watch.health.store_works();
                self.answer(jobs.drain(..).zip(outcomes.into_iter().map(Ok)).collect());
            }
            Err(error) if jobs.len() == 1 => {
                tracing::error!(%error, job = ?jobs[0], "a job could not be stored and was refused");
                self.watch.health.store_broken(error.to_string());
                self.answer(jobs.drain(..).map(|job| (job, Err(Refused::Storage))).collect());
            }
            Err(error) => {
                tracing::warn!(%error, jobs = jobs.len(), "a batch could not be stored; trying its jobs one by one");
                for job in std::mem::take(jobs) {
                    self.run_batch(&mut vec![job]);
                }
            }
        }
    }

    /// Everybody who waits is answered by one task of the runtime: waking hundreds of tasks one by
    /// one from a foreign thread costs more than deciding about them.
    fn answer(&self, answers: Vec<(Job, Result<Outcome, Refused>)>) {
        let (bells, metrics) = (self.bells.clone(), Arc::clone(&self.watch.metrics));
        self.runtime.spawn(async move {
            for (job, result) in answers {
                if let Ok(outcome) = &result {
                    bells.ring(outcome.work);
                }
                job.answer(result, &metrics);
            }
        });
    }

    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
        let Self { writer, cache, rules, learned, clock, .. } = self;
        let rules = rules.load();
        cache.learned = learned.load_full();
        let now = clock.now();
        let result = writer.commit(|batch| {
            jobs.iter()
                .map(|job| match job {
                    Job::Write { write, .. } => write(batch).map(|()| Outcome::default()),
                    Job::Event { event, signals, also, .. } => {
                        let outcome = one_event(batch, cache, &rules, event, signals, now)?;
                        also.as_ref().map_or(Ok(()), |also| also(batch))?;
                        Ok(outcome)
                    }
                })
                .collect()
        });
        if result.is_err() {
            // The cache may hold what was rolled back.
            *cache = Cache::default();
        }
        result
    }
}

/// Adds what is queued, after waiting until there are so many jobs in all, or [`LINGER`] is over.
fn gather<T>(queue: &mut mpsc::Receiver<T>, jobs: &mut Vec<T>, wanted: usize) {
    let started = Instant::now();
    while jobs.len() + queue.len() < wanted && started.elapsed() < LINGER {
        std::thread::sleep(LOOK_EVERY);
    }
    while jobs.len() < BATCH
        && let Ok(job) = queue.try_recv()
    {
        jobs.push(job);
    }
}

fn one_event(
    batch: &Batch<'_>,
    cache: &mut Cache,
    rules: &Rulebook,
    event: &Event,
    signals: &Signals,
    now: jiff::Timestamp,
) -> Result<Outcome, StoreError> {
    let state = cache.load(batch, event, signals)?;
    let Decision { changes, actions, reasons } = decide_or_tell(&state, event, signals, rules, now);
    let (heard_at, rules) = (now, &*rules.version);
    let new =
        NewEvent { event, signals, changes: &changes, reasons: &reasons, actions: &actions, heard_at, rules };
    // Deciding changes nothing by itself, and repeats are rare: writing the event tells us whether it is one.
    if batch.add_event(&new)?.is_none() {
        let accepted = Accepted { repeat: true, answer: batch.answer_to(event.key.as_str())? };
        return Ok(Outcome { accepted, ..Outcome::default() });
    }
    let mut outcome = Outcome::default();
    for change in changes {
        outcome.work.timers |= matches!(change, Change::SetTimer(_));
        outcome.work.verdicts |= matches!(change, Change::Verdict(_));
        let withdraws = matches!(change, Change::WithdrawPosts { .. });
        outcome.work.mass_sends |= withdraws;
        outcome.work.outbox |= withdraws;
        outcome.work.moments |= matches!(change, Change::CancelMoment { .. });
        cache.remember(change);
    }
    for action in actions {
        match action.act {
            Act::Answer { text } => outcome.accepted.answer = Some(text),
            _ => outcome.work.outbox = true,
        }
    }
    Ok(outcome)
}

/// A panic in the core must not take the lane down, and the platform's repeats would only panic
/// again: the event is kept, with the panic as its reason, and can be replayed.
fn decide_or_tell(
    state: &State,
    event: &Event,
    signals: &Signals,
    rules: &Rulebook,
    now: jiff::Timestamp,
) -> Decision {
    catch_unwind(AssertUnwindSafe(|| decide(state, event, signals, rules, now))).unwrap_or_else(|_| {
        tracing::error!(key = %event.key, "deciding panicked; the event is kept, nothing was done about it");
        let reason = Reason::new("core", "panic", "程序内部错误：这个事件已保存，但没有处理");
        Decision { reasons: vec![reason], ..Decision::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_what_is_there_and_waits_a_moment_for_what_is_missing() {
        let (sender, mut queue) = mpsc::channel(2 * BATCH);
        let mut jobs = vec![0];
        let started = Instant::now();
        gather(&mut queue, &mut jobs, ENOUGH);
        assert_eq!(jobs, [0], "nobody came");
        assert!(started.elapsed() >= LINGER, "one was missing");
        (1..=2 * BATCH).for_each(|job| sender.try_send(job).expect("there is room"));
        gather(&mut queue, &mut jobs, 0);
        assert_eq!(jobs, (0..BATCH).collect::<Vec<_>>(), "in order, and no more than a transaction takes");
        jobs.clear();
        gather(&mut queue, &mut jobs, ENOUGH);
        assert_eq!(jobs, (BATCH..2 * BATCH).collect::<Vec<_>>());
    }
}
