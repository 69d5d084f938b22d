//! At the start and whenever new files are in force, every group is asked what it has before it: a playbook
//! that was added begins, a step that was taken out is not waited for, a nudge finds its hour, a join code learns
//! which groups are its own. So is every campaign: whoever has to agree to it is asked in time.
//!
//! Whom that concerns is found by deciding about it outside the lane; only groups and campaigns for which
//! something changes become events. A change of a script's words makes none for groups.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use super::Intake;
use super::intake::{changed, nothing_else};
use crate::clock::Clock;
use crate::decision::{Ear, Event, EventKey, EventKind, GroupId, GroupState, State, TimerKind, decide};
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

    /// All campaigns, groups and join codes, as they are now. Returns for how many something has changed.
    pub async fn all(&self) -> anyhow::Result<usize> {
        // Codes come last: by then groups know which are theirs.
        Ok(self.campaigns().await? + self.groups().await? + self.join_codes().await?)
    }

    /// Every campaign. Returns for how many something has changed.
    async fn campaigns(&self) -> anyhow::Result<usize> {
        let (reader, rules, now) = (self.reader.clone(), self.rules.load_full(), self.clock.now());
        if rules.campaigns.is_empty() {
            return Ok(0);
        }
        let concerned = tokio::task::spawn_blocking(move || {
            let brand = reader.brand()?;
            let plan = |id: &String| {
                let event = event(&format_args!("campaign/{id}"), None, a_plan(id), now);
                concerned(State { brand: brand.clone(), ..State::default() }, event, &rules, now)
            };
            anyhow::Ok(rules.campaigns.keys().filter_map(plan).collect::<Vec<Event>>())
        });
        self.hand_in(concerned.await??).await
    }

    /// Codes that the platform was told otherwise about, or that have left the files.
    async fn join_codes(&self) -> anyhow::Result<usize> {
        let (reader, rules, now) = (self.reader.clone(), self.rules.load_full(), self.clock.now());
        let concerned = tokio::task::spawn_blocking(move || {
            let known = reader.join_codes()?.into_iter().map(|state| state.id);
            let ids: BTreeSet<String> = rules.join_codes.keys().cloned().chain(known).collect();
            let mut events = Vec::new();
            for id in ids {
                let join_code = reader.join_code(&id)?;
                let kind = EventKind::TimerDue { timer: TimerKind::JoinCode, subject: id.clone() };
                let event = event(&format_args!("join-code/{id}"), None, kind, now);
                events.extend(concerned(State { join_code, ..State::default() }, event, &rules, now));
            }
            anyhow::Ok(events)
        });
        self.hand_in(concerned.await??).await
    }

    /// Returns how many they were.
    async fn hand_in(&self, events: Vec<Event>) -> anyhow::Result<usize> {
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
                let plan = |group: GroupState| {
                    let event = event(&group.id.clone(), Some(group.id.clone()), a_plan(""), now);
                    concerned(State { group: Some(group.into()), ..State::default() }, event, &rules, now)
                };
                anyhow::Ok((last, groups.into_iter().filter_map(plan).collect::<Vec<Event>>()))
            });
            let (last, events) = page.await??;
            changed += self.hand_in(events).await?;
            match last {
                Some(last) => after = last,
                None => return Ok(changed),
            }
        }
    }
}

fn a_plan(subject: &str) -> EventKind {
    EventKind::TimerDue { timer: TimerKind::Plan, subject: subject.to_owned() }
}

/// `what` tells this plan from others of the same moment.
fn event(what: &impl fmt::Display, group: Option<GroupId>, kind: EventKind, now: Timestamp) -> Event {
    Event {
        key: EventKey::new(format!("plan:{what}:{}", now.as_millisecond())),
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
