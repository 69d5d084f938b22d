//! The door to the lane: what is handed in here is durable and decided when the call returns.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::lane::{Job, Lane, Write};
use super::learning;
use crate::clock::Clock;
use crate::decision::Event;
use crate::perception::Signals;
use crate::rules::Rulebook;
use crate::store::{Accepted, Batch, Refused, StoreError, Writer};
use crate::telemetry::{Health, Metrics};

/// Events that may wait for the lane. Beyond that the platform is asked to come again (503): four
/// full batches are about 100 ms of work, and a callback must be answered within 5 s.
pub(super) const QUEUE: usize = 2048;

/// A handle to the lane; clones share it.
#[derive(Clone, Debug)]
pub struct Intake {
    jobs: mpsc::Sender<Job>,
}

/// Rung when a commit left work for a loop.
#[derive(Clone, Debug, Default)]
pub struct Bells {
    pub outbox: Arc<Notify>,
    pub timers: Arc<Notify>,
    pub verdicts: Arc<Notify>,
    /// Other rules are in force. More than one loop hears it.
    pub rules: watch::Sender<()>,
    /// A mass send was asked for.
    pub mass_sends: Arc<Notify>,
    /// A moment was asked for, or is cancelled.
    pub moments: Arc<Notify>,
}

impl Bells {
    pub(super) fn ring(&self, work: Work) {
        let Work { outbox, timers, verdicts, mass_sends, moments } = work;
        let bells = [
            (outbox, &self.outbox),
            (timers, &self.timers),
            (verdicts, &self.verdicts),
            (mass_sends, &self.mass_sends),
            (moments, &self.moments),
        ];
        bells.iter().filter(|(there, _)| *there).for_each(|(_, bell)| bell.notify_one());
    }
}

/// For whom a commit left work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    pub outbox: bool,
    pub timers: bool,
    pub verdicts: bool,
    pub mass_sends: bool,
    pub moments: bool,
}

/// What is written beside an event that stands for itself.
pub(super) fn nothing_else(_: &Batch<'_>) -> Result<(), StoreError> {
    Ok(())
}

/// Waits until other rules are in force.
pub(super) async fn changed(rules: &mut watch::Receiver<()>) {
    if rules.changed().await.is_err() {
        // Nobody is left who could change them.
        std::future::pending().await
    }
}

/// Where the lane tells how it does.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
}

impl Intake {
    /// Starts the lane on a thread of its own; called on the runtime that shall give its answers. The lane ends, and the thread with it, when the last
    /// handle is dropped; joining the thread then means that everything is on disk.
    pub fn start(
        writer: Writer,
        rules: Arc<ArcSwap<Rulebook>>,
        learned: learning::Shared,
        clock: Clock,
        bells: Bells,
        watch: Watch,
    ) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let lane = Lane::new(writer, rules, learned, clock, bells, watch, Handle::current());
        let run = move || {
            // Without its lane the program can do nothing but refuse. It ends instead, so that it is
            // started again; what was accepted is on disk.
            if std::panic::catch_unwind(AssertUnwindSafe(|| lane.run(queue))).is_err() {
                tracing::error!("the lane panicked; the program ends, nothing accepted is lost");
                std::process::abort();
            }
        };
        let thread = std::thread::Builder::new().name("intake".into()).spawn(run)?;
        Ok((Self { jobs }, thread))
    }

    /// For callbacks: refuses at once when the queue is full, so that the platform tries again.
    pub async fn accept(&self, event: Event, signals: Signals) -> Result<Accepted, Refused> {
        let (done, answer) = oneshot::channel();
        let job = Job::Event { event: Box::new(event), signals, also: None, done };
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refused::Full,
            mpsc::error::TrySendError::Closed(_) => Refused::Stopping,
        })?;
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// For our own loops: waits for a place in the queue. `also` becomes durable with the event, or
    /// not at all; it runs for a repeat, too.
    pub async fn submit(
        &self,
        event: Event,
        also: impl Fn(&Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Accepted, Refused> {
        self.hand_in(event, also).await?.await.unwrap_or(Err(Refused::Stopping))
    }

    /// The same for many events, in order and together, so that they share commits. Whoever has very many
    /// hands them in by parts, because callbacks wait behind them.
    pub async fn submit_all<A>(&self, events: Vec<(Event, A)>) -> Result<(), Refused>
    where
        A: Fn(&Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        let mut accepted = Vec::new();
        for (event, also) in events {
            accepted.push(self.hand_in(event, also).await?);
        }
        for accepted in accepted {
            accepted.await.unwrap_or(Err(Refused::Stopping))?;
        }
        Ok(())
    }

    /// Returns as soon as the event has its place in the queue; the answer comes when it is durable.
    async fn hand_in(
        &self,
        event: Event,
        also: impl Fn(&Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<Accepted, Refused>>, Refused> {
        let (done, answer) = oneshot::channel();
        let also: Option<Write> = Some(Box::new(also));
        let job = Job::Event { event: Box::new(event), signals: Signals::default(), also, done };
        self.jobs.send(job).await.map_err(|_| Refused::Stopping)?;
        Ok(answer)
    }

    /// Writes something that is not an event, in order with the events around it.
    pub async fn write(
        &self,
        write: impl Fn(&Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Refused> {
        let (done, answer) = oneshot::channel();
        self.jobs.send(Job::Write { write: Box::new(write), done }).await.map_err(|_| Refused::Stopping)?;
        answer.await.unwrap_or(Err(Refused::Stopping))
    }
}
