//! The lane's memory over the store: what was read or written lately is not read again.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use crate::decision::{
    BrandState, Change, Event, GroupId, GroupState, MemberId, MemberState, Members, PersonState, Spread,
    State, cascades_needed, group_needed, join_code_needed, members_needed, schedule_needed, spread_needed,
    task_needed, verdict_needed, welcome_templates_needed,
};
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::store::{Batch, StoreError};

/// Groups, members and persons kept in memory, twice this at most. Together about 30 MiB when full.
const CACHED_GROUPS: usize = 10_000;
const CACHED_MEMBERS: usize = 50_000;
/// Texts of strangers kept in memory, twice this at most; about 5 MiB when full.
const CACHED_SPREADS: usize = 5_000;

/// Memory over the store: what the lane wrote last is what it reads next.
#[derive(Default)]
pub(super) struct Cache {
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
    pub learned: Arc<Learned>,
}

impl Cache {
    pub fn load(&mut self, batch: &Batch<'_>, event: &Event, signals: &Signals) -> Result<State, StoreError> {
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
        let people = self.people(batch, asked)?;
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

    fn people(
        &mut self,
        batch: &Batch<'_>,
        asked: Vec<MemberId>,
    ) -> Result<BTreeMap<MemberId, Arc<PersonState>>, StoreError> {
        let known = match &mut self.known_people {
            Some(known) => known,
            none => none.insert(batch.people()?.into_iter().collect()),
        };
        let mut people = BTreeMap::new();
        for id in asked.into_iter().filter(|id| known.contains(id)) {
            let load = || Ok(batch.person(&id)?.unwrap_or_default().into());
            let person = self.people.get_or(&id, CACHED_MEMBERS, load)?;
            people.insert(id, person);
        }
        Ok(people)
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

    pub fn remember(&mut self, change: Change) {
        match change {
            Change::Group(group) => {
                self.groups.put(group.id.clone(), Some(group), CACHED_GROUPS);
            }
            Change::Member { group, id, state, .. } => {
                self.members.put((group, id), state, CACHED_MEMBERS);
            }
            Change::Person { id, state } => {
                if let Some(known) = &mut self.known_people {
                    known.insert(id.clone());
                }
                self.people.put(id, state, CACHED_MEMBERS);
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
        Self { young: HashMap::default(), old: HashMap::default() }
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
