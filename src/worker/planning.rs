//! At the start and whenever new files are in force, every group is asked what it has before it: a playbook
//! that was added begins, a step that was taken out is not waited for, a nudge finds its hour, a join code learns which
//! groups are its own.
//!
//! Whom that concerns is found by deciding about it outside the lane; only groups for which something changes
//! become events. A change of a script's words makes none.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use super::Intake;
use super::intake::{changed, nothing_else};
use crate::clock::Clock;
use crate::decision::{Ear, Event, EventKey, EventKind, GroupId, State, TimerKind, decide};
use crate::perception::Signals;
use crate::rules::Rulebook;
use crate::store::Reader;

/// Groups taken from the store at once, and events that wait for the lane together: an eighth of its queue, so
/// that callbacks find room.
const PAGE: usize = 256;
/// Pause after the database could not be read or written.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// The planning loop.
#[derive(Debug)]
pub struct Planning {
    pub reader: Reader,
    pub intake: Intake,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub clock: Clock,
    /// Tells when other rules are in force.
    pub changed: watch::Receiver<()>,
}

impl Planning {
    /// Runs until `stop` becomes true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut planned = None;
        loop {
            let version = self.rules.load().version.clone();
            let round = async {
                if planned.as_ref() == Some(&version) {
                    return changed(&mut self.changed).await;
                }
                match self.all().await {
                    Ok(groups) => {
                        tracing::info!(groups, "planned what groups have before them");
                        planned = Some(version);
                    }
                    Err(error) => {
                        tracing::error!(%error, "planning failed; trying again");
                        tokio::time::sleep(AFTER_ERROR).await;
                    }
                }
            };
            tokio::select! {
                () = round => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// All groups and join codes, as they are now. Returns for how many something has changed.
    pub async fn all(&self) -> anyhow::Result<usize> {
        Ok(self.groups().await? + self.join_codes().await?)
    }

    /// Codes that the platform was told otherwise about, or that have left the files.
    async fn join_codes(&self) -> anyhow::Result<usize> {
        let (reader, rules, now) = (self.reader.clone(), self.rules.load_full(), self.clock.now());
        let looked = tokio::task::spawn_blocking(move || {
            let known = reader.join_codes()?.into_iter().map(|state| state.id);
            let ids: BTreeSet<String> = rules.join_codes.keys().cloned().chain(known).collect();
            let mut events = Vec::new();
            for id in ids {
                let join_code = reader.join_code(&id)?;
                let kind = EventKind::TimerDue { timer: TimerKind::JoinCode, subject: id.clone() };
                let event = event(&format!("join-code:{id}"), None, kind, now);
                events.extend(concerned(State { join_code, ..State::default() }, event, &rules, now));
            }
            anyhow::Ok(events)
        });
        let events = looked.await??;
        let count = events.len();
        self.intake.submit_all(events.into_iter().map(|event| (event, nothing_else)).collect()).await?;
        Ok(count)
    }

    async fn groups(&self) -> anyhow::Result<usize> {
        let (mut after, mut changed) = (String::new(), 0);
        loop {
            let (reader, rules, now) = (self.reader.clone(), self.rules.load_full(), self.clock.now());
            let page = tokio::task::spawn_blocking(move || {
                let groups = reader.groups(&after, PAGE)?;
                let last = groups.last().map(|group| group.id.to_string());
                let planned = groups.into_iter().filter_map(|group| {
                    let kind = EventKind::TimerDue { timer: TimerKind::Plan, subject: String::new() };
                    let event = event(group.id.as_str(), Some(group.id.clone()), kind, now);
                    concerned(State { group: Some(group), ..State::default() }, event, &rules, now)
                });
                let events: Vec<Event> = planned.collect();
                anyhow::Ok((last, events))
            });
            let (last, events) = page.await??;
            changed += events.len();
            let events = events.into_iter().map(|event| (event, nothing_else)).collect();
            self.intake.submit_all(events).await?;
            match last {
                Some(last) => after = last,
                None => return Ok(changed),
            }
        }
    }
}

fn event(about: &str, group: Option<GroupId>, kind: EventKind, now: Timestamp) -> Event {
    Event {
        key: EventKey::new(format!("plan:{about}:{}", now.as_millisecond())),
        at: now,
        ear: Ear::Clock,
        via: "clock".into(),
        group,
        from: None,
        kind,
        raw: None,
    }
}

/// The event, if anything follows from it.
fn concerned(state: State, event: Event, rules: &Rulebook, now: Timestamp) -> Option<Event> {
    let decision = decide(&state, &event, &Signals::default(), rules, now);
    (!decision.changes.is_empty()).then_some(event)
}
