//! From the question to the last post: nothing goes out that nobody agreed to, and nothing after it was stopped.

use jiff::Timestamp;
use jiff::civil::date;

use crate::decision::event::{CardTap, Content, Ear, Event, EventKey, EventKind, Message, TimerKind};
use crate::decision::rehearsal::at;
use crate::decision::{
    Act, Action, CampaignOrder, CampaignOrdered, Change, GroupKind, GroupState, Memory, PostDue, TaskCard,
    decide,
};
use crate::files::{Look, SourceFile, Sources, render};
use crate::perception::Signals;
use crate::rules::{Rulebook, compile, samples::SERVER};

const CAMPAIGN: &str = r#"
[[campaign]]
id = "gifts"
title = "年货礼盒"
from = 2026-12-10
to = 2027-01-24
approval = { by = "ops" }
groups = { profiles = ["shop"] }

[[campaign.step]]
id = "open"
title = "开订"
on = [2026-12-10]
at = "10:00"
post = "open"

[[campaign.step]]
id = "countdown"
title = "倒计时"
days_before = [3, 1]
at = "10:00"
post = "countdown"
"#;

const SCRIPTS: &str = r#"
[[script]]
id = "open"
title = "开订"
message = [{ text = "{{ store.name }}的礼盒可以订了" }]

[[script]]
id = "countdown"
title = "倒计时"
message = [{ text = "{{ campaign(\"gifts\").title }}还有{{ campaign(\"gifts\").days_left }}天" }]
"#;

const STORES: &str = r#"
[[store]]
id = "chaoyang"
name = "朝阳店"
region = "北京"
owner = "wang.min"
staff = ["wang.min", "li.na"]

[[store]]
id = "hexi"
name = "河西店"
region = "天津"
owner = "zhao.lei"
staff = ["zhao.lei"]
"#;

const GROUPS: &str = r#"
[[group]]
match = { name = "朝阳店*" }
store = "chaoyang"
profile = "shop"
ears = ["group-robot"]
hands = ["appchat"]

[[group]]
match = { name = "河西店*" }
store = "hexi"
profile = "shop"
ears = ["group-robot"]
hands = ["appchat"]
"#;

fn rulebook(campaign: &str, scripts: &str) -> Rulebook {
    let files = [
        ("config/zhanggui.toml", SERVER),
        ("config/stores.toml", STORES),
        ("config/profiles/shop.toml", "name = \"店\"\n[moderation]\noff = true\n"),
        ("config/groups/a.toml", GROUPS),
        ("config/campaigns/gifts.toml", campaign),
        ("bot-scripts/promotion/a.toml", scripts),
    ];
    let files = files.map(|(name, text)| SourceFile::new(name, text));
    let compiled = compile(&Sources::new(files.to_vec()));
    compiled.unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Look::Plain))).rulebook
}

/// A brand with two stores, each with a group that the app can post in.
struct House {
    rules: Rulebook,
    memory: Memory,
    now: Timestamp,
    events: usize,
    actions: Vec<Action>,
    reasons: Vec<String>,
    /// What is taken back: a schedule, or a schedule of one store's groups.
    withdrawn: Vec<String>,
}

impl House {
    fn new(starts: &str) -> Self {
        let rules = rulebook(CAMPAIGN, SCRIPTS);
        let mut memory = Memory::over(&rules);
        for (id, name) in [("wr-chaoyang", "朝阳店福利群"), ("wr-hexi", "河西店福利群")] {
            let mut group = GroupState::new(id.into(), at(starts));
            (group.kind, group.name) = (GroupKind::Internal, name.to_owned());
            memory.groups.insert(group.id.clone(), group);
        }
        let mut house = Self {
            rules,
            memory,
            now: at(starts),
            events: 0,
            actions: Vec::new(),
            reasons: Vec::new(),
            withdrawn: Vec::new(),
        };
        house.plan();
        house
    }

    fn decide(&mut self, event: &Event) {
        let state = self.memory.load(event, &Signals::default());
        let decision = decide(&state, event, &Signals::default(), &self.rules, self.now);
        for change in decision.changes {
            if let Change::WithdrawPosts { schedule, store, .. } = &change {
                let store = store.as_ref().map(|store| format!(" {store}")).unwrap_or_default();
                self.withdrawn.push(format!("{schedule}{store}"));
            }
            self.memory.apply(change);
        }
        self.actions.extend(decision.actions);
        self.reasons
            .extend(decision.reasons.iter().map(|reason| format!("{}/{}", reason.feature, reason.code)));
    }

    fn hear(&mut self, from: Option<&str>, ear: Ear, kind: EventKind) {
        self.events += 1;
        let event = Event {
            key: EventKey::new(format!("test:{}", self.events)),
            at: self.now,
            ear,
            via: "test".into(),
            group: None,
            from: from.map(Into::into),
            kind,
            raw: None,
        };
        self.decide(&event);
    }

    /// The files are in force.
    fn plan(&mut self) {
        self.hear(None, Ear::Clock, EventKind::TimerDue { timer: TimerKind::Plan, subject: "gifts".into() });
    }

    fn until(&mut self, local: &str) {
        while let Some(timer) = self.memory.take_due(at(local)) {
            self.now = self.now.max(timer.due);
            self.decide(&timer.event());
        }
        self.now = at(local);
    }

    /// A step falls due in the group of this store, now. Returns what the group hears.
    fn due(&mut self, step: &str, store: &str) -> Vec<String> {
        let before = self.actions.len();
        let due = PostDue { schedule: format!("gifts-{step}"), occurrence: self.now };
        let event = due.event(format!("wr-{store}").as_str().into(), self.now);
        self.decide(&event);
        let posts = |action: &Action| match &action.act {
            Act::Post { part, .. } => Some(part.paste_or_kind().into_owned()),
            _ => None,
        };
        self.actions[before..].iter().filter_map(posts).collect()
    }

    fn says(&mut self, from: &str, text: &str) -> Vec<String> {
        let before = self.actions.len();
        let message = Message { content: Content::text(text), private: true, ..Message::default() };
        self.hear(Some(from), Ear::App, EventKind::Message(Box::new(message)));
        let answers = self.actions[before..].iter().filter_map(|action| match &action.act {
            Act::Answer { text } => Some(text.clone()),
            _ => None,
        });
        answers.collect()
    }

    fn order(&mut self, order: CampaignOrder) {
        let ordered = CampaignOrdered { campaign: "gifts".into(), order };
        self.hear(Some("lin.yun"), Ear::Operator, EventKind::CampaignOrdered(Box::new(ordered)));
    }

    /// The latest card of this person.
    fn card(&self, of: &str) -> TaskCard {
        let card = |action: &Action| match &action.act {
            Act::TaskCard { to, card } if to.as_str() == of => Some(card.clone()),
            Act::UpdateCard { to, card: Some(card), .. } if to.as_str() == of => Some((**card).clone()),
            _ => None,
        };
        self.actions.iter().rev().find_map(card).expect("a card")
    }

    fn taps(&mut self, from: &str, button: &str) -> TaskCard {
        let tap = CardTap {
            task_id: self.card("lin.yun").task_id,
            button: button.into(),
            response_code: Some("code".into()),
            ..CardTap::default()
        };
        self.hear(Some(from), Ear::App, EventKind::CardTapped(tap));
        self.card("lin.yun")
    }

    fn told(&self, of: &str) -> Vec<String> {
        let told = self.actions.iter().filter_map(|action| match &action.act {
            Act::Tell { to, part } if to.as_str() == of => Some(part.paste_or_kind().into_owned()),
            _ => None,
        });
        told.collect()
    }

    fn last_reason(&self) -> &str {
        self.reasons.last().map_or("", String::as_str)
    }
}

fn buttons(card: &TaskCard) -> Vec<&str> {
    card.buttons.iter().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn ops_are_shown_everything_a_day_before_and_the_first_post_waits_for_their_tap() {
    let mut house = House::new("2026-12-01 09:00");
    assert!(house.actions.is_empty(), "a week before nobody is asked");
    house.until("2026-12-09 10:00");
    let [shown] = &house.told("lin.yun")[..] else { panic!("{:?}", house.actions) };
    assert!(shown.contains("【12月10日 10:00 年货礼盒·开订】\n朝阳店的礼盒可以订了"), "{shown}");
    assert!(shown.contains("【1月21日 10:00 年货礼盒·倒计时】\n年货礼盒还有3天"), "{shown}");
    assert_eq!(buttons(&house.card("lin.yun")), ["agree", "refuse"]);

    let card = house.taps("lin.yun", "agree");
    assert_eq!((buttons(&card), card.why.as_str()), (vec!["pause", "end"], "正在进行"));
    house.until("2026-12-10 10:00");
    assert_eq!(house.due("open", "chaoyang"), ["朝阳店的礼盒可以订了"]);
    assert_eq!(house.due("open", "hexi"), ["河西店的礼盒可以订了"]);
    house.until("2027-01-23 10:00");
    assert_eq!(house.due("countdown", "hexi"), ["年货礼盒还有1天"]);
    assert_eq!(house.told("lin.yun").len(), 1, "nobody is reminded of what was agreed to");
}

#[test]
fn without_a_tap_nothing_goes_out_and_ops_hear_it_once_for_all_groups() {
    let mut house = House::new("2026-12-09 12:00");
    assert_eq!(house.told("lin.yun").len(), 1, "less than a day is left: asked at once");
    house.until("2026-12-10 10:00");
    assert!(house.told("lin.yun")[1].starts_with("提醒"), "{:?}", house.told("lin.yun"));
    assert!(house.due("open", "chaoyang").is_empty() && house.due("open", "hexi").is_empty());
    let told = house.told("lin.yun");
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].contains("年货礼盒·开订") && told[2].contains("还没有等到运营同意"), "{}", told[2]);
    house.until("2027-01-21 10:00");
    assert!(house.due("countdown", "hexi").is_empty());
    assert_eq!(house.told("lin.yun").len(), 4, "another occurrence, another alert");
}

#[test]
fn what_was_changed_after_it_was_agreed_to_is_asked_anew() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("lin.yun", "agree");
    house.rules = rulebook(CAMPAIGN, &SCRIPTS.replace("可以订了", "开始预订了"));
    house.plan();
    assert_eq!(house.told("lin.yun").len(), 2);
    house.until("2026-12-10 10:00");
    assert!(house.due("open", "chaoyang").is_empty());
    assert_eq!(house.last_reason(), "scheduled_posts/not_approved");
    assert!(house.told("lin.yun").last().is_some_and(|told| told.contains("内容改过")));
    house.taps("lin.yun", "agree");
    assert_eq!(house.due("open", "hexi"), ["河西店的礼盒开始预订了"]);
}

#[test]
fn a_remark_in_the_file_asks_nobody_again() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("lin.yun", "agree");
    house.rules = rulebook(&format!("# 备注\n{CAMPAIGN}"), &format!("# 备注\n\n{SCRIPTS}"));
    house.plan();
    assert_eq!(house.told("lin.yun").len(), 1);
    house.until("2026-12-10 10:00");
    assert_eq!(house.due("open", "hexi").len(), 1);
}

#[test]
fn others_cannot_agree_and_a_refusal_holds() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("wang.min", "agree");
    assert_eq!(house.last_reason(), "campaigns/not_allowed");
    let card = house.taps("lin.yun", "refuse");
    assert_eq!(buttons(&card), ["agree", "end"]);
    house.until("2026-12-10 10:00");
    let before = house.told("lin.yun").len();
    assert!(house.due("open", "chaoyang").is_empty());
    assert_eq!(house.last_reason(), "scheduled_posts/refused");
    assert_eq!(house.told("lin.yun").len(), before, "who has refused needs no alert");
}

#[test]
fn a_store_that_has_sold_out_stops_alone_and_goes_on_when_there_is_more() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("lin.yun", "agree");
    let answers = house.says("li.na", "售罄 年货");
    assert!(answers[0].contains("朝阳店的「年货礼盒」卖完了"), "{answers:?}");
    assert_eq!(house.withdrawn, ["gifts-open chaoyang", "gifts-countdown chaoyang"]);
    assert!(house.told("lin.yun").last().is_some_and(|told| told.contains("li.na")), "ops hear it");
    house.until("2026-12-10 10:00");
    assert!(house.due("open", "chaoyang").is_empty());
    assert_eq!(house.last_reason(), "scheduled_posts/sold_out");
    assert_eq!(house.due("open", "hexi").len(), 1);
    assert!(house.says("li.na", "售罄：年货礼盒")[0].contains("已经停了"));
    assert_eq!(house.withdrawn.len(), 2, "a second word does nothing");
    assert!(house.says("li.na", "补货 年货礼盒")[0].contains("有货了"));
    house.until("2027-01-21 10:00");
    assert_eq!(house.due("countdown", "chaoyang").len(), 1);
}

#[test]
fn ops_end_it_for_all_and_what_waits_is_taken_back() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("lin.yun", "agree");
    assert!(house.says("lin.yun", "售罄 年货礼盒")[0].contains("结束了活动"));
    assert_eq!(house.withdrawn, ["gifts-open", "gifts-countdown"]);
    house.until("2026-12-10 10:00");
    assert!(house.due("open", "hexi").is_empty());
    assert!(house.says("li.na", "补货 年货礼盒")[0].contains("整个结束了"));
    assert!(house.due("open", "hexi").is_empty());
    house.order(CampaignOrder::Resume);
    assert_eq!(house.due("open", "chaoyang").len(), 1);
}

#[test]
fn it_is_paused_and_resumed_by_the_card_that_is_asked_for() {
    let mut house = House::new("2026-12-09 12:00");
    house.taps("lin.yun", "agree");
    assert!(house.says("lin.yun", "活动列表").is_empty(), "cards say it");
    let card = house.taps("lin.yun", "pause");
    assert_eq!(buttons(&card), ["resume", "end"]);
    assert_eq!(house.withdrawn.len(), 2);
    house.until("2026-12-10 10:00");
    assert!(house.due("open", "hexi").is_empty());
    house.taps("lin.yun", "pause");
    assert_eq!(house.last_reason(), "campaigns/stopped_before");
    assert_eq!(house.withdrawn.len(), 2, "a second tap does nothing");
    house.taps("lin.yun", "resume");
    assert_eq!(house.due("open", "chaoyang").len(), 1);
}

#[test]
fn words_that_name_nothing_are_asked_about_and_strangers_are_not_heard() {
    let mut house = House::new("2026-12-09 12:00");
    assert!(house.says("li.na", "售罄 月饼")[0].contains("正在进行的有：「年货礼盒」"));
    house.says("stranger", "售罄 年货礼盒");
    assert!(
        house.memory.brand.campaigns.values().all(|state| state.sold_out.is_empty() && state.ended.is_none())
    );
    house.now = at("2027-01-25 09:00");
    assert!(house.says("li.na", "售罄 年货礼盒")[0].contains("没有正在进行的活动"));
}

#[test]
fn a_preview_is_what_a_store_will_hear_on_those_days() {
    let rules = rulebook(CAMPAIGN, SCRIPTS);
    let campaign = &rules.campaigns["gifts"];
    assert_eq!(campaign.stores(&rules), ["chaoyang", "hexi"]);
    let planned = campaign.preview(&rules, Some("hexi"), at("2026-12-01 09:00"), 10);
    let told: Vec<(String, String)> = planned
        .iter()
        .map(|one| {
            let parts = one.parts.as_ref().expect("filled");
            (one.at.to_string(), parts[0].paste_or_kind().into_owned())
        })
        .collect();
    let expected = [
        ("2026-12-10T02:00:00Z", "河西店的礼盒可以订了"),
        ("2027-01-21T02:00:00Z", "年货礼盒还有3天"),
        ("2027-01-23T02:00:00Z", "年货礼盒还有1天"),
    ];
    assert_eq!(told, expected.map(|(at, text)| (at.to_owned(), text.to_owned())));
    assert_eq!(campaign.to, Some(date(2027, 1, 24)));
}
