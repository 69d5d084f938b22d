//! From an effect to an action: which hand can do it, and what a person is asked when none can.

use std::sync::Arc;

use jiff::SignedDuration;

use super::Part;
use super::action::{Act, Action, Hand, TaskCard};
use super::case::Case;
use super::draft::Draft;
use super::event::{MemberId, TimerKind};
use super::staff_task::{StaffTask, TaskState};
use super::state::Timer;
use crate::text::whole_lines;

/// Keys of the buttons of a staff task's card.
pub(super) const DONE: &str = "done";
pub(super) const REFUSE: &str = "refuse";
/// 「移出」: the person whom we asked says that it is an advertisement.
pub(super) const REMOVE: &str = "remove";
/// 「误判」: what we held against the member was honest.
pub(super) const MISJUDGED: &str = "misjudged";

/// The platform cuts a private text off beyond this (wecom-send.md §3.2).
pub(super) const TOLD_BYTES_AT_MOST: usize = 2048;

/// What was good to post today may be wrong tomorrow.
const OFFER_STANDS: SignedDuration = SignedDuration::from_hours(24);

/// What a person is asked to do when no hand can.
pub(super) struct Request {
    pub title: &'static str,
    pub why: String,
    pub rows: Vec<(String, String)>,
}

impl Draft<'_> {
    /// Binds the act to the best hand of the group, or asks a person. `then` is what the group shall
    /// hear after it has succeeded: an act of its own where a hand can, else part of the same
    /// request, so that a person gets one card and the group hears one line.
    pub(super) fn act(&mut self, act: Act, then: Option<Act>, request: Request) {
        self.act_about(None, act, then, request);
    }

    /// The same because of a message about which we may be wrong.
    pub(super) fn act_about(&mut self, case: Option<&Case>, act: Act, then: Option<Act>, request: Request) {
        let hands = self.hands();
        let able: Vec<Hand> = hands.iter().filter(|hand| hand.can(&act)).cloned().collect();
        let Some((best, rest)) = able.split_first() else {
            return self.ask_a_person(case, act, then, request);
        };
        let person = hands.iter().find(|hand| is_person(hand));
        let action = Action {
            group: self.group().map(|group| group.id.clone()),
            hand: best.clone(),
            act,
            why: request.why,
            then: then.map(Box::new),
            task: None,
            case: case.cloned().map(Box::new),
            fallback: rest.iter().chain(person).cloned().collect(),
            until: None,
            line: None,
        };
        self.actions.push(action);
    }

    /// Whether a hand of the group can do it without a person.
    pub(super) fn can(&self, act: &Act) -> bool {
        self.hands().iter().any(|hand| hand.can(act))
    }

    /// A private message to a member of staff.
    pub(super) fn tell(&mut self, to: &MemberId, part: Part) {
        let hand = Hand::App { app: self.rules.app.clone() };
        self.push(hand, Act::Tell { to: to.clone(), part });
    }

    /// A private message to the first of ops, if there is one: as many whole lines as a message takes, with `more`
    /// under what is left out.
    pub(super) fn tell_ops(&mut self, text: &str, more: &str) {
        let Some(ops) = self.rules.brand.ops.first() else { return };
        let text = whole_lines(text, TOLD_BYTES_AT_MOST, more);
        self.tell(&MemberId::from(ops.as_str()), Part::text(text));
    }

    /// An act that has one hand only.
    pub(super) fn push(&mut self, hand: Hand, act: Act) {
        let group = self.group().map(|group| group.id.clone());
        self.actions.push(Action { group, ..Action::new(hand, act) });
    }

    /// The hands that the group's entry lists; a group without an entry has the first app's cards.
    pub(super) fn hands(&self) -> Vec<Hand> {
        match self.rule() {
            Some(rule) => rule.hands.clone(),
            None => vec![Hand::StaffTask { app: self.rules.app.clone() }],
        }
    }

    pub(super) fn ask_a_person(
        &mut self,
        case: Option<&Case>,
        act: Act,
        then: Option<Act>,
        request: Request,
    ) {
        let Some(app) = self.card_app() else {
            self.because(
                "staff_tasks",
                "no_hand",
                format!("{}：没有可用的执行方式，也没有配置待办卡", request.title),
            );
            return;
        };
        let Some(assignee) = self.assignee() else {
            self.because("staff_tasks", "nobody", format!("{}：没有群主、店长或运营可以派单", request.title));
            return;
        };
        self.ask(&app, assignee, case, act, then, request);
    }

    /// A card to a certain person. Cards are sent by the group's app, else by the brand's.
    pub(super) fn ask_this_person(&mut self, person: MemberId, act: Act, request: Request) {
        let app = self.card_app().unwrap_or_else(|| self.rules.app.clone());
        self.ask(&app, person, None, act, None, request);
    }

    /// The app that sends the group's cards, if it has such a hand.
    fn card_app(&self) -> Option<Arc<str>> {
        self.hands().into_iter().find_map(|hand| match hand {
            Hand::StaffTask { app } => Some(app),
            _ => None,
        })
    }

    fn ask(
        &mut self,
        app: &str,
        assignee: MemberId,
        case: Option<&Case>,
        act: Act,
        then: Option<Act>,
        request: Request,
    ) {
        let paste = [Some(&act), then.as_ref()].into_iter().flatten().find_map(|act| match act {
            Act::Post { part, .. } => Some(Box::new(part.clone())),
            _ => None,
        });
        let task = StaffTask {
            id: self.new_task_id(),
            group: self.group().map(|group| group.id.clone()),
            app: app.to_string(),
            assignee,
            escalated_to: None,
            title: request.title.to_owned(),
            why: request.why,
            rows: request.rows,
            paste,
            act,
            offer: None,
            case: case.cloned().map(Box::new),
            opened_at: self.now,
            state: TaskState::Open,
        };
        self.because(
            "staff_tasks",
            "asked",
            format!("{}：已发待办卡给 {}", task.title, self.name_of(&task.assignee)),
        );
        self.set_task_timers(&task);
        self.send_card(&task, &task.assignee.clone(), 1);
        self.waits_for_paste(&task);
        self.open_task(task);
    }

    /// Sends the task's card to a person; `number` tells the first card from a later one.
    pub(super) fn send_card(&mut self, task: &StaffTask, to: &MemberId, number: u8) {
        let mut rows = task.rows.clone();
        rows.extend(task.paste.iter().flat_map(|part| part.rows()));
        if let Some(deadline) = self.profile().map(|profile| profile.staff_tasks.expire_after) {
            rows.push(("截止".into(), self.moment(task.opened_at + deadline)));
        }
        let card = TaskCard {
            task_id: format!("{}-{number}", task.id),
            title: task.title.clone(),
            why: task.why.clone(),
            rows,
            paste: task.paste.clone(),
            buttons: buttons(task),
        };
        let hand = Hand::StaffTask { app: task.app.as_str().into() };
        let action = Action::new(hand, Act::TaskCard { to: to.clone(), card });
        self.actions.push(Action { group: task.group.clone(), task: Some(task.id.clone()), ..action });
    }

    /// A card that offers something: nobody is reminded of it, and after the usual time it is withdrawn.
    pub(super) fn send_offer(&mut self, task: &StaffTask, buttons: Vec<(String, String)>) {
        let card = TaskCard {
            task_id: format!("{}-1", task.id),
            title: task.title.clone(),
            why: task.why.clone(),
            rows: task.rows.clone(),
            paste: None,
            buttons,
        };
        let hand = Hand::StaffTask { app: task.app.as_str().into() };
        let action = Action::new(hand, Act::TaskCard { to: task.assignee.clone(), card });
        self.actions.push(Action { task: Some(task.id.clone()), ..action });
        let due = self.now.saturating_add(OFFER_STANDS).unwrap_or(self.now);
        let key = task_timer(TimerKind::TaskExpiry, &task.id);
        let kind = TimerKind::TaskExpiry;
        self.set_timer(Timer { key, due, kind, group: None, subject: task.id.clone() });
    }

    /// The group's owner; if the platform told none, the store's; else ops.
    fn assignee(&self) -> Option<MemberId> {
        let owner = self.group().and_then(|group| group.owner.clone());
        let of_store = || self.store(None).and_then(|store| store.owner.as_deref()).map(MemberId::from);
        let ops = || self.rules.brand.ops.first().map(|ops| MemberId::from(ops.as_str()));
        owner.or_else(of_store).or_else(ops)
    }

    fn set_task_timers(&mut self, task: &StaffTask) {
        let rules = self.profile().map(|profile| profile.staff_tasks.clone()).unwrap_or_default();
        let at = |after| task.opened_at.saturating_add(after).unwrap_or(task.opened_at);
        // Nobody is disturbed in quiet hours, and who is reminded late has as long to answer as ever.
        // That a task has run out disturbs nobody.
        let awake = |due| rules.quiet.map_or(due, |quiet| quiet.next_allowed(due, &self.rules.timezone));
        let reminder = awake(at(rules.remind_after));
        let patience = rules.escalate_after - rules.remind_after;
        let escalation =
            awake(at(rules.escalate_after).max(reminder.saturating_add(patience).unwrap_or(reminder)));
        for (kind, due) in [
            (TimerKind::TaskReminder, reminder),
            (TimerKind::TaskEscalation, escalation),
            (TimerKind::TaskExpiry, at(rules.expire_after)),
        ] {
            self.set_timer(Timer {
                key: task_timer(kind, &task.id),
                due,
                kind,
                group: task.group.clone(),
                subject: task.id.clone(),
            });
        }
    }

    /// Nobody needs to be reminded of the task any more.
    pub(super) fn clear_task_timers(&mut self, task: &str) {
        for kind in [TimerKind::TaskReminder, TimerKind::TaskEscalation, TimerKind::TaskExpiry] {
            self.clear_timer(task_timer(kind, task));
        }
    }

    /// Letters and digits only, as the platform asks; the same event gives the same id again.
    pub(super) fn new_task_id(&self) -> String {
        let seed = format!("{}#{}", self.event.key, self.actions.len());
        format!("t{:016x}", crate::text::fingerprint(&seed))
    }
}

/// What the person may answer. Whoever is asked about a message may always say that we were wrong.
fn buttons(task: &StaffTask) -> Vec<(String, String)> {
    let labels: &[(&str, &str)] = match (&task.case, &task.act) {
        (None, Act::Post { .. }) => &[(DONE, "我已发"), (REFUSE, "不发")],
        (None, _) => &[(DONE, "已处理"), (REFUSE, "不处理")],
        (Some(_), Act::Judge { .. }) => &[(REMOVE, "移出"), (MISJUDGED, "误判")],
        (Some(_), Act::Remove { .. }) => &[(DONE, "已移出"), (MISJUDGED, "误判")],
        (Some(_), _) => &[(DONE, "已处理"), (REFUSE, "不处理"), (MISJUDGED, "误判")],
    };
    labels.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect()
}

pub(super) fn task_timer(kind: TimerKind, task: &str) -> String {
    format!("{}:{task}", kind.as_str())
}

fn is_person(hand: &Hand) -> bool {
    matches!(hand, Hand::StaffTask { .. })
}
