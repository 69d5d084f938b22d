//! How long a replay takes: a database full of varied events, through two versions of the files.
//!
//! `ZHANGGUI_REPLAY_EVENTS=1000000 cargo bench --bench replay` measures what the issue speaks of; by
//! default the database is small.

use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use zhanggui::cli::{Side, replay};
use zhanggui::decision::{
    Act, Action, Content, Ear, Event, EventKey, EventKind, GroupChange, GroupId, GroupKind, GroupSnapshot,
    MemberId, Memory, Message, SnapshotMember, decide,
};
use zhanggui::files::{Sources, folder};
use zhanggui::perception::Signals;
use zhanggui::rules::{Rulebook, compile};
use zhanggui::store::{self, NewEvent, Writer};

const EVENTS: u64 = 20_000;
const GROUPS: u64 = 300;
const MEMBERS: u64 = 60;
/// Events of one transaction.
const BATCH: u64 = 5_000;
/// Between two events: a month holds a million of them.
const EVERY: SignedDuration = SignedDuration::from_millis(2_600);

const TALK: &[&str] = &[
    "老板，山楂汁还有吗，给我留两瓶",
    "这个核桃多少钱一斤，皮薄不薄",
    "今天的土鸡蛋到了吗？我下班过来拿，可能要七点多，麻烦帮我留一下，谢谢",
    "接龙 2箱 山楂汁",
    "谢谢老板👍👍👍",
    "我电话13800138000，到了打我",
    "可以加微信吗，我把定位发你",
    "第一次买，先来一小瓶试试",
    "群二维码过期了，重新发一个呗，我拉我妈进来",
];
const ADS: &[&str] = &[
    "兼职日结300，加V：abc12345",
    "刷单返利，一单一结，加微信13812345678",
    "专业代开发票，验真后付款，加V13812345678",
    "首充送彩金，百家乐开户 abc123。com",
];
const KEYWORDS: &[&str] = &["早安", "欢迎", "帮助", "早安问侯", "群规"];

fn main() {
    let wanted = std::env::var("ZHANGGUI_REPLAY_EVENTS").ok().and_then(|number| number.parse().ok());
    let wanted = wanted.unwrap_or(EVENTS);
    let data = tempfile::tempdir().expect("a folder");
    let sources = example();
    let started = Instant::now();
    let (mut writer, reader) = store::open(data.path()).expect("a database");
    let stored = Town::new(&compiled(&sources)).fill(&mut writer, wanted);
    println!("filled: {stored} events in {:.1} s", started.elapsed().as_secs_f64());

    let same = Side::new(compiled(&sources), &sources);
    let mut changed = sources.clone();
    replace(
        &mut changed,
        "config/lexicons/ad.toml",
        "text = \"兼职\"\nweight = 0.4",
        "text = \"兼职\"\nweight = 0.1",
    );
    replace(&mut changed, "config/profiles/base.toml", "act_at = 1.0 ", "act_at = 1.5 ");
    let changed = Side::new(compiled(&changed), &changed);
    for (name, after) in [("the same files", &same), ("other lexicons and rules", &changed)] {
        let started = Instant::now();
        let replayed =
            replay(&reader, &same, after, Timestamp::UNIX_EPOCH).expect("a replay").expect("events");
        let seconds = started.elapsed().as_secs_f64();
        let rate = replayed.events as f64 / seconds;
        let (deeds, differences) = (replayed.comparison.deeds_before, replayed.comparison.finish().len());
        println!(
            "{name}: {} events in {seconds:.1} s, {rate:.0} events/s, {deeds} deeds, {differences} differences",
            replayed.events
        );
        assert_eq!(std::ptr::eq(after, &same), differences == 0, "unchanged rules make no difference");
    }
}

fn example() -> Sources {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    folder::read(&config, &folder::scripts_of(&config))
}

fn compiled(sources: &Sources) -> Rulebook {
    compile(sources).expect("good files").rulebook
}

fn replace(sources: &mut Sources, name: &str, from: &str, to: &str) {
    let file = sources.files.iter_mut().find(|file| file.name == name).expect("a file of the example");
    assert!(file.text.contains(from), "{name} says {from:?} no more");
    file.text = file.text.replace(from, to).into();
}

/// Groups whose members talk, join, leave, advertise and ask; what follows from it is decided by the
/// core and stored as the lane stores it.
struct Town<'r> {
    rules: &'r Rulebook,
    memory: Memory,
    now: Timestamp,
    /// Rows of the outbox so far: outcomes name them.
    rows: i64,
    stored: u64,
}

impl<'r> Town<'r> {
    fn new(rules: &'r Rulebook) -> Self {
        let now = "2026-10-01T00:00:00+08:00".parse().expect("a time");
        Self { rules, memory: Memory::default(), now, rows: 0, stored: 0 }
    }

    fn fill(mut self, writer: &mut Writer, wanted: u64) -> u64 {
        let mut number = 0;
        while self.stored < wanted {
            let town = &mut self;
            writer
                .commit(|batch| {
                    let until = town.stored + BATCH.min(wanted);
                    while town.stored < until {
                        town.now += EVERY;
                        while let Some(timer) = town.memory.take_due(town.now) {
                            town.store(batch, timer.event())?;
                        }
                        let event = town.event(number);
                        number += 1;
                        town.store(batch, event)?;
                    }
                    Ok(())
                })
                .expect("stored");
        }
        self.stored
    }

    fn store(&mut self, batch: &store::Batch<'_>, event: Event) -> store::Result<()> {
        let signals = match &event.kind {
            EventKind::Message(message) => self.rules.perceiver.perceive(&message.content.text),
            _ => Signals::default(),
        };
        let decision = decide(&self.memory.load(&event, &signals), &event, &signals, self.rules, self.now);
        let (reasons, actions) = (&decision.reasons, &decision.actions);
        batch.add_event(&NewEvent {
            event: &event,
            signals: &signals,
            changes: &decision.changes,
            reasons,
            actions,
            heard_at: self.now,
            rules: &self.rules.version,
        })?;
        decision.changes.into_iter().for_each(|change| self.memory.apply(change));
        self.stored += 1;
        for action in decision.actions {
            self.rows += 1;
            if action.then.is_some() {
                let id = self.rows;
                let done = self.outcome(id, action);
                self.store(batch, done)?;
            }
        }
        Ok(())
    }

    /// Every seventh removal is refused.
    fn outcome(&self, id: i64, action: Action) -> Event {
        let group = action.group.clone();
        let refused = matches!(action.act, Act::Remove { .. }) && id.rem_euclid(7) == 0;
        let action = Box::new(action);
        let (key, kind) = if refused {
            ("failed", EventKind::ActionFailed { id, action, why: "这个群不是本应用创建的".into() })
        } else {
            ("done", EventKind::ActionDone { id, action })
        };
        Event { group, ..self.heard(format!("{key}:{id}"), Ear::Delivery, 0, None, kind) }
    }

    fn event(&self, number: u64) -> Event {
        let (group, member) = (number % GROUPS, mixed(number) % MEMBERS);
        let ear = if is_customers(group) { Ear::Archive } else { Ear::GroupRobot };
        let from = Some(MemberId::from(person(group, member).as_str()));
        let key = format!("event:{number}");
        if number < GROUPS {
            return self.heard(key, Ear::Sync, group, None, snapshot(group));
        }
        let pick =
            |texts: &[&str]| texts[usize::try_from(mixed(number) / 97).unwrap_or(0) % texts.len()].to_owned();
        match mixed(number) % 1000 {
            0..10 => self.heard(key, ear, group, from, message(pick(ADS), false)),
            10..40 => {
                let newcomer = MemberId::from(format!("wm-new-{number}").as_str());
                let change = GroupChange::MembersAdded { members: vec![newcomer], scene: Some(3) };
                self.heard(key, Ear::Sync, group, None, EventKind::GroupChanged(change))
            }
            40..45 => {
                let members = from.into_iter().collect();
                let change = GroupChange::MembersRemoved { members, scene: Some(0) };
                self.heard(key, Ear::Sync, group, None, EventKind::GroupChanged(change))
            }
            45..47 => self.heard(key, Ear::Sync, group, None, snapshot(group)),
            47..97 => {
                let staff = Some(MemberId::from("li.na"));
                let asked = self.heard(key, Ear::App, group, staff, message(pick(KEYWORDS), true));
                Event { group: None, ..asked }
            }
            _ => {
                let text = format!("{} {}", pick(TALK), number % 1009);
                self.heard(key, ear, group, from, message(text, false))
            }
        }
    }

    fn heard(&self, key: String, ear: Ear, group: u64, from: Option<MemberId>, kind: EventKind) -> Event {
        let group = Some(GroupId::new(format!("wr-{group}")));
        Event {
            key: EventKey::new(key),
            at: self.now,
            ear,
            via: "bench".into(),
            group,
            from,
            kind,
            raw: None,
        }
    }
}

/// Varied, and the same in every run (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 27)
}

fn is_customers(group: u64) -> bool {
    !group.is_multiple_of(3)
}

fn person(group: u64, member: u64) -> String {
    format!("wm-{group}-{member}")
}

fn message(text: String, private: bool) -> EventKind {
    EventKind::Message(Box::new(Message { private, content: Content::text(text), ..Message::default() }))
}

fn snapshot(group: u64) -> EventKind {
    let member = |member: u64| SnapshotMember {
        id: MemberId::from(person(group, member).as_str()),
        name: Some(format!("街坊{member}")),
        corp_member: false,
        joined_at: None,
        state: None,
    };
    let customers = is_customers(group);
    let name = if customers {
        format!("山谷小铺朝阳店{group}号福利群")
    } else {
        format!("经销商{group}群")
    };
    EventKind::GroupSnapshot(Box::new(GroupSnapshot {
        kind: if customers { GroupKind::Customer } else { GroupKind::Internal },
        name,
        owner: Some(MemberId::from("wang.min")),
        members: (0..MEMBERS).map(member).collect(),
        ..GroupSnapshot::default()
    }))
}
