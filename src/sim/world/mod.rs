//! The simulated platform's world: plain typed state behind one lock.
//!
//! Everything that happens is a [`Step`]: it takes the lock, looks, makes [`Change`]s, and leaves
//! one line in the log. So a step is seen whole or not at all, also after the process was killed.

mod budget;
pub mod callback;
pub mod card;
mod change;
mod demo;
mod department;
pub mod group;
pub mod join_way;
pub mod mass_send;
pub mod moment;
mod state;
pub mod week;
pub mod welcome_template;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

pub use budget::Limit;
pub use change::Change;
pub use demo::{CHAOYANG, CORP_ID, DEALERS, STAFF};
pub use department::Department;
pub use state::*;

use super::faults::Faults;
use super::persist::{Entry, Log, OpenError};
use super::random::hex;
use crate::clock::Clock;

/// Changes a slow reader of the stream may fall behind before it is told to read everything again.
const NOTICES_KEPT: usize = 1_024;
/// The notice that ends every stream, so that a stopping server is not kept by its readers.
pub(super) const STOP: &str = "stop";
/// Ids look like the platform's: 64-bit numbers above what a float can hold exactly.
const FIRST_MESSAGE_ID: u64 = 7_300_000_000_000_000_000;

/// Where the corp and the platform's calendar are.
const CHINA: TimeZone = TimeZone::fixed(Offset::constant(8));

pub(super) fn in_china(at: Timestamp) -> Zoned {
    at.to_zoned(CHINA)
}

/// Whether a week is being played ([`super::week`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playing {
    /// Nobody is there who could.
    Impossible,
    Stopped,
    /// The week with this number ([`week::Week::n`]), so that the whole of it takes at least so long.
    On {
        week: u64,
        takes: Duration,
    },
}

impl Playing {
    pub fn is_on(self) -> bool {
        matches!(self, Self::On { .. })
    }
}

/// A handle to the simulated platform; clones share it.
#[derive(Clone)]
pub struct World(Arc<Shared>);

struct Shared {
    clock: Clock,
    inner: Mutex<Inner>,
    faults: Mutex<Faults>,
    notices: broadcast::Sender<Notice>,
    changed: watch::Sender<()>,
    playing: watch::Sender<Playing>,
}

struct Inner {
    state: State,
    log: Option<Log>,
}

/// Something a page may want to read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `group`, `members`, `private`, `clock` or `week`; `stop` ends the stream.
    pub what: &'static str,
    /// The chat id or the person's id.
    pub id: String,
}

impl World {
    /// The example corp with its three groups, in memory only. Secrets are fresh each time.
    pub fn demo(clock: Clock) -> Self {
        let state = State::demo(clock.now());
        Self::new(state, None, clock)
    }

    /// The world kept in `folder`, or the example corp if the folder holds none yet.
    ///
    /// Goes on with the same secrets, messages and clock as when the last process ended, in
    /// whatever way it ended.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, OpenError> {
        let (state, log) = Log::open(folder, || State::demo(clock.now()))?;
        clock.set_offset(SignedDuration::from_millis(state.offset_ms));
        Ok(Self::new(state, Some(log), clock))
    }

    fn new(state: State, log: Option<Log>, clock: Clock) -> Self {
        Self(Arc::new(Shared {
            clock,
            inner: Mutex::new(Inner { state, log }),
            faults: Mutex::default(),
            notices: broadcast::Sender::new(NOTICES_KEPT),
            changed: watch::Sender::new(()),
            playing: watch::Sender::new(Playing::Impossible),
        }))
    }

    /// Says where the platform and the bot are reached; not logged, they differ at each start.
    pub fn set_addresses(&self, addresses: Addresses) {
        self.inner().state.addresses = addresses;
    }

    /// Returns when the simulator stops.
    pub(super) async fn stopped(&self) {
        let mut notices = self.notices();
        loop {
            match notices.recv().await {
                Ok(Notice { what: STOP, .. }) | Err(RecvError::Closed) => return,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
            }
        }
    }

    /// Ends every stream of notices.
    pub(super) fn end_streams(&self) {
        self.tell(Notice { what: STOP, id: String::new() });
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Looks at the state. The lock is held meanwhile: no [`Self::read`] or [`Self::step`] inside.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.inner().state)
    }

    /// Does one thing: all its changes become one line of the log. The lock is held meanwhile, as
    /// in [`Self::read`].
    pub fn step<R>(&self, act: impl FnOnce(&mut Step<'_>) -> R) -> R {
        let mut inner = self.inner();
        let Inner { state, log } = &mut *inner;
        let mut step = Step { state, now: self.0.clock.now(), changes: Vec::new() };
        let result = act(&mut step);
        let changes = step.changes;
        if changes.is_empty() {
            return result;
        }
        let notices: Vec<Notice> = changes.iter().flat_map(Change::notices).collect();
        if let Some(log) = log {
            log.append(&Entry { number: state.number, changes });
        }
        drop(inner);
        self.0.changed.send_replace(());
        notices.into_iter().for_each(|notice| self.tell(notice));
        result
    }

    /// Moves the platform's clock.
    pub fn move_clock(&self, offset: SignedDuration) {
        self.0.clock.set_offset(offset);
        let offset_ms = i64::try_from(offset.as_millis()).unwrap_or(i64::MAX);
        self.step(|step| step.make(Change::ClockMoved { offset_ms }));
    }

    /// Moves it to this moment, or a millisecond later (its resolution), never before.
    pub fn set_clock(&self, moment: Timestamp) {
        let ahead = moment.duration_since(self.0.clock.now()) + SignedDuration::from_millis(1);
        self.move_clock(self.0.clock.offset() + ahead);
    }

    /// Tells whether a week is being played.
    pub fn playing(&self) -> watch::Receiver<Playing> {
        self.0.playing.subscribe()
    }

    pub fn set_playing(&self, playing: Playing) {
        self.0.playing.send_replace(playing);
        self.tell_of_playing();
    }

    /// Stops what is being played, whatever it is.
    pub fn stop_playing(&self) {
        self.stop_playing_if(Playing::is_on);
    }

    /// Says that this is over. Another week that was begun meanwhile plays on.
    pub fn played(&self, order: Playing) {
        self.stop_playing_if(|now| now == order);
    }

    fn stop_playing_if(&self, meant: impl FnOnce(Playing) -> bool) {
        let stopped = self.0.playing.send_if_modified(|playing| {
            let stops = meant(*playing);
            if stops {
                *playing = Playing::Stopped;
            }
            stops
        });
        if stopped {
            self.tell_of_playing();
        }
    }

    fn tell_of_playing(&self) {
        self.tell(Notice { what: "week", id: String::new() });
    }

    /// Told of every change, for pages.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// Woken after every step, for the tasks that post callbacks.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    fn tell(&self, notice: Notice) {
        // Nobody listening is the usual case and no error.
        let _ = self.0.notices.send(notice);
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic inside a step leaves whole changes behind, so the state is still good.
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thing that happens: sees the state, changes it, and gives out numbers.
pub struct Step<'a> {
    state: &'a mut State,
    now: Timestamp,
    changes: Vec<Change>,
}

impl Step<'_> {
    pub fn state(&self) -> &State {
        self.state
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Carries out a change and notes it for the log.
    pub fn make(&mut self, change: Change) {
        self.changes.push(change.clone());
        self.state.apply(change);
    }

    /// A number that was never given out before.
    pub fn number(&mut self) -> u64 {
        self.state.number += 1;
        self.state.number
    }

    /// A fresh message id: a 64-bit number as text.
    pub fn message_id(&mut self) -> String {
        (FIRST_MESSAGE_ID + self.number()).to_string()
    }

    /// A fresh 32-digit member-list version.
    pub fn member_version(&mut self) -> String {
        hex(&super::random::random_bytes::<16>())
    }

    /// How far the archive's ear is; not logged, the ear tells it after a restart.
    pub fn archive_pulled(&mut self, seq: u64) {
        self.state.archive.pulled = seq;
    }

    /// Books a call of an API path; not logged, see [`State::calls`].
    pub fn book_call(&mut self, path: &str) {
        self.state.calls.book(path, self.now, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Step<'_> {
        /// Sets up what no person and no call can change; it leaves no line in the log.
        pub fn state_mut_for_test(&mut self) -> &mut State {
            self.state
        }
    }
}
