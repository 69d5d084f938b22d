//! The one lane in which everything is decided and committed.
//!
//! The lane takes what is queued, up to [`BATCH`], and never waits for more: batches form by
//! themselves under load. One transaction, one fsync, then everybody who waits is answered. The
//! answers of a batch cross over to the runtime together: waking hundreds of tasks one by one from
//! a foreign thread costs more than deciding about them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::intake::{Bells, Watch, Work};
use super::learning;
use crate::clock::Clock;
use crate::decision::{
    Act, BrandState, Change, Decision, Event, GroupId, GroupState, MemberId, MemberState, Members,
    PersonState, Reason, Spread, State, cascades_needed, decide, group_needed, join_code_needed,
    members_needed, schedule_needed, spread_needed, task_needed, verdict_needed, welcome_templates_needed,
};
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::rules::Rulebook;
use crate::store::{Accepted, Batch, NewEvent, Refused, StoreError, Writer};
use crate::telemetry::Metrics;

/// Jobs of one transaction: enough to make the fsync cheap, few enough that the first of them is
/// answered within milliseconds.
const BATCH: usize = 512;
/// Groups, members and persons kept in memory, twice this at most. Together about 30 MiB when full.
const CACHED_GROUPS: usize = 10_000;
const CACHED_MEMBERS: usize = 50_000;
/// Texts of strangers kept in memory, twice this at most; about 5 MiB when full.
const CACHED_SPREADS: usize = 5_000;

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
        while queue.blocking_recv_many(&mut jobs, BATCH) > 0 {
            let started = Instant::now();
            let size = jobs.len();
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

fn one_event(
    batch: &Batch<'_>,
    cache: &mut Cache,
    rules: &Rulebook,
    event: &Event,
    signals: &Signals,
    now: jiff::Timestamp,
) -> Result<Outcome, StoreError> {
    if let Some(seq) = batch.seq_of(event.key.as_str())? {
        let accepted = Accepted { repeat: true, answer: batch.answer_to(seq)? };
        return Ok(Outcome { accepted, ..Outcome::default() });
    }
    let state = cache.load(batch, event, signals)?;
    let Decision { changes, actions, reasons } = decide_or_tell(&state, event, signals, rules, now);
    let mut outcome = Outcome::default();
    for change in changes {
        if is_lasting(&change) {
            batch.apply(&change)?;
        }
        outcome.work.timers |= matches!(change, Change::SetTimer(_));
        outcome.work.verdicts |= matches!(change, Change::Verdict(_));
        let withdraws = matches!(change, Change::WithdrawPosts { .. });
        outcome.work.mass_sends |= withdraws;
        outcome.work.outbox |= withdraws;
        outcome.work.moments |= matches!(change, Change::CancelMoment { .. });
        cache.remember(change);
    }
    for action in &actions {
        match &action.act {
            Act::Answer { text } => outcome.accepted.answer = Some(text.clone()),
            _ => outcome.work.outbox = true,
        }
    }
    let (reasons, actions) = (&reasons, &actions);
    batch.add_event(&NewEvent { event, signals, reasons, actions, heard_at: now, rules: &rules.version })?;
    Ok(outcome)
}

/// What is worth the disk; the cache remembers all.
fn is_lasting(change: &Change) -> bool {
    match change {
        Change::Member { lasting, .. } => *lasting,
        Change::Spread(spread) => spread.is_lasting(),
        _ => true,
    }
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

/// Memory over the store: what the lane wrote last is what it reads next.
#[derive(Default)]
struct Cache {
    groups: Recent<GroupId, Option<Arc<GroupState>>>,
    members: Recent<(GroupId, MemberId), Arc<MemberState>>,
    people: Recent<MemberId, Arc<PersonState>>,
    /// Everybody of whom something is remembered across groups: staff and banned people, a few among
    /// all. Whoever is not here need not be looked up.
    known_people: Option<HashSet<MemberId>>,
    spreads: Recent<u64, Spread>,
    kept_spreads: Option<KeptSpreads>,
    brand: Option<BrandState>,
    /// As it stands for this batch.
    learned: Arc<Learned>,
}

impl Cache {
    fn load(&mut self, batch: &Batch<'_>, event: &Event, signals: &Signals) -> Result<State, StoreError> {
        let task = task_needed(event).map(|id| batch.task(id)).transpose()?.flatten();
        let group_id = group_needed(event, task.as_ref()).cloned();
        let group = match &group_id {
            Some(id) => self.groups.get_or(id, CACHED_GROUPS, || Ok(batch.group(id)?.map(Arc::new)))?,
            None => None,
        };
        let mut members = BTreeMap::new();
        let asked = match (members_needed(event, group.as_deref(), task.as_ref()), &group_id) {
            (Members::All(listed), Some(group)) => {
                members.extend(batch.members(group)?.into_iter().map(|(id, state)| (id, Arc::new(state))));
                members.keys().cloned().chain(listed).collect()
            }
            (Members::All(listed), None) => listed,
            (Members::Named(ids), Some(group)) => {
                for id in &ids {
                    let key = (group.clone(), id.clone());
                    let load = || Ok(batch.member(group, id)?.unwrap_or_default().into());
                    members.insert(id.clone(), self.members.get_or(&key, CACHED_MEMBERS, load)?);
                }
                ids
            }
            (Members::Named(ids), None) => ids,
        };
        let known = match &mut self.known_people {
            Some(known) => known,
            none => none.insert(batch.people()?.into_iter().collect()),
        };
        let mut people = BTreeMap::new();
        for id in asked {
            if !known.contains(&id) {
                continue;
            }
            let load = || Ok(batch.person(&id)?.unwrap_or_default().into());
            let person = self.people.get_or(&id, CACHED_MEMBERS, load)?;
            people.insert(id, person);
        }
        let spread = spread_needed(event, signals).map(|id| self.spread(batch, id)).transpose()?.flatten();
        let verdict =
            verdict_needed(event, task.as_ref()).map(|message| batch.verdict(message)).transpose()?.flatten();
        let cascades = Arc::new(batch.cascades(&cascades_needed(event))?);
        let brand = match &self.brand {
            Some(brand) => brand.clone(),
            None => self.brand.insert(batch.brand()?).clone(),
        };
        let schedule = schedule_needed(event).map(|id| batch.schedule(&id)).transpose()?.flatten();
        let join_code =
            join_code_needed(event).map(|id| batch.join_code(id)).transpose()?.unwrap_or_default();
        let welcome_templates =
            if welcome_templates_needed(event) { batch.welcome_templates()?.into() } else { Arc::default() };
        let learned = Arc::clone(&self.learned);
        Ok(State {
            group,
            members,
            people,
            task,
            spread,
            verdict,
            brand,
            learned,
            schedule,
            cascades,
            join_code,
            welcome_templates,
        })
    }

    fn spread(&mut self, batch: &Batch<'_>, id: u64) -> Result<Option<Spread>, StoreError> {
        if let Some(spread) = self.spreads.get(&id, CACHED_SPREADS) {
            return Ok(Some(spread));
        }
        let kept = match &mut self.kept_spreads {
            Some(kept) if kept.fingerprints.len() < kept.room => kept,
            outgrown => outgrown.insert(KeptSpreads::of(batch.fingerprints()?)),
        };
        if kept.fingerprints.contains(&id) { batch.spread(id) } else { Ok(None) }
    }

    fn remember(&mut self, change: Change) {
        match change {
            Change::Group(group) => {
                self.groups.put(group.id.clone(), Some(Arc::new(group)), CACHED_GROUPS);
            }
            Change::Member { group, id, state, .. } => {
                self.members.put((group, id), Arc::new(state), CACHED_MEMBERS);
            }
            Change::Person { id, state } => {
                if let Some(known) = &mut self.known_people {
                    known.insert(id.clone());
                }
                self.people.put(id, Arc::new(state), CACHED_MEMBERS);
            }
            Change::Spread(spread) => {
                if let Some(kept) = self.kept_spreads.as_mut().filter(|_| spread.is_lasting()) {
                    kept.fingerprints.insert(spread.fingerprint);
                }
                self.spreads.put(spread.fingerprint, *spread, CACHED_SPREADS);
            }
            Change::Brand(brand) => self.brand = Some(brand),
            Change::Task(_)
            | Change::Used(_)
            | Change::Verdict(_)
            | Change::SetTimer(_)
            | Change::ClearTimer { .. }
            | Change::Schedule { .. }
            | Change::WithdrawPosts { .. }
            | Change::Cascade(_)
            | Change::JoinCode(_)
            | Change::JoinSeat { .. }
            | Change::CancelMoment { .. }
            | Change::ForgetWelcomeTemplate { .. }
            | Change::PostSeen(_) => {}
        }
    }
}

/// Which texts are on disk: nearly every text is a new one, and need not be looked up there. What the store
/// forgets stays in it until it is read again, when it has outgrown its room.
struct KeptSpreads {
    fingerprints: HashSet<u64>,
    room: usize,
}

impl KeptSpreads {
    fn of(fingerprints: Vec<u64>) -> Self {
        let room = 2 * fingerprints.len() + CACHED_SPREADS;
        Self { fingerprints: fingerprints.into_iter().collect(), room }
    }
}

/// A bounded map that forgets what was not used lately: when the young half is full, it becomes the
/// old half, and the old one, emptied, the young. What is used moves back to the young half.
struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    fn get_or(
        &mut self,
        key: &K,
        half: usize,
        load: impl FnOnce() -> Result<V, StoreError>,
    ) -> Result<V, StoreError> {
        if let Some(value) = self.get(key, half) {
            return Ok(value);
        }
        let value = load()?;
        self.put(key.clone(), value.clone(), half);
        Ok(value)
    }

    fn get(&mut self, key: &K, half: usize) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(key.clone(), value.clone(), half);
        Some(value)
    }

    fn put(&mut self, key: K, value: V, half: usize) {
        if self.young.len() >= half {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(key, value);
    }
}
