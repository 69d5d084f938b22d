//! What people read of a cascade.

use crate::decision::route::TOLD_BYTES_AT_MOST;
use crate::decision::{CascadeRun, Draft, Figures, Reach};
use crate::text::{cut_to_bytes, one_line};

/// More names than this are a list for `zhanggui reach`, not a message.
const NAMED_AT_MOST: usize = 20;
/// A card's title holds 36 characters (wecom-send.md §3.3), and says more than this one.
const TITLE_CHARACTERS: usize = 30;

pub(super) fn card_title(run: &CascadeRun) -> String {
    format!("请回执：{}", one_line(&run.rule.title, TITLE_CHARACTERS))
}

/// `below`: how many nodes are told only when this one has answered.
pub(super) fn card_why(below: usize) -> String {
    let why = "看完上面的内容，请点一下「收到」，或者直接回复“收到”。";
    if below == 0 {
        why.to_owned()
    } else {
        format!("{why}您收到以后，才会传给下面的 {below} 处。")
    }
}

pub(super) fn reminder(run: &CascadeRun) -> String {
    format!(
        "提醒：「{}」还没有收到您的回执，请在上面的卡片里点「收到」，或者直接回复“收到”。",
        run.rule.title
    )
}

pub(super) fn late(run: &CascadeRun, count: usize, names: &str) -> String {
    format!(
        "「{}」有 {count} 处到期没有人回执：{names}。内容会接着往下传，请您联系一下他们。",
        run.rule.title
    )
}

pub(super) fn noted(titles: &[String]) -> String {
    format!("好的，{}的回执已记下，谢谢。", titles.join("、"))
}

pub(super) fn listed(names: Vec<String>) -> String {
    let shown = names.iter().take(NAMED_AT_MOST).cloned().collect::<Vec<_>>().join("、");
    if names.len() > NAMED_AT_MOST { format!("{shown} 等 {} 处", names.len()) } else { shown }
}

/// What whoever started it hears at its end.
pub(super) fn digest(draft: &Draft<'_>, run: &CascadeRun, reach: &Reach) -> String {
    let mut text = format!(
        "传达「{}」结束（{} 开始）：通知 {} 人，{} 人收到，占 {}%。",
        run.rule.title,
        draft.moment(run.started_at),
        reach.all.told,
        reach.all.acknowledged + reach.all.late,
        reach.all.percent()
    );
    for hop in &reach.hops {
        text.push_str(&format!("\n{}：{}", hop.of.chinese(), figures(&hop.figures)));
    }
    let missing: Vec<String> =
        reach.missing().map(|person| format!("{}（{}）", person.person, person.node)).collect();
    if !missing.is_empty() {
        text.push_str(&format!("\n没有回执的：{}", listed(missing)));
    }
    let more = format!("\n明细：zhanggui reach {}", run.name);
    format!("{}{more}", cut_to_bytes(&text, TOLD_BYTES_AT_MOST.saturating_sub(more.len())))
}

fn figures(figures: &Figures) -> String {
    let mut text = format!("通知 {}，收到 {}", figures.told, figures.acknowledged);
    for (count, what) in [
        (figures.late, "逾期收到"),
        (figures.missing, "没有收到"),
        (figures.unreachable, "发不到"),
        (figures.gone, "已离开"),
    ] {
        if count > 0 {
            text.push_str(&format!("，{what} {count}"));
        }
    }
    text
}
