//! `zhanggui budget`: how many mass sends each customer group has received, how many it still takes, and how many
//! are still to come.

use std::path::PathBuf;

use anyhow::anyhow;
use jiff::civil::Date;
use serde_json::json;

use super::Folders;
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::{Coming, GroupKind, GroupState, HeldUp, MemberId};
use crate::rules::{Hand, Rulebook, SendBudget, fits};
use crate::store::{self, Reader};

/// Groups taken from the store at once.
const PAGE: usize = 500;

#[derive(Debug, clap::Args)]
pub struct BudgetArgs {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// This month or the one before, like 2026-11 看哪个月
    #[arg(long, value_parser = month)]
    month: Option<Date>,
    /// Groups whose id is this, or whose name holds it 只看哪些群
    #[arg(long)]
    group: Option<String>,
    /// For programs: one JSON object a line 每行一个 JSON
    #[arg(long)]
    json: bool,
}

/// The first day of a month that is written `2026-11`.
fn month(text: &str) -> anyhow::Result<Date> {
    format!("{text}-01").parse().map_err(|_| anyhow!("{text:?} 不是月份，要写成 2026-11"))
}

/// One group's budget as of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    id: String,
    name: String,
    /// In the budget's window.
    used: usize,
    most: usize,
    left: usize,
    /// In the calendar month.
    in_month: usize,
    /// The platform said that it is used up, whatever we counted.
    full: bool,
    /// So many are still planned; none as of a day that is over.
    coming: usize,
    /// At most so many more may come.
    perhaps: usize,
    /// What is planned is more than the group still takes.
    too_much: bool,
}

impl Line {
    fn of(group: &GroupState, budget: SendBudget, day: Date, coming: &Coming) -> Self {
        let sent = &group.mass_sent;
        Self {
            id: group.id.to_string(),
            name: group.name.clone(),
            used: sent.used(budget, day),
            most: budget.most(day),
            left: sent.left(budget, day),
            in_month: sent.used(SendBudget::Monthly, day),
            full: sent.full_on.is_some_and(|full_on| budget.is_full_since(full_on, day)),
            coming: coming.surely.len(),
            perhaps: coming.perhaps,
            too_much: fits(sent.on.values().chain(&coming.surely).copied(), budget).is_err(),
        }
    }
}

pub fn run(args: &BudgetArgs) -> anyhow::Result<()> {
    let rules = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    let budget = rules.send_budget;
    let now = Clock::system().now();
    let today = now.to_zoned(rules.timezone.clone()).date();
    let day = as_of(args.month, today);
    let reader = store::read(&args.data)?;
    let (schedules, brand) = (reader.schedules()?, reader.brand()?);
    let paused = |id: &str| schedules.get(id).is_some_and(|state| state.paused.is_some());
    let held_up = HeldUp { campaigns: &brand.campaigns, paused: &paused };
    let coming = |group: &GroupState| match day == today {
        true => Coming::of(group, &rules, held_up, now),
        false => Coming::default(),
    };
    let lines: Vec<Line> = groups(&reader)?
        .iter()
        .filter(|group| receives(group, &rules) && wanted(group, args.group.as_deref()))
        .map(|group| Line::of(group, budget, day, &coming(group)))
        .collect();
    if args.json {
        lines.iter().for_each(|line| println!("{}", as_json(line, day)));
    } else if lines.is_empty() {
        println!(
            "没有用企业群发的客户群（群文件里 hands 写 \"mass-send\"）。\nNo customer group has the hand mass-send."
        );
    } else {
        println!("截至 {day}，每个客户群的企业群发额度（{}）", budget.chinese());
        println!("  已用  上限  还剩  本月  还排  可能  群");
        lines.iter().for_each(|line| println!("{}", in_words(line)));
        println!("还没确认的也算已用；店员自己建的群发查不到，真用完了会标出来。");
        println!("还排：排期、活动、剧本在这一期里还有几条；可能：暖场和看情况才说的最多还有几条。");
    }
    Ok(())
}

/// The last day of a month that is over, else today.
fn as_of(month: Option<Date>, today: Date) -> Date {
    match month {
        Some(month) if month.last_of_month() < today => month.last_of_month(),
        Some(month) if month > today => month,
        _ => today,
    }
}

fn groups(reader: &Reader) -> anyhow::Result<Vec<GroupState>> {
    let mut all: Vec<GroupState> = Vec::new();
    loop {
        let after = all.last().map_or_else(String::new, |group| group.id.to_string());
        let page = reader.groups(&after, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// A customer group whose posts go out as mass sends, or did.
fn receives(group: &GroupState, rules: &Rulebook) -> bool {
    let owner = group.owner.as_ref().map(MemberId::as_str);
    let rule = rules.rule_for(group.id.as_str(), &group.name, owner);
    let hand = rule.is_some_and(|rule| rule.hands.iter().any(Hand::posts_later));
    let alive = group.dismissed_at.is_none() && group.kind == GroupKind::Customer;
    alive && (hand || !group.mass_sent.is_empty())
}

fn wanted(group: &GroupState, which: Option<&str>) -> bool {
    which.is_none_or(|which| group.id.as_str() == which || group.name.contains(which))
}

fn as_json(line: &Line, day: Date) -> serde_json::Value {
    json!({ "group": line.id, "name": line.name, "as_of": day, "used": line.used, "most": line.most,
            "left": line.left, "in_month": line.in_month, "full": line.full,
            "coming": line.coming, "perhaps": line.perhaps, "too_much": line.too_much })
}

/// Numbers first: names of any width then line up by themselves.
fn in_words(line: &Line) -> String {
    let full = if line.full { "（平台说已经用完）" } else { "" };
    let too_much = if line.too_much { "（排多了，放不下的会改发待办卡）" } else { "" };
    let Line { used, most, left, in_month, coming, perhaps, name, .. } = line;
    format!("{used:>6}{most:>6}{left:>6}{in_month:>6}{coming:>6}{perhaps:>6}  {name}{full}{too_much}")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::decision::MassSent;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_group_shows_what_it_has_received_and_still_takes() {
        let on = [("a@1", "2026-11-02"), ("b@1", "2026-11-20"), ("c@1", "2026-10-31")];
        let on = on.into_iter().map(|(post, day)| (post.to_owned(), date(day))).collect();
        let mut group = GroupState::new("wr1".into(), Timestamp::UNIX_EPOCH);
        group.name = "朝阳店福利群".into();
        group.mass_sent = MassSent { on, full_on: None };
        let coming = Coming { surely: vec![date("2026-11-29"); 29], perhaps: 12 };
        let line = Line::of(&group, SendBudget::Monthly, date("2026-11-22"), &coming);
        assert_eq!((line.used, line.most, line.left, line.in_month), (2, 30, 28, 2));
        assert_eq!(
            in_words(&line),
            "     2    30    28     2    29    12  朝阳店福利群（排多了，放不下的会改发待办卡）"
        );
        let weekly = Line::of(&group, SendBudget::Weekly, date("2026-11-22"), &Coming::default());
        assert_eq!((weekly.used, weekly.most, weekly.left, weekly.in_month), (1, 7, 6, 2));
        group.mass_sent.full_on = Some(date("2026-11-21"));
        let full = Line::of(&group, SendBudget::Monthly, date("2026-11-22"), &Coming::default());
        assert_eq!((full.left, full.full), (0, true));
        assert!(in_words(&full).ends_with("（平台说已经用完）"));
    }

    #[test]
    fn a_month_that_is_over_is_shown_as_of_its_end() {
        let today = date("2026-11-22");
        assert_eq!(as_of(None, today), today);
        assert_eq!(as_of(Some(month("2026-11").unwrap()), today), today);
        assert_eq!(as_of(Some(month("2026-10").unwrap()), today), date("2026-10-31"));
        assert!(month("11月").is_err() && month("2026-13").is_err());
    }
}
