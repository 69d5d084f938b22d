//! Lets a story happen: events at their moments, timers on the way, and a platform that does at once
//! what it is asked to, unless the story says that it refuses.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::compare::{Aligned, align, in_words};
use super::events::in_chinese;
use super::holds::{holds, script_of};
use super::moments::Moments;
use super::outcome::{Failure, Line, Mark};
use super::people::{id_in_stories, name_in_stories};
use super::story::{Happening, Step, Story};
use crate::decision::{
    Act, Action, Change, Decision, Ear, Event, EventKind, GroupState, MemberId, MemberState, Memory,
    PersonState, PostDue, State, TimerKind, decide,
};
use crate::files::{Place, Sources};
use crate::perception::Signals;
use crate::rules::Rulebook;
use crate::rules::written::StoryRole;

/// Characters of a text that are shown.
pub(super) const SHOWN: usize = 60;

/// What every story's group is called.
const GROUP_NAME: &str = "故事群";

/// Something that the bot did, with what it knew then.
pub struct Deed {
    pub at: Timestamp,
    pub action: Action,
    pub event: Event,
    pub state: State,
    /// Whom the words are for, as far as names are filled in.
    pub spoken_to: Vec<MemberId>,
}

/// Tells one story; `None` when everything came as expected.
pub fn tell(story: &Story, rules: &Rulebook, sources: &Sources) -> Option<Failure> {
    let mut teller = Teller::new(story, rules);
    teller.plan();
    for (number, step) in (1..).zip(&story.steps) {
        teller.happens(step);
        if let Some(otherwise) = teller.compare(step) {
            let message = format!("故事「{}」第 {number} 步：{}", story.title, otherwise.message);
            let lines = teller.lines;
            return Some(Failure::new(sources, ("story", otherwise.place), message, otherwise.hint, lines));
        }
    }
    None
}

/// How a step came otherwise.
struct Otherwise {
    place: Place,
    message: String,
    hint: Option<String>,
}

pub(super) struct Teller<'a> {
    pub(super) rules: &'a Rulebook,
    pub(super) story: &'a Story,
    pub(super) memory: Memory,
    pub(super) now: Timestamp,
    /// Events so far: the next one's key.
    pub(super) count: usize,
    pub(super) last_card: Option<String>,
    /// The last card of each person.
    pub(super) cards: BTreeMap<MemberId, String>,
    pub(super) last_action: Option<Action>,
    pub(super) moments: Moments,
    /// Of this step.
    deeds: Vec<Deed>,
    reasons: Vec<(Timestamp, String, String)>,
    lines: Vec<Line>,
    /// The same arguments gave two decisions.
    impure: bool,
}

impl<'a> Teller<'a> {
    fn new(story: &'a Story, rules: &'a Rulebook) -> Self {
        let now = story.starts;
        let mut group = GroupState::new(story.group.clone(), now);
        group.name = GROUP_NAME.into();
        group.kind = story.kind;
        group.members_known = true;
        group.created_at = story.created.and_then(|ago| now.checked_sub(ago).ok());
        let mut memory = Memory::over(rules);
        let mut members = BTreeMap::new();
        for member in &story.members {
            let id = id_in_stories(&member.name, Some(rules));
            if member.role == StoryRole::Owner {
                group.owner = Some(id.clone());
            }
            let state = MemberState {
                corp_member: Some(matches!(member.role, StoryRole::Owner | StoryRole::Staff)),
                joined_at: now.checked_sub(member.joined).ok(),
                ..MemberState::default()
            };
            members.insert(id, state);
        }
        memory.people = everybody(story, rules);
        note_staff(&mut memory.people, &members, &group, rules);
        memory.members.insert(group.id.clone(), members);
        memory.groups.insert(group.id.clone(), group);
        Self {
            rules,
            story,
            memory,
            now,
            count: 0,
            last_card: None,
            cards: BTreeMap::new(),
            last_action: None,
            moments: Moments::default(),
            deeds: Vec::new(),
            reasons: Vec::new(),
            lines: Vec::new(),
            impure: false,
        }
    }

    /// The files are in force: what the group has before it is planned, as at the start of the bot.
    fn plan(&mut self) {
        let kind = EventKind::TimerDue { timer: TimerKind::Plan, subject: String::new() };
        let event = self.event(Ear::Clock, None, kind);
        self.hear(Event { group: Some(self.story.group.clone()), ..event });
    }

    fn happens(&mut self, step: &Step) {
        self.deeds.clear();
        self.reasons.clear();
        self.pass_time(moment_of(step, self.now, &self.rules.timezone));
        if let Some(text) = in_chinese(&step.happens) {
            self.line(self.now, Mark::Event, text);
        }
        for event in self.events_of(&step.happens) {
            self.hear(event);
        }
        // A cancelled moment is over at once.
        self.hear_of_moments(self.now);
    }

    /// Fires what falls due on the way, each timer and each schedule of the story at its own moment.
    fn pass_time(&mut self, until: Timestamp) {
        for (due, post) in self.posts_until(until) {
            self.fire_timers(due);
            self.now = self.now.max(due);
            let title =
                self.rules.schedules.get(&post.schedule).map_or("", |schedule| schedule.title.as_str());
            self.line(self.now, Mark::Event, format!("（到点：排期「{title}」）"));
            self.hear(post.event(self.story.group.clone(), due));
        }
        self.fire_timers(until);
        self.now = until;
    }

    fn fire_timers(&mut self, until: Timestamp) {
        loop {
            let news_at = self.moments.next().filter(|at| *at <= until);
            if let Some(timer) = self.memory.take_due(news_at.unwrap_or(until)) {
                self.now = self.now.max(timer.due);
                self.line(self.now, Mark::Event, format!("（到点：{}）", timer.kind.chinese()));
                self.hear(timer.event());
            } else if let Some(at) = news_at {
                self.now = self.now.max(at);
                self.hear_of_moments(at);
            } else {
                return;
            }
        }
    }

    /// What is due of moments by now: a reminder, or their figures.
    fn hear_of_moments(&mut self, now: Timestamp) {
        let news = self.moments.take_due(now);
        for event in self.events_of_news(news) {
            self.line(self.now, Mark::Event, "（到点：朋友圈）".to_owned());
            self.hear(event);
        }
    }

    /// What the story's schedules want between now and then, in order.
    fn posts_until(&self, until: Timestamp) -> Vec<(Timestamp, PostDue)> {
        let wanted = |id: &&String| self.story.schedules.contains(id);
        let mut posts: Vec<(Timestamp, PostDue)> = Vec::new();
        let group = self.story.group.as_str();
        let Some(rule) = self.rules.rule_for(group, GROUP_NAME, None) else { return posts };
        for (id, schedule) in self.rules.schedules.iter().filter(|(id, _)| wanted(id)) {
            let turns = schedule.turns_of(group, rule, self.now);
            let due = turns.take_while(|turn| turn.due <= until);
            posts.extend(
                due.map(|turn| (turn.due, PostDue { schedule: id.clone(), occurrence: turn.occurrence })),
            );
        }
        posts.sort_by_key(|(due, _)| *due);
        posts
    }

    fn hear(&mut self, event: Event) {
        let (state, decision) = self.decide(&event);
        for change in decision.changes {
            if let Change::CancelMoment { moment, by, at } = &change {
                self.moments.cancel(moment, by, *at);
            }
            self.memory.apply(change);
        }
        let reasons = decision.reasons.into_iter();
        self.reasons.extend(
            reasons.map(|reason| (self.now, format!("{}/{}", reason.feature, reason.code), reason.text)),
        );
        let actions = decision.actions;
        for action in &actions {
            self.done(action, &event, &state);
        }
        let refuses = self.story.removals_fail.is_some();
        let matters =
            |action: &Action| action.then.is_some() || (refuses && matches!(action.act, Act::Remove { .. }));
        actions.into_iter().filter(matters).for_each(|action| self.platform_answers(action));
    }

    /// Decides twice: the core must be pure.
    fn decide(&mut self, event: &Event) -> (State, Decision) {
        let signals = match &event.kind {
            EventKind::Message(message) => {
                self.rules.perceiver.perceive_with(&message.content.text, &self.memory.learned)
            }
            _ => Signals::default(),
        };
        let state = self.memory.load(event, &signals);
        let once = decide(&state, event, &signals, self.rules, self.now);
        let twice = decide(&state, event, &signals, self.rules, self.now);
        self.impure |= once != twice;
        (state, once)
    }

    fn done(&mut self, action: &Action, event: &Event, state: &State) {
        if action.act.is_silent() {
            return;
        }
        if let Act::Moment(task) = &action.act {
            self.moments.ask(task);
        }
        if let Act::TaskCard { to, card } = &action.act {
            self.cards.insert(to.clone(), card.task_id.clone());
            self.last_card = Some(card.task_id.clone());
        }
        self.last_action = Some(action.clone());
        let asked = action.task.as_ref().and_then(|task| self.memory.tasks.get(task));
        let spoken_to = asked.map_or_else(|| action.act.mentions(), |task| task.act.mentions()).to_vec();
        let (event, state) = (event.clone(), state.clone());
        self.deeds.push(Deed { at: self.now, action: action.clone(), event, state, spoken_to });
    }

    /// The platform carries out at once what something waits for, or refuses it.
    fn platform_answers(&mut self, action: Action) {
        let group = action.group.clone();
        let refused = self.story.removals_fail.clone().filter(|_| matches!(action.act, Act::Remove { .. }));
        let action = Box::new(action);
        let kind = match refused {
            Some(why) => EventKind::ActionFailed { id: 1, action, why },
            None => EventKind::ActionDone { id: 1, action },
        };
        let event = self.event(Ear::Delivery, None, kind);
        self.hear(Event { group, ..event });
    }

    fn compare(&mut self, step: &Step) -> Option<Otherwise> {
        let aligned = align(step.expect.len(), self.deeds.len(), |expected, done| {
            holds(&step.expect[expected], &self.deeds[done], self.rules)
        });
        for one in &aligned {
            match *one {
                Aligned::Done(at) => self.deed_line(at, Mark::Done),
                Aligned::Extra(at) => self.deed_line(at, Mark::Extra),
                Aligned::Missing(at) => {
                    let text = in_words(&step.expect[at]);
                    self.lines.push(Line { at: String::new(), mark: Mark::Missing, text });
                }
            }
        }
        let otherwise = self.otherwise(step, &aligned)?;
        for (at, code, text) in std::mem::take(&mut self.reasons) {
            self.line(at, Mark::Reason, format!("{text}（{code}）"));
        }
        Some(otherwise)
    }

    fn otherwise(&self, step: &Step, aligned: &[Aligned]) -> Option<Otherwise> {
        let missing = aligned.iter().find_map(|one| match one {
            Aligned::Missing(at) => Some(step.expect[*at].place),
            _ => None,
        });
        let extra = aligned.iter().any(|one| matches!(one, Aligned::Extra(_)));
        let told = |place, message: &str| Otherwise { place, message: message.to_owned(), hint: None };
        match missing {
            Some(place) if extra => return Some(told(place, "做的和预想的不一样")),
            Some(place) => return Some(told(place, "该做的没有做")),
            None if extra => {
                let hint = Some("真该这样做的话，写进这一步的 expect".to_owned());
                return Some(Otherwise { hint, ..told(step.place, "做了不该做的") });
            }
            None => {}
        }
        let known = |code: &str| self.reasons.iter().any(|(_, known, _)| known == code);
        if let Some(code) = step.because.iter().find(|code| !known(&code.value)) {
            let all: Vec<&str> = self.reasons.iter().map(|(_, code, _)| code.as_str()).collect();
            let hint = if all.is_empty() {
                "一条判断也没有".into()
            } else {
                format!("有的是：{}", all.join("、"))
            };
            let message = format!("没有 {} 这条判断", code.value);
            return Some(Otherwise { place: code.place, message, hint: Some(hint) });
        }
        self.impure.then(|| told(step.place, "同样的事算了两遍，结果不一样：这是程序的错，请告诉开发者"))
    }

    fn deed_line(&mut self, at: usize, mark: Mark) {
        let deed = &self.deeds[at];
        let script = script_of(deed, self.rules).filter(|_| mark == Mark::Extra);
        let script = script.map(|id| format!("（话术 {id}）")).unwrap_or_default();
        let text = format!("{}{script}", deed.action.in_words(name_in_stories, SHOWN));
        self.line(deed.at, mark, text);
    }

    fn line(&mut self, at: Timestamp, mark: Mark, text: String) {
        let local = at.to_zoned(self.rules.timezone.clone());
        self.lines.push(Line { at: local.strftime("%m-%d %H:%M:%S").to_string(), mark, text });
    }
}

/// Everybody of whom the story speaks, so that texts can name them. Staff have ids for names.
fn everybody(story: &Story, rules: &Rulebook) -> BTreeMap<MemberId, PersonState> {
    let mut names: Vec<&String> = story.members.iter().map(|member| &member.name).collect();
    for step in &story.steps {
        match &step.happens {
            Happening::Joins { names: all, .. } => names.extend(all),
            Happening::Says { from, .. } | Happening::Asks { from, .. } => names.push(from),
            _ => {}
        }
    }
    let person = |name: &String| PersonState { name: Some(name.clone()), ..PersonState::default() };
    names.into_iter().map(|name| (id_in_stories(name, Some(rules)), person(name))).collect()
}

/// What the member list of the group has told: who of the stores' staff is in it.
fn note_staff(
    people: &mut BTreeMap<MemberId, PersonState>,
    members: &BTreeMap<MemberId, MemberState>,
    group: &GroupState,
    rules: &Rulebook,
) {
    for id in members.keys().filter(|id| rules.store_of(id.as_str()).is_some()) {
        let person = people.entry(id.clone()).or_default();
        person.staff.groups.insert(group.id.clone(), group.name.clone());
    }
}

/// `after` the last step, or the first `at` from then on.
fn moment_of(step: &Step, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let after = now.saturating_add(step.after).unwrap_or(now);
    let Some(time) = step.at else { return after };
    let local = after.to_zoned(zone.clone());
    let on = |day: jiff::civil::Date| {
        zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().unwrap_or(after)
    };
    let today = on(local.date());
    if today >= after { today } else { on(local.date().saturating_add(SignedDuration::from_hours(24))) }
}
