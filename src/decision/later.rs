//! Posts that may come minutes later: everything that was planned. A reply never goes this way.

use jiff::{Timestamp, ToSpan};

use super::Draft;
use super::Part;
use super::action::{Act, Action, Hand};
use super::coming::{Coming, HeldUp};
use super::event::{GroupKind, MemberId};
use super::handed::HandedAs;
use super::mass_send::{MassSend, PostName, reminders};
use super::route::Request;
use super::saying::posts;
use crate::rules::{SendBudget, fits};

/// Name of the reasons given here.
const NAME: &str = "later";

/// A planned post.
#[derive(Clone, Debug, Default)]
pub struct LaterPost {
    /// One firing of it, the same for all groups: `morning-greeting@1795335799`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Why it is posted, for the person who may have to do it instead.
    pub why: String,
    pub parts: Vec<Part>,
    /// When it is no longer worth posting; as long as other requests to people wait, if nothing is said.
    pub until: Option<Timestamp>,
    /// Whom its first words mention where a hand posts it at once. A mass send can mention nobody.
    pub mentions: Vec<MemberId>,
    /// What the card is called that asks a person for a part; if nothing is said, it tells what the part is.
    pub card: Option<&'static str>,
    /// It makes way: where the places in the group's budget are needed for what is planned, it takes none.
    pub makes_way: bool,
}

/// Who brings a planned post into its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostedBy {
    /// Hands that need nobody.
    Hands,
    /// The group's owner, who is to confirm it.
    Owner,
    /// People who are asked for some of it, by these tasks.
    People(Vec<String>),
}

impl Draft<'_> {
    /// Whatever `say` does says the line of this name.
    pub(super) fn saying<R>(&mut self, line: &str, say: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.actions.len();
        let said = say(self);
        self.actions[before..].iter_mut().for_each(|action| action.line = Some(line.to_owned()));
        said
    }

    /// Posts into the event's group by its best hand. In a customer group that is one mass send which the
    /// owner confirms, whatever the number of parts; where no hand can, a person is asked for each part.
    pub fn post_later(&mut self, post: LaterPost) -> PostedBy {
        let Some(position) = self.hands().iter().position(|hand| self.carries(hand, &post.parts)) else {
            return self.post_one_by_one(post);
        };
        let hand = self.hands().swap_remove(position);
        if !hand.posts_later() {
            return self.post_one_by_one(post);
        }
        match self.promised(&post) {
            Ok(send) => {
                self.mass_send(hand, send, post.why);
                PostedBy::Owner
            }
            Err(why) => {
                self.because(NAME, "no_mass_send", why.clone());
                self.post_one_by_one(LaterPost { why: format!("{}。{why}", post.why), ..post })
            }
        }
    }

    /// Whether this hand brings all parts into the group by itself or by its owner's tap.
    fn carries(&self, hand: &Hand, parts: &[Part]) -> bool {
        if hand.posts_later() {
            let customers = self.group().is_some_and(|group| group.kind == GroupKind::Customer);
            return customers && MassSend::can_carry(parts);
        }
        let post = |part: &Part| Act::Post { part: part.clone(), mentions: Vec::new() };
        parts.iter().all(|part| hand.can(&post(part)))
    }

    /// A mass send whose place in the group's budget is taken, or why there can be none.
    fn promised(&mut self, post: &LaterPost) -> Result<MassSend, String> {
        let (budget, today) = (self.rules.send_budget, self.today());
        let store = self.store(None);
        let region = store.map(|store| store.region.clone()).unwrap_or_default();
        let store = store.map(|store| store.id.clone()).unwrap_or_default();
        let patience = self.profile().map(|profile| profile.staff_tasks.clone()).unwrap_or_default();
        let Some(group) = self.group() else { return Err("不知道是哪个群".into()) };
        let Some(owner) = group.owner.clone() else {
            return Err("还没有读到群主是谁，不能建企业群发".into());
        };
        // Counted by its name: a second one of the same name would be a place too many.
        if group.mass_sent.on.contains_key(&post.id) {
            return Err("这个群同一条已经建过企业群发".into());
        }
        if group.mass_sent.left(budget, today) == 0 {
            let (used, most) = (group.mass_sent.used(budget, today), budget.most(today));
            return Err(format!("这个群的群发额度用完了（已用 {used}，{}：{most}）", budget.chinese()));
        }
        if post.makes_way && !self.has_room_beside_plans() {
            return Err("这个群的群发额度要留给后面排好的".into());
        }
        let too_late = self.now.saturating_add(patience.expire_after).unwrap_or(self.now);
        let cancel_at =
            [post.until, self.end_of_budget()].into_iter().flatten().fold(too_late, Timestamp::min);
        let zone = &self.rules.timezone;
        let awake = |due| patience.quiet.map_or(due, |quiet| quiet.next_allowed(due, zone));
        let escalate_at = self.now.saturating_add(patience.escalate_after).unwrap_or(self.now);
        let send = MassSend {
            owner,
            parts: post.parts.clone(),
            post: PostName { id: post.id.clone(), title: post.title.clone(), region },
            reminders: reminders(self.now, patience.remind_after, cancel_at, awake),
            escalate_at: awake(escalate_at).min(cancel_at),
            cancel_at,
            store,
            withdrawn: false,
        };
        if let Some(group) = self.group_mut() {
            group.mass_sent.promise(&post.id, today);
        }
        Ok(send)
    }

    /// Whether one more today leaves room for everything that is planned for the group.
    fn has_room_beside_plans(&self) -> bool {
        let Some(group) = self.group() else { return false };
        // Whether a schedule is paused is known to its own events alone; it may be resumed any time.
        let held_up = HeldUp { campaigns: self.campaigns(), paused: &|_| false };
        let coming = Coming::of(group, self.rules, held_up, self.now);
        let sent = group.mass_sent.on.values().copied();
        fits(sent.chain(coming.surely).chain([self.today()]), self.rules.send_budget).is_ok()
    }

    /// What the owner was asked for before, with its place in the budget, is asked for in another task.
    pub(super) fn mass_send_again(&mut self, mut send: MassSend) {
        let why = format!("「{}」到时间了，机器人不能在这个群里直接发言", send.post.title);
        if let Some(owner) = self.group().and_then(|group| group.owner.clone()) {
            send.owner = owner;
        }
        if let Some(hand) = self.hands().into_iter().find(Hand::posts_later) {
            return self.mass_send(hand, send, why);
        }
        // The files have taken the hand away meanwhile.
        if let Some(group) = self.group_mut() {
            group.mass_sent.withdraw(&send.post.id);
        }
        self.post_one_by_one(LaterPost { why, parts: send.parts, ..LaterPost::default() });
    }

    /// When the brand's day is over: tomorrow's owner need not confirm what was for today.
    pub(super) fn end_of_today(&self) -> Option<Timestamp> {
        let midnight = self.today().saturating_add(1.day()).to_zoned(self.rules.timezone.clone());
        midnight.ok().map(|midnight| midnight.timestamp())
    }

    /// What is allowed once a day and confirmed tomorrow would take tomorrow's place.
    fn end_of_budget(&self) -> Option<Timestamp> {
        (self.rules.send_budget == SendBudget::Daily).then(|| self.end_of_today())?
    }

    fn mass_send(&mut self, hand: Hand, send: MassSend, why: String) {
        let text = format!("「{}」作为企业群发，等 {} 确认", send.post.title, self.name_of(&send.owner));
        self.because(NAME, "mass_send", text);
        let handed = HandedAs::MassSend(send.post.id.clone());
        self.waits_for(handed, &send.text(), send.cancel_at);
        let person = self.hands().into_iter().find(Hand::asks_a_person);
        let group = self.group().map(|group| group.id.clone());
        let act = Act::MassSend(Box::new(send));
        let fallback = person.into_iter().collect();
        self.actions.push(Action { group, why, fallback, ..Action::new(hand, act) });
    }

    fn post_one_by_one(&mut self, post: LaterPost) -> PostedBy {
        let mut tasks = Vec::new();
        for act in posts(post.parts, &post.mentions) {
            let words = matches!(&act, Act::Post { part, .. } if part.is_words());
            let usual = if words { "请在群里发一段话" } else { "请在群里发一条消息" };
            let name = self.group().map(|group| group.name.clone()).unwrap_or_default();
            let title = post.card.unwrap_or(usual);
            let request = Request { title, why: post.why.clone(), rows: vec![("群".into(), name)] };
            tasks.extend((!self.can(&act)).then(|| self.new_task_id()));
            self.act(act, None, request);
        }
        if tasks.is_empty() { PostedBy::Hands } else { PostedBy::People(tasks) }
    }
}

#[cfg(test)]
mod tests;
