//! The decision core, tested by stories: rules + events with times → actions, and nothing else.
//!
//! Each `tests/stories/*.story.toml` is one or more stories told on the shipped example brand's
//! rules. A step happens, timers that fall due meanwhile fire first, and what the bot does must be
//! exactly what the step expects.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use zhanggui::decision::{
    Act, Action, CardTap, Content, Ear, Event, EventKey, EventKind, GroupChange, GroupId, GroupKind,
    GroupState, MemberId, MemberState, Memory, Message, PersonState, decide,
};
use zhanggui::perception::Signals;
use zhanggui::rules::{GroupEar, GroupMatch, GroupRule, Hand, Rulebook};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    story: Vec<Story>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    title: String,
    profile: String,
    starts: String,
    #[serde(default = "internal")]
    kind: GroupKind,
    #[serde(default = "hears_all")]
    ears: Vec<GroupEar>,
    #[serde(default = "appchat")]
    hands: Vec<String>,
    #[serde(default)]
    members: Vec<Member>,
    /// Why the platform refuses to remove anybody.
    removals_fail: Option<String>,
    step: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    name: String,
    /// `owner` makes the group's owner; others are what the rules make of the name.
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    corp: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    after: Option<String>,
    from: Option<String>,
    says: Option<String>,
    /// Says it to the app in private.
    asks: Option<String>,
    /// Mentions the smart robot.
    mentions_robot: Option<String>,
    joins: Vec<String>,
    leaves: Vec<String>,
    /// A button of the last card: `done` or `refuse`.
    taps: Option<String>,
    /// The last action failed for good.
    fails: Option<String>,
    expect: Vec<BTreeMap<String, toml::Value>>,
    /// Codes of reasons that must be in the journal.
    because: Vec<String>,
}

fn internal() -> GroupKind {
    GroupKind::Internal
}
fn hears_all() -> Vec<GroupEar> {
    vec![GroupEar::GroupRobot]
}
fn appchat() -> Vec<String> {
    vec!["appchat".into(), "staff-task".into()]
}

const GROUP: &str = "wr-story";

#[test]
fn every_story_comes_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut told = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the stories' folder") {
        let path = entry.expect("a readable entry").path();
        let text = std::fs::read_to_string(&path).expect("a readable story");
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for story in file.story {
            told += 1;
            let title =
                format!("{}: {}", path.file_name().unwrap_or_default().to_string_lossy(), story.title);
            if let Err(what) = Teller::new(&story).tell(&story) {
                wrong.push(format!("{title}: {what}"));
            }
        }
    }
    assert!(told >= 30, "only {told} stories were told");
    assert!(wrong.is_empty(), "{} of {told} stories went otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

struct Teller {
    rules: Rulebook,
    memory: Memory,
    now: Timestamp,
    count: usize,
    refuses: Option<String>,
    last_card: Option<String>,
    last_action: Option<Action>,
    done: VecDeque<Action>,
    reasons: Vec<String>,
}

impl Teller {
    fn new(story: &Story) -> Self {
        let mut rules = example_rules();
        let mut groups = vec![rule_of(story, &rules.app)];
        groups.extend(rules.groups.iter().cloned());
        rules.groups = groups.into();
        let now: Timestamp = story.starts.parse().expect("a time with a zone");
        let mut memory = Memory::default();
        let mut group = GroupState::new(GroupId::from(GROUP), now);
        group.name = "故事群".into();
        group.kind = story.kind;
        group.members_known = true;
        let mut members = BTreeMap::new();
        for member in &story.members {
            let id = MemberId::from(member.name.as_str());
            if member.role.as_deref() == Some("owner") {
                group.owner = Some(id.clone());
            }
            let state = MemberState {
                name: Some(member.name.clone()),
                corp_member: Some(member.corp || member.role.is_some()),
                joined_at: Some(now - SignedDuration::from_hours(48)),
                ..MemberState::default()
            };
            memory
                .people
                .insert(id.clone(), PersonState { name: Some(member.name.clone()), ..Default::default() });
            members.insert(id, state);
        }
        memory.members.insert(group.id.clone(), members);
        memory.groups.insert(group.id.clone(), group);
        Self {
            rules,
            memory,
            now,
            count: 0,
            refuses: story.removals_fail.clone(),
            last_card: None,
            last_action: None,
            done: VecDeque::new(),
            reasons: Vec::new(),
        }
    }

    fn tell(&mut self, story: &Story) -> Result<(), String> {
        for (number, step) in (1..).zip(&story.step) {
            self.reasons.clear();
            let later = step.after.as_deref().map_or(SignedDuration::ZERO, duration);
            self.pass_time(self.now + later);
            for event in self.events_of(step, story) {
                self.happen(&event);
            }
            self.compare(step).map_err(|what| format!("step {number}: {what}"))?;
        }
        Ok(())
    }

    /// Fires what falls due on the way, each timer at its own moment.
    fn pass_time(&mut self, until: Timestamp) {
        while let Some(timer) = self.memory.take_due(until) {
            self.now = timer.due;
            self.happen(&timer.event());
        }
        self.now = until;
    }

    fn happen(&mut self, event: &Event) {
        let signals = match &event.kind {
            EventKind::Message(message) => self.rules.perceiver.perceive(&message.content.text),
            _ => Signals::default(),
        };
        let state = self.memory.load(event);
        let decision = decide(&state, event, &signals, &self.rules, self.now);
        let again = decide(&state, event, &signals, &self.rules, self.now);
        assert_eq!(decision, again, "the core must be pure");
        decision.changes.into_iter().for_each(|change| self.memory.apply(change));
        self.reasons
            .extend(decision.reasons.iter().map(|reason| format!("{}/{}", reason.feature, reason.code)));
        let waited_for: Vec<Action> =
            decision.actions.iter().filter(|action| action.then.is_some()).cloned().collect();
        for action in decision.actions {
            if let Act::TaskCard { card, .. } = &action.act {
                self.last_card = Some(card.task_id.clone());
            }
            self.last_action = Some(action.clone());
            if !matches!(action.act, Act::ReadGroup { .. }) {
                self.done.push_back(action);
            }
        }
        for action in waited_for {
            self.answer(action);
        }
    }

    /// The platform carries out at once what something waits for, or refuses it.
    fn answer(&mut self, action: Action) {
        self.count += 1;
        let (key, group) = (EventKey::new(format!("story:{}", self.count)), action.group.clone());
        let action = Box::new(action);
        let kind = match &self.refuses {
            Some(why) => EventKind::ActionFailed { id: 1, action, why: why.clone() },
            None => EventKind::ActionDone { id: 1, action },
        };
        let via = "story".into();
        self.happen(&Event {
            key,
            at: self.now,
            ear: Ear::Delivery,
            via,
            group,
            from: None,
            kind,
            raw: None,
        });
    }

    fn events_of(&mut self, step: &Step, story: &Story) -> Vec<Event> {
        let from = step.from.as_deref().map(MemberId::from);
        let in_group = Some(GroupId::from(GROUP));
        let ids =
            |names: &[String]| names.iter().map(|name| MemberId::from(name.as_str())).collect::<Vec<_>>();
        let message = |text: &str, private: bool, to_bot: bool| {
            let content = Content::text(text);
            EventKind::Message(Box::new(Message { content, private, to_bot, ..Message::default() }))
        };
        let all = if story.ears.contains(&GroupEar::Archive) { Ear::Archive } else { Ear::GroupRobot };
        let mut events = Vec::new();
        if !step.joins.is_empty() {
            let kind = GroupChange::MembersAdded { members: ids(&step.joins), scene: Some(3) };
            let ear = if story.kind == GroupKind::Customer { Ear::App } else { Ear::Sync };
            events.push((ear, in_group.clone(), EventKind::GroupChanged(kind)));
        }
        if !step.leaves.is_empty() {
            let kind = GroupChange::MembersRemoved { members: ids(&step.leaves), scene: Some(0) };
            events.push((Ear::Sync, in_group.clone(), EventKind::GroupChanged(kind)));
        }
        let heard = story.ears.iter().any(|ear| matches!(ear, GroupEar::GroupRobot | GroupEar::Archive));
        if let Some(text) = step.says.as_ref().filter(|_| heard) {
            events.push((all, in_group.clone(), message(text, false, false)));
        }
        if let Some(text) = &step.asks {
            events.push((Ear::App, None, message(text, true, false)));
        }
        if let Some(text) = &step.mentions_robot {
            events.push((Ear::Aibot, in_group.clone(), message(&format!("@小掌柜 {text}"), false, true)));
        }
        if let Some(button) = &step.taps {
            let tap = CardTap {
                task_id: self.last_card.clone().expect("a card was sent"),
                button: button.clone(),
                response_code: Some("response".into()),
                ..CardTap::default()
            };
            events.push((Ear::App, None, EventKind::CardTapped(tap)));
        }
        if let Some(why) = &step.fails {
            let action = Box::new(self.last_action.clone().expect("something was done"));
            let group = action.group.clone();
            events.push((Ear::Delivery, group, EventKind::ActionFailed { id: 1, action, why: why.clone() }));
        }
        events
            .into_iter()
            .map(|(ear, group, kind)| {
                self.count += 1;
                let key = EventKey::new(format!("story:{}", self.count));
                Event {
                    key,
                    at: self.now,
                    ear,
                    via: "story".into(),
                    group,
                    from: from.clone(),
                    kind,
                    raw: None,
                }
            })
            .collect()
    }

    fn compare(&mut self, step: &Step) -> Result<(), String> {
        let done: Vec<Action> = self.done.drain(..).collect();
        let told = done
            .iter()
            .map(|action| format!("  {}: {:?}", action.hand, action.act))
            .collect::<Vec<_>>()
            .join("\n");
        if done.len() != step.expect.len() {
            return Err(format!("expected {} actions, got {}:\n{told}", step.expect.len(), done.len()));
        }
        for (action, expected) in done.iter().zip(&step.expect) {
            for (key, value) in expected {
                if !holds(action, key, value) {
                    return Err(format!("expected {key} = {value}, got:\n{told}"));
                }
            }
        }
        match step.because.iter().find(|code| !self.reasons.contains(code)) {
            Some(code) => Err(format!("no reason {code} among {:?}", self.reasons)),
            None => Ok(()),
        }
    }
}

/// One expectation: the act with its subject, or a detail of it.
fn holds(action: &Action, key: &str, value: &toml::Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let names =
        || -> Vec<&str> { value.as_array().into_iter().flatten().filter_map(toml::Value::as_str).collect() };
    match (key, &action.act) {
        ("post", Act::Post { part, .. }) | ("tell", Act::Tell { part, .. }) => part.in_words().contains(text),
        ("answer", Act::Answer { text: said }) => said.contains(text),
        ("mentions", Act::Post { mentions, .. }) => mentions.iter().map(MemberId::as_str).eq(names()),
        ("remove", Act::Remove { member }) => member.as_str() == text,
        ("to", Act::Tell { to, .. } | Act::TaskCard { to, .. }) => to.as_str() == text,
        ("card", Act::TaskCard { card, .. }) => card.title.contains(text),
        ("why", Act::TaskCard { card, .. }) => card.why.contains(text),
        ("paste", Act::TaskCard { card, .. }) => {
            card.paste.as_ref().is_some_and(|paste| paste.in_words().contains(text))
        }
        ("card_says", Act::UpdateCard { label, .. }) => label.contains(text),
        ("by", _) => action.hand.to_string().starts_with(text),
        _ => false,
    }
}

fn rule_of(story: &Story, app: &Arc<str>) -> GroupRule {
    let hand = |name: &String| match name.split_once(':') {
        Some(("webhook", id)) => Hand::Webhook { id: id.into() },
        None if name == "appchat" => Hand::Appchat { app: app.clone() },
        None if name == "staff-task" => Hand::StaffTask { app: app.clone() },
        _ => panic!("unknown hand {name}"),
    };
    GroupRule {
        matches: GroupMatch { id: Some(GROUP.into()), ..GroupMatch::default() },
        store: Some("chaoyang".into()),
        profile: story.profile.as_str().into(),
        ears: story.ears.clone(),
        hands: story.hands.iter().map(hand).collect(),
        kol: Vec::new(),
        place: "a story".into(),
    }
}

fn duration(text: &str) -> SignedDuration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().expect("a number");
    match unit {
        "s" => SignedDuration::from_secs(number),
        "m" => SignedDuration::from_mins(number),
        "h" => SignedDuration::from_hours(number),
        "d" => SignedDuration::from_hours(number * 24),
        _ => panic!("unknown unit in {text}"),
    }
}

/// The rules of the shipped example brand.
fn example_rules() -> Rulebook {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let sources = zhanggui::files::folder::read(&config, &zhanggui::files::folder::scripts_of(&config));
    zhanggui::rules::compile(&sources).expect("the shipped files are good").rulebook
}
