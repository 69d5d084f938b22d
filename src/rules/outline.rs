//! What a rulebook says, as short as a comparison needs it: kept in the store, so that the next
//! version can be compared with the one that people were last told of, also after a restart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Answers, BlacklistScope, GroupRule, JoinCodeWelcome, Moderation, Nudge, Profile, RaidRule, Role,
    Rulebook, Rung, StaffTasks, Store, Welcome, WelcomeStep,
};
use crate::files::Duration;
use crate::scripts::{Override, Product, Scope, Script};
use crate::text::fingerprint;
use crate::timetable::QuietHours;

mod campaigns;
mod playbook;
mod schedules;

/// Changes when the same files give another outline: such outlines cannot be compared.
const FORMAT: u32 = 4;

/// One version of the rules in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    format: u32,
    /// By id.
    pub(super) stores: BTreeMap<String, Named>,
    pub(super) profiles: BTreeMap<String, Named>,
    pub(super) scripts: BTreeMap<String, ScriptOutline>,
    /// What regions and stores change of scripts, by script and place.
    pub(super) overrides: BTreeMap<String, OverrideOutline>,
    /// By id.
    pub(super) products: BTreeMap<String, Named>,
    /// By what a group is recognised by, in words.
    pub(super) groups: BTreeMap<String, GroupOutline>,
    /// By id.
    pub(super) playbooks: BTreeMap<String, Named>,
    /// Phrase → weight in hundredths, by the category's Chinese name.
    pub(super) phrases: BTreeMap<String, BTreeMap<String, u32>>,
    /// By id.
    #[serde(default)]
    pub(super) schedules: BTreeMap<String, Named>,
    /// By id.
    #[serde(default)]
    pub(super) campaigns: BTreeMap<String, Named>,
}

/// A thing with a name and what is said about it, key → value, both as people read them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Named {
    pub name: String,
    pub says: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ScriptOutline {
    pub title: String,
    /// Profiles in whose groups it may be used; empty = all.
    pub profiles: Vec<String>,
    /// Stores that may use it; empty = all.
    pub stores: BTreeSet<String>,
    /// First and last day, as people read them; empty when it is always valid.
    pub valid: String,
    /// Stands for everything else that it says.
    pub rest: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OverrideOutline {
    /// Of the brand's script.
    pub title: String,
    /// Where it holds.
    pub stores: BTreeSet<String>,
    /// Stands for everything that it changes.
    pub rest: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct GroupOutline {
    pub store: Option<String>,
    pub profile: String,
    /// Ears, hands, key persons.
    pub rest: String,
}

impl Outline {
    pub fn of(rules: &Rulebook) -> Self {
        let mut groups = BTreeMap::new();
        for rule in rules.groups.iter() {
            // A second entry for the same groups is never reached.
            groups.entry(recognised_by(rule)).or_insert_with(|| group(rule));
        }
        let mut phrases: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for (category, text, weight) in rules.perceiver.phrases() {
            let hundredths = (weight * 100.0).round() as u32;
            phrases.entry(category.chinese().to_owned()).or_default().insert(text.to_owned(), hundredths);
        }
        Self {
            format: FORMAT,
            stores: rules.stores.iter().map(|(id, one)| (id.clone(), store(one))).collect(),
            profiles: rules.profiles.iter().map(|(id, one)| (id.clone(), profile(one))).collect(),
            scripts: rules.scripts.all().iter().map(|one| (one.id.clone(), script(one, rules))).collect(),
            overrides: rules.scripts.overrides().iter().map(|one| over(one, rules)).collect(),
            products: rules.scripts.products().iter().map(|(id, one)| (id.clone(), product(one))).collect(),
            groups,
            playbooks: rules
                .playbooks
                .iter()
                .map(|(id, one)| (id.clone(), playbook::playbook(one)))
                .collect(),
            phrases,
            schedules: rules
                .schedules
                .iter()
                .map(|(id, one)| (id.clone(), schedules::schedule(one)))
                .collect(),
            campaigns: rules
                .campaigns
                .iter()
                .map(|(id, one)| (id.clone(), campaigns::campaign(one)))
                .collect(),
        }
    }

    /// Whether the two were made in the same way, so that a difference is one of the files.
    pub fn compares_with(&self, other: &Self) -> bool {
        self.format == other.format
    }

    /// The stores whose groups have one of these profiles; `None` stands for the whole brand: no
    /// profile is named, none is in use, or groups that belong to no store have one, too.
    pub(super) fn reach(&self, profiles: &[String]) -> Option<BTreeSet<&str>> {
        let groups = || self.groups.values().filter(|group| profiles.contains(&group.profile));
        if groups().any(|group| group.store.is_none()) {
            return None;
        }
        let stores: BTreeSet<&str> = groups().filter_map(|group| group.store.as_deref()).collect();
        let everywhere = self.stores.len() > 1 && stores.len() == self.stores.len();
        Some(stores).filter(|stores| !stores.is_empty() && !everywhere)
    }

    /// Where a script may be used; `None` stands for the whole brand.
    pub(super) fn reach_of<'o>(&'o self, script: &'o ScriptOutline) -> Option<BTreeSet<&'o str>> {
        let by_profiles = self.reach(&script.profiles);
        if script.stores.is_empty() {
            return by_profiles;
        }
        let stores = script.stores.iter().map(String::as_str);
        Some(stores.filter(|store| by_profiles.as_ref().is_none_or(|some| some.contains(store))).collect())
    }
}

fn recognised_by(rule: &GroupRule) -> String {
    let matches = &rule.matches;
    let parts = [("群", &matches.name), ("群号", &matches.id), ("群主", &matches.owner)];
    let parts = parts.iter().filter_map(|(what, value)| Some(format!("{what}「{}」", value.as_ref()?)));
    parts.collect::<Vec<_>>().join("")
}

fn group(rule: &GroupRule) -> GroupOutline {
    let ears = rule.ears.iter().map(ToString::to_string);
    let hands = rule.hands.iter().map(ToString::to_string);
    GroupOutline {
        store: rule.store.clone(),
        profile: rule.profile.to_string(),
        rest: ears.chain(hands).chain(rule.kol.iter().cloned()).collect::<Vec<_>>().join(","),
    }
}

fn store(store: &Store) -> Named {
    let says = [
        ("区域", store.region.clone()),
        ("地址", store.address.clone()),
        ("营业时间", store.hours.clone()),
        ("电话", store.phone.clone()),
        ("店长", store.owner.clone().unwrap_or_default()),
        ("店员", store.staff.join("、")),
    ];
    Named { name: store.name.clone(), says: said(says) }
}

fn script(script: &Script, rules: &Rulebook) -> ScriptOutline {
    // Where it stands in the files is nothing that anybody notices.
    let rest = Script {
        profiles: Vec::new(),
        valid_from: None,
        valid_to: None,
        place: String::new(),
        ..script.clone()
    };
    ScriptOutline {
        title: script.title.clone(),
        profiles: script.profiles.clone(),
        stores: stores_of(script, rules),
        valid: valid(script.valid_from, script.valid_to),
        rest: fingerprint(&format!("{rest:?}")),
    }
}

/// Those that its lists of stores and regions leave; empty when it has none.
fn stores_of(script: &Script, rules: &Rulebook) -> BTreeSet<String> {
    if script.stores.is_empty() && script.regions.is_empty() {
        return BTreeSet::new();
    }
    let among = |list: &[String], name: &String| list.is_empty() || list.contains(name);
    let fits = |store: &&Store| among(&script.stores, &store.id) && among(&script.regions, &store.region);
    rules.stores.values().filter(fits).map(|store| store.id.clone()).collect()
}

fn over(over: &Override, rules: &Rulebook) -> (String, OverrideOutline) {
    let stores = match &over.scope {
        Scope::Store(id) => BTreeSet::from([id.clone()]),
        Scope::Region(region) => {
            let stores = rules.stores.values().filter(|store| store.region == *region);
            stores.map(|store| store.id.clone()).collect()
        }
    };
    let title = rules.scripts.get(&over.script).map_or(&over.script, |script| &script.title);
    let rest = Override { place: String::new(), ..over.clone() };
    let key = format!("{} {:?}", over.script, over.scope);
    (key, OverrideOutline { title: title.clone(), stores, rest: fingerprint(&format!("{rest:?}")) })
}

fn product(product: &Product) -> Named {
    let steps = product.steps.iter().map(|step| format!("{}{}起{}", step.from, product.unit, step.price));
    let says = [
        ("价钱", product.price.to_string()),
        ("原价", product.was.map(|was| was.to_string()).unwrap_or_default()),
        ("单位", product.unit.clone()),
        ("多买的价钱", steps.collect::<Vec<_>>().join("、")),
        ("价钱的有效期", valid(product.valid_from, product.valid_to)),
    ];
    Named { name: product.name.clone(), says: said(says) }
}

fn valid(from: Option<Date>, to: Option<Date>) -> String {
    let day = |date: Date| format!("{}年{}月{}日", date.year(), date.month(), date.day());
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("{}起", day(from)),
        (None, Some(to)) => format!("到{}", day(to)),
        (Some(from), Some(to)) => format!("{}至{}", day(from), day(to)),
    }
}

fn profile(profile: &Profile) -> Named {
    let Profile { id: _, name, welcome, moderation, staff_tasks, answers, nudge, posts } = profile;
    let lines = welcome_lines(welcome).into_iter().chain(moderation_lines(moderation));
    let quiet = ("排期安静时段".to_owned(), posts.quiet.map(hours).unwrap_or_default());
    let lines = lines.chain(task_lines(staff_tasks)).chain(answer_lines(answers)).chain(nudge_lines(nudge));
    let lines = lines.chain([quiet]);
    Named { name: name.clone(), says: said(lines) }
}

fn said<K: Into<String>>(lines: impl IntoIterator<Item = (K, String)>) -> BTreeMap<String, String> {
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(key, value)| (key.into(), value)).collect()
}

fn on(off: bool) -> String {
    if off { "关" } else { "开" }.to_owned()
}

fn lasting(duration: SignedDuration) -> String {
    Duration(duration).to_string()
}

fn hours(quiet: QuietHours) -> String {
    format!("{}-{}", quiet.start.strftime("%H:%M"), quiet.end.strftime("%H:%M"))
}

fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "群主",
        Role::Staff => "门店的人",
        Role::Ops => "运营",
        Role::Kol => "意见领袖",
        Role::Member => "普通成员",
    }
}

fn welcome_lines(welcome: &Welcome) -> Vec<(String, String)> {
    let Welcome { off, window, script, quiet, repeat_after, mention_at_most, steps, by_join_code } = welcome;
    let line = |key: &str, value: String| (key.to_owned(), value);
    let mut lines = vec![line("欢迎", on(*off))];
    if !off {
        lines.extend([
            line("欢迎话术", script.clone().unwrap_or_default()),
            line("欢迎等候", lasting(*window)),
            line("欢迎安静时段", quiet.map(hours).unwrap_or_default()),
            line("欢迎间隔", lasting(*repeat_after)),
            line("欢迎点名人数", mention_at_most.to_string()),
        ]);
        let step = |step: &WelcomeStep| line(&format!("欢迎后{}", lasting(step.after)), step.script.clone());
        lines.extend(steps.iter().map(step));
        let code =
            |code: &JoinCodeWelcome| line(&format!("进群码{}的欢迎话术", code.state), code.script.clone());
        lines.extend(by_join_code.iter().map(code));
    }
    lines
}

fn moderation_lines(moderation: &Moderation) -> Vec<(String, String)> {
    let line = |key: &str, value: String| (key.to_owned(), value);
    let mut lines = vec![line("广告处理", on(moderation.off))];
    if moderation.off {
        return lines;
    }
    let names = |names: Vec<&str>| names.join("、");
    let exempt = names(moderation.exempt.iter().map(|role| role_in_words(*role)).collect());
    let flood = moderation
        .flood
        .map(|flood| format!("{}内{}条或重复{}次", lasting(flood.within), flood.messages, flood.repeats));
    lines.extend([
        line("只观察不处理", if moderation.shadow { "是".to_owned() } else { String::new() }),
        line("广告类别", names(moderation.categories.iter().map(|one| one.chinese()).collect())),
        line("广告判定线", format!("{:.2}", moderation.act_at)),
        line("请人看的线", format!("{:.2}", moderation.ask_at)),
        line("不受管的人", exempt),
        line("放行的网址", moderation.allow_links.join("、")),
        line("放行的联系方式", moderation.allow_contacts.join("、")),
        line("刷屏", flood.unwrap_or_default()),
        line("刷屏话术", moderation.flood_script.clone().unwrap_or_default()),
        line("违规记录保留", lasting(moderation.strikes_expire)),
    ]);
    lines.extend(standing_lines(moderation));
    lines.extend(
        moderation.ladder.iter().map(|rung| (format!("第{}次违规", rung.strike), rung_in_words(rung))),
    );
    lines
}

/// What holds besides the sum of the signs.
fn standing_lines(moderation: &Moderation) -> Vec<(String, String)> {
    let line = |key: &str, value: Option<String>| (key.to_owned(), value.unwrap_or_default());
    let trust = moderation.trust.map(|rule| format!("{}天，{}不说话作废", rule.days, lasting(rule.expires)));
    let raid = moderation.raid.map(|rule| {
        let RaidRule { newcomers, within, joined_within, lasts } = rule;
        let (within, joined, lasts) = (lasting(within), lasting(joined_within), lasting(lasts));
        format!("{within}内{newcomers}个进群不到{joined}的人可疑，严{lasts}")
    });
    let spread = moderation
        .spread
        .map(|rule| format!("{}内{}个群，{}字起", lasting(rule.within), rule.groups, rule.letters_at_least));
    let shadowed = moderation.shadow_rules.iter().map(|rule| rule.chinese()).collect::<Vec<_>>().join("、");
    let welcome = moderation.ad_hours.iter().map(|window| hours(*window)).collect::<Vec<_>>().join("、");
    vec![
        line("只观察的规则", Some(shadowed)),
        line(
            "要两种迹象的人",
            moderation.second_signal_after.map(|after| format!("进群超过{}", lasting(after))),
        ),
        line("信得过", trust),
        line("一伙人进来闹", raid),
        line("群发", spread),
        line("可以发广告的时段", Some(welcome)),
        line("看名字", moderation.names.then(|| "是".to_owned())),
        line("提醒别人的话", Some(moderation.warning_words.join("、"))),
        line("道歉话术", moderation.apology_script.clone()),
    ]
}

fn rung_in_words(rung: &Rung) -> String {
    let mut words = rung.acts.iter().map(|act| act.chinese()).collect::<Vec<_>>().join("、");
    if let Some(blacklist) = &rung.blacklist {
        let scope = match blacklist.scope {
            BlacklistScope::Group => "本群",
            BlacklistScope::Brand => "所有群",
        };
        let lasts = blacklist.lasts.map_or_else(|| "永久".to_owned(), lasting);
        words.push_str(&format!("（{scope}，{lasts}）"));
    }
    if let Some(fine) = &rung.fine {
        words.push_str(&format!("，红包{}个共{}", fine.shares, fine.sum));
    }
    if let Some(lasts) = rung.mute {
        words.push_str(&format!("，禁言{}", lasting(lasts)));
    }
    if let Some(script) = &rung.script {
        words.push_str(&format!("，话术 {script}"));
    }
    words
}

fn answer_lines(answers: &Answers) -> Vec<(String, String)> {
    let Answers { scripts, cooldown } = answers;
    if scripts.is_empty() {
        return Vec::new();
    }
    vec![("自动回答".to_owned(), scripts.join("、")), ("自动回答间隔".to_owned(), lasting(*cooldown))]
}

fn nudge_lines(nudge: &Nudge) -> Vec<(String, String)> {
    let Nudge { scripts, quiet_for, hours: awake, at_most } = nudge;
    if scripts.is_empty() {
        return Vec::new();
    }
    let rule = format!("{}没人说话，{}，一天{at_most}次", lasting(*quiet_for), hours(*awake));
    vec![("暖场".to_owned(), rule), ("暖场话术".to_owned(), scripts.join("、"))]
}

fn task_lines(tasks: &StaffTasks) -> Vec<(String, String)> {
    let StaffTasks { remind_after, escalate_after, expire_after, quiet } = tasks;
    let line = |key: &str, value: String| (key.to_owned(), value);
    vec![
        line("待办提醒", lasting(*remind_after)),
        line("待办升级", lasting(*escalate_after)),
        line("待办作废", lasting(*expire_after)),
        line("待办安静时段", quiet.map(hours).unwrap_or_default()),
    ]
}
