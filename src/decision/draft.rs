//! One decision in the making: what the features see, and where they put what they found.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Decision;
use super::action::Action;
use super::campaign::CampaignState;
use super::cascade::{CascadeChange, CascadeMemory};
use super::case::Verdict;
use super::event::{Event, GroupId, MemberId};
use super::handed::PostSeen;
use super::join_code::{JoinCodeMemory, JoinCodeState, JoinSeat};
use super::reason::Reason;
use super::scheduled::ScheduleState;
use super::staff_memory::ScriptUse;
use super::standing::{BrandState, Spread};
use super::state::{Change, GroupState, MemberState, PersonState, State, Timer};
use super::welcome_library::KnownTemplate;
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::rules::{GroupRule, Profile, Role, Rulebook, Store};
use crate::scripts::{Asker, Facts, ScriptRole, StoreFacts};

/// Features read the event and the rules, change the memory in place and add actions and reasons;
/// [`Draft::finish`] turns the difference into data.
pub struct Draft<'a> {
    pub event: &'a Event,
    pub signals: &'a Signals,
    pub rules: &'a Rulebook,
    pub now: Timestamp,
    /// Members who really joined by this event, found by the registry.
    pub joined: Vec<MemberId>,
    /// Members whose name in the group changed by this event, found by the registry.
    pub renamed: Vec<MemberId>,
    /// An earlier feature has taken this message or tap as its own: it means nothing else.
    pub taken: bool,
    pub(super) actions: Vec<Action>,
    before: &'a State,
    after: State,
    /// Looked up once; forgotten when the group, by whose name and owner it is found, changes.
    rule: OnceCell<Option<&'a GroupRule>>,
    reasons: Vec<Reason>,
    timers: Vec<Change>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        state: &'a State,
        event: &'a Event,
        signals: &'a Signals,
        rules: &'a Rulebook,
        now: Timestamp,
    ) -> Self {
        Self {
            event,
            signals,
            rules,
            now,
            joined: Vec::new(),
            renamed: Vec::new(),
            taken: false,
            actions: Vec::new(),
            before: state,
            after: state.clone(),
            rule: OnceCell::new(),
            reasons: Vec::new(),
            timers: Vec::new(),
        }
    }

    /// What people have taught.
    pub fn learned(&self) -> &'a Learned {
        &self.before.learned
    }

    pub fn group(&self) -> Option<&GroupState> {
        self.after.group.as_deref()
    }

    pub fn group_mut(&mut self) -> Option<&mut GroupState> {
        self.rule.take();
        self.after.group.as_mut().map(Arc::make_mut)
    }

    /// From now on we know this group.
    pub(super) fn add_group(&mut self, group: GroupState) {
        self.rule.take();
        self.after.group = Some(Arc::new(group));
    }

    /// All loaded members of the group.
    pub fn members(&self) -> &BTreeMap<MemberId, Arc<MemberState>> {
        &self.after.members
    }

    pub fn member(&self, id: &MemberId) -> Option<&MemberState> {
        self.after.members.get(id).map(AsRef::as_ref)
    }

    pub fn member_mut(&mut self, id: &MemberId) -> &mut MemberState {
        Arc::make_mut(self.after.members.entry(id.clone()).or_default())
    }

    pub fn person(&self, id: &MemberId) -> Option<&PersonState> {
        self.after.people.get(id).map(AsRef::as_ref)
    }

    pub fn person_mut(&mut self, id: &MemberId) -> &mut PersonState {
        Arc::make_mut(self.after.people.entry(id.clone()).or_default())
    }

    pub fn task_mut(&mut self) -> &mut Option<super::StaffTask> {
        &mut self.after.task
    }

    /// Where else the message's text was seen.
    pub(super) fn spread_mut(&mut self) -> &mut Option<Spread> {
        &mut self.after.spread
    }

    /// What was said about the message before.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.after.verdict.as_ref()
    }

    pub(super) fn give_verdict(&mut self, verdict: Verdict) {
        self.after.verdict = Some(verdict.clone());
        self.timers.push(Change::Verdict(Box::new(verdict)));
    }

    /// What people said about the schedule that the event is about.
    pub(super) fn schedule(&self) -> Option<&ScheduleState> {
        self.before.schedule.as_ref()
    }

    pub(super) fn set_schedule(&mut self, id: &str, state: ScheduleState) {
        self.timers.push(Change::Schedule { id: id.to_owned(), state });
    }

    /// Of this store's groups alone, or of all.
    pub(super) fn withdraw_posts(&mut self, schedule: &str, store: Option<&str>) {
        let (schedule, store) = (schedule.to_owned(), store.map(str::to_owned));
        self.timers.push(Change::WithdrawPosts { schedule, at: self.now, store });
    }

    /// The runs of cascades that the event is about.
    pub(super) fn cascades(&self) -> &'a [CascadeMemory] {
        &self.before.cascades
    }

    pub(super) fn change_cascade(&mut self, change: CascadeChange) {
        self.timers.push(Change::Cascade(Box::new(change)));
    }

    /// The join code that the event is about.
    pub(super) fn join_code(&self) -> &'a JoinCodeMemory {
        &self.before.join_code
    }

    pub(super) fn set_join_code(&mut self, state: JoinCodeState) {
        self.timers.push(Change::JoinCode(Box::new(state)));
    }

    pub(super) fn set_join_seat(&mut self, code: &str, group: &GroupId, seat: Option<JoinSeat>) {
        self.timers.push(Change::JoinSeat { code: code.to_owned(), group: group.clone(), seat });
    }

    /// What we have put into the library of group welcomes.
    pub(super) fn welcome_templates(&self) -> &'a [KnownTemplate] {
        &self.before.welcome_templates
    }

    pub(super) fn forget_welcome_template(&mut self, key: &str) {
        self.timers.push(Change::ForgetWelcomeTemplate { key: key.to_owned() });
    }

    pub(super) fn cancel_moment(&mut self, moment: &str, by: String) {
        self.timers.push(Change::CancelMoment { moment: moment.to_owned(), by, at: self.now });
    }

    pub(super) fn post_seen(&mut self, seen: PostSeen) {
        self.timers.push(Change::PostSeen(Box::new(seen)));
    }

    pub(super) fn brand_mut(&mut self) -> &mut BrandState {
        &mut self.after.brand
    }

    /// What people said about a campaign.
    pub(super) fn campaign(&self, id: &str) -> Option<&CampaignState> {
        self.after.brand.campaigns.get(id)
    }

    pub(super) fn campaigns(&self) -> &BTreeMap<String, CampaignState> {
        &self.after.brand.campaigns
    }

    pub(super) fn set_campaign(&mut self, id: &str, state: CampaignState) {
        let campaigns = Arc::make_mut(&mut self.after.brand.campaigns);
        if state == CampaignState::default() {
            campaigns.remove(id);
        } else {
            campaigns.insert(id.to_owned(), state);
        }
    }

    pub fn because(&mut self, feature: &'static str, code: &'static str, text: impl Into<String>) {
        self.reasons.push(Reason::new(feature, code, text));
    }

    /// `9月5日 10:00`, as the brand's clocks show it.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.rules.timezone.clone()).strftime("%-m月%-d日 %H:%M").to_string()
    }

    /// Whether a reason of this code was given.
    pub(super) fn reasons_say(&self, feature: &str, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.feature == feature && reason.code == code)
    }

    pub fn used(&mut self, script: ScriptUse) {
        self.timers.push(Change::Used(script));
    }

    pub fn set_timer(&mut self, timer: Timer) {
        self.timers.push(Change::SetTimer(timer));
    }

    pub fn clear_timer(&mut self, key: String) {
        self.timers.push(Change::ClearTimer { key });
    }

    pub fn open_task(&mut self, task: super::StaffTask) {
        self.timers.push(Change::Task(Box::new(task)));
    }

    /// The group's entry in `config/groups`.
    pub fn rule(&self) -> Option<&'a GroupRule> {
        *self.rule.get_or_init(|| {
            let group = self.after.group.as_ref()?;
            let owner = group.owner.as_ref().map(MemberId::as_str);
            self.rules.rule_for(group.id.as_str(), &group.name, owner)
        })
    }

    pub fn profile(&self) -> Option<&'a Profile> {
        self.rules.profiles.get(&*self.rule()?.profile).map(AsRef::as_ref)
    }

    /// The store of the group, or of the person when the chat is private.
    pub fn store(&self, person: Option<&MemberId>) -> Option<&'a Store> {
        let of_group =
            self.rule().and_then(|rule| rule.store.as_ref()).and_then(|id| self.rules.stores.get(id));
        of_group.or_else(|| self.rules.store_of(person?.as_str()))
    }

    pub fn role(&self, id: &MemberId) -> Role {
        let group = self.after.group.as_ref();
        if group.is_some_and(|group| group.owner.as_ref() == Some(id)) {
            return Role::Owner;
        }
        if self.rules.brand.ops.iter().any(|ops| ops == id.as_str()) {
            return Role::Ops;
        }
        // A member of the corp in a customer group serves the customers there.
        let serves = group.is_some_and(|group| group.kind == super::GroupKind::Customer)
            && self.member(id).is_some_and(|member| member.corp_member == Some(true));
        if serves || self.rules.store_of(id.as_str()).is_some() {
            return Role::Staff;
        }
        if self.rule().is_some_and(|rule| rule.kol.iter().any(|kol| kol == id.as_str())) {
            return Role::Kol;
        }
        Role::Member
    }

    /// Why this person may not be in the group, if so.
    pub fn blacklisted(&self, id: &MemberId) -> Option<&str> {
        let here = self.member(id).and_then(|member| member.blacklisted.as_ref());
        let everywhere = self.person(id).and_then(|person| person.blacklisted.as_ref());
        here.into_iter()
            .chain(everywhere)
            .find(|entry| entry.holds_at(self.now))
            .map(|entry| entry.why.as_str())
    }

    /// How people call this person: the name in the group, the person's name, else the id.
    pub fn name_of<'b>(&'b self, id: &'b MemberId) -> &'b str {
        let here = self.member(id).and_then(|member| member.name.as_deref());
        let known = || self.person(id).and_then(|person| person.name.as_deref());
        here.or_else(known).filter(|name| !name.is_empty()).unwrap_or(id.as_str())
    }

    /// What a script's template may name here.
    pub fn facts(&self, spoken_to: &[MemberId], person: Option<&MemberId>) -> Facts {
        let named = |id: &&MemberId| self.name_of(id) != id.as_str();
        let names: Vec<&str> = spoken_to.iter().filter(named).map(|id| self.name_of(id)).collect();
        Facts {
            brand: self.rules.brand.name.clone(),
            store: self.store(person).map(StoreFacts::from).unwrap_or_default(),
            group: self.after.group.as_ref().map(|group| group.name.clone()).unwrap_or_default(),
            member: names.first().map(ToString::to_string).unwrap_or_default(),
            members: names.join("、"),
            count: spoken_to.len(),
            today: self.today(),
        }
    }

    /// The brand's day.
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.rules.timezone.clone()).date()
    }

    /// For whom scripts are looked up here: the person who asks, or, without one, the bot itself.
    pub fn asker(&self, person: Option<&MemberId>) -> Asker<'a> {
        let store = self.store(person);
        Asker {
            profile: self.profile().map(|profile| profile.id.as_str()),
            store: store.map(|store| store.id.as_str()),
            region: store.and_then(Store::region),
            roles: person.map_or(&[], |person| self.script_roles(person)),
            today: self.today(),
        }
    }

    fn script_roles(&self, person: &MemberId) -> &'static [ScriptRole] {
        let person = person.as_str();
        let among = |people: &[String]| people.iter().any(|one| one == person);
        let kol = self.rule().is_some_and(|rule| among(&rule.kol));
        match (self.rules.store_of(person), kol) {
            _ if among(&self.rules.brand.ops) => &[ScriptRole::Ops],
            (None, true) => &[ScriptRole::Kol],
            (Some(_), true) => &[ScriptRole::Staff, ScriptRole::Kol],
            (_, false) => &[ScriptRole::Staff],
        }
    }

    pub(super) fn finish(self) -> Decision {
        let Self { before, after, timers, actions, reasons, .. } = self;
        let mut changes = Vec::new();
        if let Some(group) = after.group {
            let id = group.id.clone();
            if before.group.as_ref().is_none_or(|before| differs(before, &group)) {
                changes.push(Change::Group(group));
            }
            for (member, state) in differing(&before.members, after.members) {
                let lasting = before.members.get(&member).is_none_or(|old| !old.is_kept_as(&state));
                changes.push(Change::Member { group: id.clone(), id: member, state, lasting });
            }
        }
        for (id, state) in differing(&before.people, after.people) {
            changes.push(Change::Person { id, state });
        }
        if let Some(task) = after.task.filter(|task| before.task.as_ref() != Some(task)) {
            changes.push(Change::Task(Box::new(task)));
        }
        if let Some(spread) = after.spread.filter(|spread| before.spread.as_ref() != Some(spread)) {
            changes.push(Change::Spread(Box::new(spread)));
        }
        if after.brand != before.brand {
            changes.push(Change::Brand(after.brand));
        }
        changes.extend(timers);
        Decision { changes, actions, reasons }
    }
}

/// The entries of `after` that `before` has not, or has otherwise. A default value that was not
/// there before says nothing and is left out.
fn differing<T: PartialEq + Default>(
    before: &BTreeMap<MemberId, Arc<T>>,
    after: BTreeMap<MemberId, Arc<T>>,
) -> impl Iterator<Item = (MemberId, Arc<T>)> {
    after.into_iter().filter(|(id, state)| match before.get(id) {
        Some(old) => differs(old, state),
        None => **state != T::default(),
    })
}

/// What nobody has touched is still the same place, and need not be compared.
fn differs<T: PartialEq>(before: &Arc<T>, after: &Arc<T>) -> bool {
    !Arc::ptr_eq(before, after) && before != after
}
