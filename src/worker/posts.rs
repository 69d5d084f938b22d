//! Turns schedules into events: each occurrence becomes one event for each of its groups, at the
//! group's own moment, through the same intake as everything else.
//!
//! How far a schedule was gone through is a mark in the store; the events' keys make a second firing
//! impossible whatever the mark says. So after a crash, a reload or a clock that was moved everything
//! is simply worked out again from the mark (or from now, when the mark lies in the future). What was
//! missed meanwhile becomes one event for all schedules, which tells ops.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::Intake;
use super::intake::{changed, nothing_else};
use crate::clock::Clock;
use crate::decision::{Ear, Event, EventKey, EventKind, GroupId, MissedPosts, PostDue};
use crate::rules::{Rulebook, Schedule};
use crate::store::{Batch, Reader, Refused, StoreError};
use crate::text::fingerprint;

/// The groups of an occurrence are looked up this long before it: reading 100 000 groups takes a
/// second, and nobody shall be late for it. A group that appears later has its turn next time.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);
/// Events handed to the lane at once: enough to make its commits cheap, few enough that a callback
/// between them waits for milliseconds.
const AT_ONCE: usize = 128;
/// Groups read at once.
const PAGE: usize = 1_000;
/// Missed occurrences of one schedule that are counted: a year of a post every minute is not worth
/// going through.
const COUNTED: u32 = 1_000;
/// Pause after the database could not be read or written.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// The loop that fires schedules.
#[derive(Debug)]
pub struct Posts {
    pub reader: Reader,
    pub intake: Intake,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub clock: Clock,
    /// Tells when other rules are in force.
    pub changed: watch::Receiver<()>,
    /// Where it says when there is something to do next; `None` is never.
    pub next: watch::Sender<Option<Timestamp>>,
}

/// Why schedules could not be fired just now.
#[derive(Debug, thiserror::Error)]
pub enum PostsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What falls due next, of one version of the rules.
pub struct Plan {
    rules: Arc<Rulebook>,
    /// By the schedule's id.
    schedules: BTreeMap<String, Next>,
    /// The latest moment that was seen: an earlier one means that the clock was set back.
    seen: Timestamp,
}

/// The next occurrence of one schedule.
struct Next {
    occurrence: Timestamp,
    /// Groups that have not had their turn, with their moments, earliest first; `None` until they are looked up.
    groups: Option<VecDeque<(Timestamp, GroupId)>>,
    /// How many groups it is for.
    selected: u32,
    /// Groups that were too late.
    missed: u32,
}

impl Next {
    fn at(occurrence: Timestamp) -> Self {
        Self { occurrence, groups: None, selected: 0, missed: 0 }
    }

    /// When there is something to do.
    fn wake_at(&self) -> Timestamp {
        match &self.groups {
            Some(groups) => groups.front().map_or(self.occurrence, |(due, _)| *due),
            None => self.occurrence.saturating_sub(AHEAD).unwrap_or(self.occurrence),
        }
    }
}

impl Plan {
    /// When there is something to do.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.schedules.values().map(Next::wake_at).min()
    }
}

impl Posts {
    /// Runs until `stop` becomes true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut plan: Option<Plan> = None;
        loop {
            let wake = match self.round(plan.take()).await {
                Ok(next) => {
                    let wake = next.wake_at();
                    self.next.send_replace(wake);
                    plan = Some(next);
                    wake
                }
                // The next round begins with what is in the store.
                Err(PostsError::Refused(Refused::Stopping)) => return,
                Err(error) => {
                    tracing::error!(%error, "schedules could not be fired; trying again");
                    tokio::time::sleep(AFTER_ERROR).await;
                    continue;
                }
            };
            let clock = self.clock.clone();
            let due = async {
                match wake {
                    Some(moment) => clock.sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = changed(&mut self.changed) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Fires everything that is due. Without a plan everything is worked out from the marks.
    pub async fn round(&self, plan: Option<Plan>) -> Result<Plan, PostsError> {
        let (rules, now) = (self.rules.load_full(), self.clock.now());
        let holds = |plan: &Plan| plan.rules.version == rules.version && plan.seen <= now;
        let mut plan = match plan.filter(holds) {
            Some(plan) => plan,
            None => self.begin(rules, now).await?,
        };
        plan.seen = now;
        let mut missed = Vec::new();
        // What follows may be due, too: after a night asleep, or every second.
        while plan.wake_at().is_some_and(|moment| moment <= now) {
            self.look_up_groups(&mut plan, now).await?;
            let ids: Vec<String> = plan.schedules.keys().cloned().collect();
            for id in ids {
                self.fire(&mut plan, &id, now, &mut missed).await?;
            }
        }
        self.tell_missed(missed, now).await?;
        Ok(plan)
    }

    /// Works everything out from the marks.
    async fn begin(&self, rules: Arc<Rulebook>, now: Timestamp) -> Result<Plan, PostsError> {
        let reader = self.reader.clone();
        let marks = tokio::task::spawn_blocking(move || reader.schedule_marks()).await??;
        self.settle_marks(&rules, &marks, now).await?;
        let mut schedules = BTreeMap::new();
        for schedule in rules.schedules.values().filter(|schedule| !schedule.off) {
            let since = marks.get(&schedule.id).map_or(now, |mark| now.min(*mark));
            if let Some(occurrence) = schedule.timing.next(since) {
                schedules.insert(schedule.id.clone(), Next::at(occurrence));
            }
        }
        Ok(Plan { rules, schedules, seen: now })
    }

    /// A schedule that is new begins now, and so does one whose mark lies in the future, because the clock was
    /// set back; of one that is gone, or switched off, nothing is kept.
    async fn settle_marks(
        &self,
        rules: &Rulebook,
        marks: &HashMap<String, Timestamp>,
        now: Timestamp,
    ) -> Result<(), PostsError> {
        let lives = |id: &str| rules.schedules.get(id).is_some_and(|schedule| !schedule.off);
        let gone: Vec<String> = marks.keys().filter(|id| !lives(id)).cloned().collect();
        let begins = |id: &&String| lives(id) && marks.get(*id).is_none_or(|mark| *mark > now);
        let begin: Vec<String> = rules.schedules.keys().filter(begins).cloned().collect();
        if gone.is_empty() && begin.is_empty() {
            return Ok(());
        }
        let write = move |batch: &Batch<'_>| {
            gone.iter().try_for_each(|id| batch.forget_schedule_mark(id))?;
            begin.iter().try_for_each(|id| batch.begin_schedule(id, now))
        };
        Ok(self.intake.write(write).await?)
    }

    /// One reading of all groups for all schedules that are near.
    async fn look_up_groups(&self, plan: &mut Plan, now: Timestamp) -> Result<(), PostsError> {
        let near = now.saturating_add(AHEAD).unwrap_or(now);
        let wanted: Vec<String> = plan
            .schedules
            .iter()
            .filter(|(_, next)| next.groups.is_none() && next.occurrence <= near)
            .map(|(id, _)| id.clone())
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let (reader, rules) = (self.reader.clone(), Arc::clone(&plan.rules));
        let ids = wanted.clone();
        let found = tokio::task::spawn_blocking(move || groups_of(&reader, &rules, &ids)).await??;
        for (id, groups) in wanted.iter().zip(found) {
            let (Some(next), Some(schedule)) = (plan.schedules.get_mut(id), plan.rules.schedules.get(id))
            else {
                continue;
            };
            let moment = |(group, rule): (GroupId, usize)| {
                let rule = plan.rules.groups.get(rule)?;
                Some((schedule.due_in(group.as_str(), rule, next.occurrence), group))
            };
            let mut groups: Vec<(Timestamp, GroupId)> = groups.into_iter().filter_map(moment).collect();
            groups.sort_unstable();
            next.selected = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            next.groups = Some(groups.into());
        }
        Ok(())
    }

    /// Fires what is due of one schedule, and goes on to its next occurrence when all groups had their turn.
    async fn fire(
        &self,
        plan: &mut Plan,
        id: &str,
        now: Timestamp,
        missed: &mut Vec<MissedPosts>,
    ) -> Result<(), PostsError> {
        let rules = Arc::clone(&plan.rules);
        let Some(schedule) = rules.schedules.get(id) else { return Ok(()) };
        let Some(next) = plan.schedules.get_mut(id) else { return Ok(()) };
        let Some(groups) = &mut next.groups else { return Ok(()) };
        let mut due = Vec::new();
        while groups.front().is_some_and(|(moment, _)| *moment <= now) {
            due.extend(groups.pop_front());
        }
        let (in_time, late): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|(moment, _)| !schedule.is_missed(*moment, now));
        next.missed += self.never_fired(id, next.occurrence, late).await?;
        self.submit(id, next.occurrence, in_time).await?;
        if !groups.is_empty() || next.occurrence > now {
            return Ok(());
        }
        let mut last = next.occurrence;
        let mut note = (next.missed > 0).then(|| MissedPosts {
            schedule: id.to_owned(),
            occurrences: 1,
            first: last,
            last,
            groups: next.missed,
        });
        let following = pass_over(schedule, now, &mut last, next.selected, &mut note);
        // What no group was to hear was not missed.
        match note.filter(|note| note.groups > 0) {
            Some(note) => missed.push(note),
            // Its mark moves with the telling: one that moved on would let a crash swallow that.
            None if missed.iter().any(|told| told.schedule == id) => {}
            None => {
                let id = id.to_owned();
                self.intake.write(move |batch| batch.mark_schedule(&id, last)).await?;
            }
        }
        match following {
            Some(occurrence) => *next = Next::at(occurrence),
            None => drop(plan.schedules.remove(id)),
        }
        Ok(())
    }

    /// Of groups whose moment is long past, how many had not had their turn before a crash.
    async fn never_fired(
        &self,
        schedule: &str,
        occurrence: Timestamp,
        late: Vec<(Timestamp, GroupId)>,
    ) -> Result<u32, PostsError> {
        if late.is_empty() {
            return Ok(0);
        }
        let (reader, due) = (self.reader.clone(), PostDue { schedule: schedule.to_owned(), occurrence });
        let count = tokio::task::spawn_blocking(move || {
            let mut never = 0;
            for (_, group) in &late {
                never += u32::from(!reader.has_event(due.key(group).as_str())?);
            }
            Ok::<_, StoreError>(never)
        });
        Ok(count.await??)
    }

    async fn submit(
        &self,
        schedule: &str,
        occurrence: Timestamp,
        due: Vec<(Timestamp, GroupId)>,
    ) -> Result<(), PostsError> {
        for some in due.chunks(AT_ONCE) {
            let posts = some.iter().map(|(moment, group)| {
                let due = PostDue { schedule: schedule.to_owned(), occurrence };
                (due.event(group.clone(), *moment), nothing_else)
            });
            self.intake.submit_all(posts.collect()).await?;
        }
        Ok(())
    }

    /// One event for all; the marks move with it, so that it is told once.
    async fn tell_missed(&self, missed: Vec<MissedPosts>, now: Timestamp) -> Result<(), PostsError> {
        if missed.is_empty() {
            return Ok(());
        }
        for one in &missed {
            let (schedule, occurrences, groups) = (&one.schedule, one.occurrences, one.groups);
            tracing::error!(schedule, occurrences, groups, "posts were missed");
        }
        let marks: Vec<(String, Timestamp)> =
            missed.iter().map(|one| (one.schedule.clone(), one.last)).collect();
        let event = Event {
            key: EventKey::new(format!("missed:{:016x}", fingerprint(&format!("{marks:?}")))),
            at: now,
            ear: Ear::Clock,
            via: "schedules".into(),
            group: None,
            from: None,
            kind: EventKind::PostsMissed(missed),
            raw: None,
        };
        let also =
            move |batch: &Batch<'_>| marks.iter().try_for_each(|(id, last)| batch.mark_schedule(id, *last));
        self.intake.submit(event, also).await?;
        Ok(())
    }
}

/// Goes over the occurrences behind `last` that are wholly too late, and counts them. Returns the next
/// one of which something can still go out.
fn pass_over(
    schedule: &Schedule,
    now: Timestamp,
    last: &mut Timestamp,
    groups: u32,
    note: &mut Option<MissedPosts>,
) -> Option<Timestamp> {
    loop {
        let next = schedule.timing.next(*last)?;
        let latest = next.saturating_add(schedule.jitter.spread()).unwrap_or(next);
        if next > now || !schedule.is_missed(latest, now) {
            return Some(next);
        }
        let note = note.get_or_insert_with(|| MissedPosts {
            schedule: schedule.id.clone(),
            occurrences: 0,
            first: next,
            last: next,
            groups,
        });
        note.occurrences += 1;
        note.groups = note.groups.max(groups);
        note.last = next;
        *last = next;
        if note.occurrences >= COUNTED {
            // The rest is missed as well.
            *last = schedule.wholly_missed_until(now).max(next);
            note.last = *last;
        }
    }
}

/// The groups that each of these schedules posts in, each with the number of its rule.
fn groups_of(
    reader: &Reader,
    rules: &Rulebook,
    ids: &[String],
) -> Result<Vec<Vec<(GroupId, usize)>>, StoreError> {
    let schedules: Vec<Option<&Schedule>> =
        ids.iter().map(|id| rules.schedules.get(id).map(AsRef::as_ref)).collect();
    let mut found = vec![Vec::new(); ids.len()];
    let mut after = String::new();
    loop {
        let page = reader.groups(&after, PAGE)?;
        let Some(end) = page.last() else { return Ok(found) };
        after = end.id.to_string();
        for group in page.iter().filter(|group| group.dismissed_at.is_none()) {
            let owner = group.owner.as_ref().map(|owner| owner.as_str());
            let at = rules.groups.first(Some(group.id.as_str()), Some(&group.name), owner);
            let Some((at, rule)) = at.and_then(|at| Some((at, rules.groups.get(at)?))) else { continue };
            for (schedule, groups) in schedules.iter().zip(&mut found) {
                if schedule.is_some_and(|schedule| schedule.groups.takes(rule, rules, &group.name)) {
                    groups.push((group.id.clone(), at));
                }
            }
        }
    }
}
