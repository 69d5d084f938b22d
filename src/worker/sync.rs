//! Reads groups from the platform on a timer and at start: notifications are hints, state is found
//! again. Also the only way to notice who joined or left a group that our app made.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::Intake;
use super::rounds::later;
use crate::channels::wecom::hands::{Hands, Prepared, Report};
use crate::clock::Clock;
use crate::decision::{
    Act, Action, Ear, Event, EventKey, EventKind, GroupId, GroupKind, GroupSnapshot, GroupState, Hand,
};
use crate::rules::{GroupEar, Rulebook};
use crate::store::Reader;

/// How often all customer groups are listed and read again; events tell the changes in between.
pub const CUSTOMER_GROUPS_EVERY: SignedDuration = SignedDuration::from_mins(30);
/// How often the member list of a group is read that has no other way of telling who joined.
pub const MEMBER_LISTS_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Groups taken from the store at once.
const PAGE: usize = 500;

/// The sync loop.
#[derive(Debug)]
pub struct Sync {
    pub reader: Reader,
    pub intake: Intake,
    pub hands: Arc<Hands>,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub clock: Clock,
    /// Apps that may read customer groups.
    pub apps: Vec<Arc<str>>,
    pub customer_groups_every: SignedDuration,
    pub member_lists_every: SignedDuration,
}

/// What one round brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct Round {
    pub read: usize,
    pub changed: usize,
    pub failed: usize,
}

/// The readings handed in since the start, so that an unchanged list is not an event.
type Seen = HashMap<GroupId, Reading>;

/// A reading that was handed in.
struct Reading {
    fingerprint: u64,
    /// While a reading is fresh, what an event just told outweighs it; the same one is handed in
    /// once more at this moment, when it stands for itself.
    again_at: Option<Timestamp>,
}

/// Longer than the registry lets an event outweigh a reading.
const SETTLES: SignedDuration = SignedDuration::from_mins(15);

impl Sync {
    /// Runs until `stop` becomes true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut seen = Seen::new();
        let (mut customers_due, mut lists_due) = (self.clock.now(), self.clock.now());
        loop {
            let now = self.clock.now();
            if now >= customers_due {
                self.customer_groups(&mut seen).await;
                customers_due = later(now, self.customer_groups_every);
            }
            if now >= lists_due {
                self.member_lists(&mut seen).await;
                lists_due = later(now, self.member_lists_every);
            }
            tokio::select! {
                () = self.clock.sleep_until(customers_due.min(lists_due)) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// One round over everything, for `zhanggui sync`.
    pub async fn once(&self) -> Round {
        let mut seen = Seen::new();
        let (customers, lists) = (self.customer_groups(&mut seen).await, self.member_lists(&mut seen).await);
        Round {
            read: customers.read + lists.read,
            changed: customers.changed + lists.changed,
            failed: customers.failed + lists.failed,
        }
    }

    async fn customer_groups(&self, seen: &mut Seen) -> Round {
        let mut round = Round::default();
        for app in &self.apps {
            let Some(connection) = self.hands.connections().app(app) else { continue };
            match self.hands.api().customer_groups(connection, &[]).await {
                Ok(groups) => {
                    for group in groups {
                        let hand = Hand::App { app: app.clone() };
                        self.read(group.chat_id, hand, true, seen, &mut round).await;
                    }
                }
                Err(error) => {
                    round.failed += 1;
                    tracing::warn!(%app, cause = %error, "customer groups could not be listed");
                }
            }
        }
        round
    }

    /// Groups that the configuration names by id are read before they were ever heard: no API lists
    /// the groups that an app made.
    async fn member_lists(&self, seen: &mut Seen) -> Round {
        let mut round = Round::default();
        for group in self.named_groups() {
            self.read_list(&group, seen, &mut round).await;
        }
        let mut after = String::new();
        loop {
            let (reader, from) = (self.reader.clone(), after.clone());
            let groups = match tokio::task::spawn_blocking(move || reader.groups(&from, PAGE)).await {
                Ok(Ok(groups)) => groups,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the groups could not be read");
                    return round;
                }
                Err(_) => return round,
            };
            let Some(last) = groups.last() else { return round };
            after = last.id.to_string();
            for group in groups.iter().filter(|group| !self.is_named(group.id.as_str())) {
                self.read_list(group, seen, &mut round).await;
            }
        }
    }

    fn named_groups(&self) -> Vec<GroupState> {
        let rules = self.rules.load();
        let ids = rules.groups.iter().filter_map(|rule| rule.matches.id.as_deref());
        ids.map(|id| GroupState::new(GroupId::from(id), self.clock.now())).collect()
    }

    fn is_named(&self, id: &str) -> bool {
        self.rules.load().groups.iter().any(|rule| rule.matches.id.as_deref() == Some(id))
    }

    async fn read_list(&self, group: &GroupState, seen: &mut Seen, round: &mut Round) {
        if let Some(hand) = self.list_reader(group) {
            self.read(group.id.clone(), hand, false, seen, round).await;
        }
    }

    /// The hand that reads the member list of a group whose entry asks for it.
    fn list_reader(&self, group: &GroupState) -> Option<Hand> {
        let rules = self.rules.load();
        let owner = group.owner.as_ref().map(|owner| owner.as_str());
        let rule = rules.rule_for(group.id.as_str(), &group.name, owner)?;
        let wanted = group.kind == GroupKind::Internal
            && group.dismissed_at.is_none()
            && rule.ears.contains(&GroupEar::MemberList);
        let appchat = |hand: &&Hand| matches!(hand, Hand::Appchat { .. });
        wanted.then(|| rule.hands.iter().find(appchat).cloned()).flatten()
    }

    async fn read(&self, group: GroupId, hand: Hand, customer: bool, seen: &mut Seen, round: &mut Round) {
        let act = Act::ReadGroup { customer };
        let action = Action { group: Some(group.clone()), ..Action::new(hand, act) };
        round.read += 1;
        match self.hands.carry_out(&action, "sync", &Prepared::nothing()).await {
            Report::Done { snapshot: Some(snapshot), .. } => {
                let fingerprint = fingerprint(&snapshot);
                let now = self.clock.now();
                let known = seen.get(&group).filter(|reading| reading.fingerprint == fingerprint);
                if known.is_some_and(|reading| reading.again_at.is_none_or(|again_at| now < again_at)) {
                    return;
                }
                let again_at = known.is_none().then(|| later(now, SETTLES));
                if self.hand_in(&group, *snapshot, &action).await {
                    seen.insert(group, Reading { fingerprint, again_at });
                    round.changed += 1;
                }
            }
            report => {
                round.failed += 1;
                tracing::info!(%group, ?report, "the group could not be read now");
            }
        }
    }

    async fn hand_in(&self, group: &GroupId, snapshot: GroupSnapshot, action: &Action) -> bool {
        let at = self.clock.now();
        let event = Event {
            key: EventKey::new(format!("sync:{group}:{}", at.as_microsecond())),
            at,
            ear: Ear::Sync,
            via: action.hand.to_string().into(),
            group: Some(group.clone()),
            from: None,
            kind: EventKind::GroupSnapshot(Box::new(snapshot)),
            raw: None,
        };
        match self.intake.submit(event, |_| Ok(())).await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%group, %error, "a reading was not taken in; the next round tries again");
                false
            }
        }
    }
}

/// Only compared within one run, so the standard hasher does.
fn fingerprint(snapshot: &GroupSnapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{snapshot:?}").hash(&mut hasher);
    hasher.finish()
}
