//! `[moderation]` of a profile: what of it cannot hold, and what holds.

use super::Known;
use super::profiles::list;
use crate::files::{At, HoursOfDay, Id, Place, Report};
use crate::rules::written::{
    BlacklistTable, FineTable, FloodTable, ModerationTable, RaidTable, RungEntry, SpreadTable, TrustTable,
};
use crate::rules::{
    BlacklistRule, BlacklistScope, FineRule, Flood, Moderation, RaidRule, Rung, RungAct, SpreadRule,
    TrustRule,
};
use crate::timetable::QuietHours;

/// Texts of more than a day ago are forgotten.
const SPREAD_WITHIN_AT_MOST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What can be said about the profile's own keys.
pub fn check_own(table: &ModerationTable, known: &Known, report: &mut Report<'_>) {
    let rungs = || table.ladder.iter().flat_map(|ladder| &ladder.value);
    let own = table.flood_script.iter().chain(&table.apology_script);
    for script in own.chain(rungs().filter_map(|rung| rung.script.as_ref())) {
        known.scripts.check(&script.0, script.place, report);
    }
    rungs().for_each(|rung| check_rung(rung, report));
    check_ladder(rungs(), report);
    let spread = table.spread.as_ref().and_then(|spread| spread.value.as_on());
    if let Some(within) = spread.and_then(|spread| spread.within.as_ref())
        && within.0 > SPREAD_WITHIN_AT_MOST
    {
        report.error("too-long", within.place, "群发的话只记一天").hint("写 \"24h\" 以内，例如 \"1h\"");
    }
}

/// What can only be said with everything inherited.
pub fn check_whole(table: &ModerationTable, report: &mut Report<'_>) {
    let Moderation { act_at, ask_at, .. } = moderation(table, report);
    if ask_at > act_at {
        let own = table.ask_at.as_ref().map(|ask_at| ask_at.place);
        // Without its own, the default is too high for what is written.
        if let Some(place) = own.or(table.act_at.as_ref().map(|act_at| act_at.place)) {
            report
                .error("bad-order", place, "请人看的分数比处理的分数还高，就没有人会被问到")
                .hint("ask_at 不能比 act_at 大");
        }
    }
}

/// The scripts that the group may hear.
pub fn scripts(table: &ModerationTable) -> impl Iterator<Item = &At<Id>> {
    let rungs = table.ladder.iter().flat_map(|ladder| &ladder.value);
    let of_rungs = rungs.filter_map(|rung| rung.script.as_ref());
    table.flood_script.iter().chain(&table.apology_script).chain(of_rungs)
}

/// Strikes count 1, 2, 3 … without a gap.
fn check_ladder<'a>(rungs: impl Iterator<Item = &'a At<RungEntry>>, report: &mut Report<'_>) {
    let mut strikes: Vec<(i64, Place)> =
        rungs.filter_map(|rung| rung.strike.as_ref().map(|strike| (strike.0, strike.place))).collect();
    strikes.sort_unstable();
    let mut last = 0;
    for (strike, place) in strikes {
        if strike == last {
            let message = format!("第 {strike} 次违规写了两级");
            report.error("ladder-duplicate", place, message).hint("合成一级，或改成别的次数");
        } else if strike > last + 1 {
            let message = format!("有第 {strike} 级，却没有第 {} 级", last + 1);
            report.error("ladder-gap", place, message).hint("补上缺的一级，或把 strike 改小");
        }
        last = strike;
    }
}

fn check_rung(rung: &At<RungEntry>, report: &mut Report<'_>) {
    let Some(acts) = &rung.acts else { return };
    let does = |act: RungAct| acts.value.iter().any(|one| one.value == act);
    if acts.value.is_empty() {
        report.error("empty-list", acts.place, "这一级什么也不做").hint("只想记下来就写 [\"note\"]");
    }
    let speaks = if does(RungAct::Warn) {
        Some("提醒（warn）")
    } else {
        does(RungAct::Fine).then_some("罚红包（fine）")
    };
    if let Some(what) = speaks.filter(|_| rung.script.is_none()) {
        report
            .error("missing-key", acts.place, format!("要{what}，却没有写用哪条话术"))
            .hint("加一行 script = \"话术编号\"");
    }
    if does(RungAct::Fine) && rung.fine.is_none() {
        report
            .error("missing-key", acts.place, "要罚红包（fine），却没有写罚多少")
            .hint("加一行 fine = { shares = 10, sum = \"20元\" }");
    }
    let details = [
        (rung.blacklist.as_ref().map(|table| table.place), RungAct::Blacklist, "blacklist", "怎样拉黑"),
        (rung.fine.as_ref().map(|table| table.place), RungAct::Fine, "fine", "罚多少"),
        (rung.mute.as_ref().map(|lasts| lasts.place), RungAct::Mute, "mute", "禁言多久"),
    ];
    for (place, act, word, what) in details {
        if let Some(place) = place.filter(|_| !does(act)) {
            report
                .error("detail-without-act", place, format!("写了{what}，但 do 里没有 {word:?}"))
                .hint(format!("在 do 里加上 {word:?}，或删掉这一行"));
        }
    }
}

pub fn moderation(table: &ModerationTable, report: &Report<'_>) -> Moderation {
    let otherwise = Moderation::default();
    let text = |text: &crate::files::Text| text.0.clone();
    Moderation {
        off: table.off.as_ref().map_or(otherwise.off, |off| off.value),
        shadow: table.shadow.as_ref().map_or(otherwise.shadow, |shadow| shadow.value),
        shadow_rules: list(table.shadow_rules.as_ref(), |rule| *rule).unwrap_or(otherwise.shadow_rules),
        exempt: list(table.exempt.as_ref(), |role| *role).unwrap_or(otherwise.exempt),
        allow_links: list(table.allow_links.as_ref(), |domain| domain.0.clone())
            .unwrap_or(otherwise.allow_links),
        allow_contacts: list(table.allow_contacts.as_ref(), text).unwrap_or(otherwise.allow_contacts),
        categories: list(table.categories.as_ref(), |category| *category).unwrap_or(otherwise.categories),
        act_at: table.act_at.as_ref().map_or(otherwise.act_at, |score| score.value.0),
        ask_at: table.ask_at.as_ref().map_or(otherwise.ask_at, |score| score.value.0),
        second_signal_after: table
            .second_signal_after
            .as_ref()
            .map_or(otherwise.second_signal_after, |after| after.value.as_on().map(|after| after.0)),
        trust: table.trust.as_ref().and_then(|table| table.value.as_on()).map(trust),
        raid: table.raid.as_ref().and_then(|table| table.value.as_on()).map(raid),
        spread: table.spread.as_ref().and_then(|table| table.value.as_on()).map(spread),
        ad_hours: list(table.ad_hours.as_ref(), hours).unwrap_or(otherwise.ad_hours),
        names: table.names.as_ref().map_or(otherwise.names, |names| names.value),
        warning_words: list(table.warning_words.as_ref(), text).unwrap_or(otherwise.warning_words),
        apology_script: table.apology_script.as_ref().map(|script| script.0.clone()),
        flood: table.flood.as_ref().and_then(|table| table.value.as_on()).map(flood),
        flood_script: table.flood_script.as_ref().map(|script| script.0.clone()),
        strikes_expire: table.strikes_expire.as_ref().map_or(otherwise.strikes_expire, |after| after.value.0),
        ladder: ladder(table.ladder.as_ref(), report),
    }
}

fn hours(hours: &HoursOfDay) -> QuietHours {
    QuietHours { start: hours.start, end: hours.end }
}

fn trust(table: &TrustTable) -> TrustRule {
    let otherwise = TrustRule::default();
    TrustRule {
        days: table.days.as_ref().map_or(otherwise.days, |days| days.count()),
        expires: table.expires.as_ref().map_or(otherwise.expires, |after| after.value.0),
    }
}

fn raid(table: &RaidTable) -> RaidRule {
    let otherwise = RaidRule::default();
    RaidRule {
        newcomers: table.newcomers.as_ref().map_or(otherwise.newcomers, |count| count.count()),
        within: table.within.as_ref().map_or(otherwise.within, |within| within.value.0),
        joined_within: table.joined_within.as_ref().map_or(otherwise.joined_within, |within| within.value.0),
        lasts: table.lasts.as_ref().map_or(otherwise.lasts, |lasts| lasts.value.0),
    }
}

fn spread(table: &SpreadTable) -> SpreadRule {
    let otherwise = SpreadRule::default();
    SpreadRule {
        groups: table.groups.as_ref().map_or(otherwise.groups, |count| count.count()),
        within: table.within.as_ref().map_or(otherwise.within, |within| within.value.0),
        letters_at_least: table
            .letters_at_least
            .as_ref()
            .map_or(otherwise.letters_at_least, |count| count.count()),
    }
}

fn flood(table: &FloodTable) -> Flood {
    let otherwise = Flood::default();
    Flood {
        messages: table.messages.as_ref().map_or(otherwise.messages, |messages| messages.count()),
        repeats: table.repeats.as_ref().map_or(otherwise.repeats, |repeats| repeats.count()),
        within: table.within.as_ref().map_or(otherwise.within, |within| within.value.0),
    }
}

/// Sorted by strike; rungs without one have been reported.
fn ladder(written: Option<&At<Vec<At<RungEntry>>>>, report: &Report<'_>) -> Vec<Rung> {
    let rungs = written.into_iter().flat_map(|rungs| &rungs.value);
    let mut ladder: Vec<Rung> = rungs.filter_map(|entry| rung(entry, report)).collect();
    ladder.sort_by_key(|rung| rung.strike);
    ladder
}

fn rung(entry: &At<RungEntry>, report: &Report<'_>) -> Option<Rung> {
    let acts: Vec<RungAct> = entry.acts.as_ref()?.value.iter().map(|act| act.value).collect();
    let blacklists = acts.contains(&RungAct::Blacklist);
    Some(Rung {
        strike: u32::try_from(entry.strike.as_ref()?.0).ok()?,
        script: entry.script.as_ref().map(|script| script.0.clone()),
        blacklist: blacklists.then(|| blacklist(entry.blacklist.as_ref())),
        fine: entry.fine.as_ref().and_then(|table| fine(table)),
        mute: entry.mute.as_ref().map(|lasts| lasts.value.0),
        place: report.locate(entry.place),
        acts,
    })
}

/// `None` without a sum, which has been reported.
fn fine(table: &FineTable) -> Option<FineRule> {
    /// As the reference says.
    const SHARES: usize = 10;
    let shares = table.shares.as_ref().map_or(SHARES, |shares| shares.count());
    Some(FineRule { shares, sum: table.sum.as_ref()?.value })
}

fn blacklist(table: Option<&At<BlacklistTable>>) -> BlacklistRule {
    BlacklistRule {
        scope: table
            .and_then(|table| table.scope.as_ref())
            .map_or(BlacklistScope::Group, |scope| scope.value),
        lasts: table.and_then(|table| table.lasts.as_ref()).map(|lasts| lasts.value.0),
    }
}
