//! What people read of a campaign.

use jiff::Timestamp;
use jiff::civil::Date;

use super::next_post;
use crate::decision::{CampaignState, Draft, Part};
use crate::rules::Campaign;
use crate::text::one_line;

/// Posts shown when the approval is asked for; `zhanggui campaign show` has all of them.
const PREVIEWED: usize = 30;
/// Moments named of a text that comes again and again.
const MOMENTS_NAMED: usize = 3;
/// A card's second line holds 112 characters (wecom-send.md §3.3).
const STANDING_CHARACTERS: usize = 100;

fn day(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

pub(super) fn store_name(draft: &Draft<'_>, id: &str) -> String {
    draft.rules.stores.get(id).map_or_else(|| id.to_owned(), |store| store.name.clone())
}

/// When the next post is.
pub(super) fn next(draft: &Draft<'_>, campaign: &Campaign) -> String {
    match next_post(draft, campaign) {
        Some(next) => format!("下一条 {} 发", draft.moment(next)),
        None => "后面没有要发的了".to_owned(),
    }
}

/// Everything that somebody agrees to, in the words of one store.
pub(super) fn preview(draft: &Draft<'_>, campaign: &Campaign) -> String {
    let rules = draft.rules;
    let store = campaign.stores(rules).first().copied();
    let mut text = format!("请看一下活动「{}」（{}），同意了才会发。", campaign.title, days(campaign));
    if let Some(store) = store {
        text.push_str(&format!("下面是{}的群会收到的：", store_name(draft, store)));
    }
    for (moments, title, said) in told_once(draft, campaign, store) {
        text.push_str(&format!("\n\n【{} {title}】\n{said}", moments_in_words(draft, &moments)));
    }
    text
}

/// What is to be posted, each text once with all its moments: what comes every week reads the same every week.
fn told_once<'r>(
    draft: &Draft<'r>,
    campaign: &Campaign,
    store: Option<&str>,
) -> Vec<(Vec<Timestamp>, &'r str, String)> {
    let mut told: Vec<(Vec<Timestamp>, &str, String)> = Vec::new();
    for planned in campaign.preview(draft.rules, store, draft.now, PREVIEWED) {
        let said = match &planned.parts {
            Ok(parts) => parts.iter().map(Part::paste_or_kind).collect::<Vec<_>>().join("\n"),
            Err(why) => format!("发不了：{why}"),
        };
        let title = planned.schedule.title.as_str();
        match told.iter_mut().find(|(_, known, text)| *known == title && *text == said) {
            Some((moments, ..)) => moments.push(planned.at),
            None => told.push((vec![planned.at], title, said)),
        }
    }
    told
}

fn moments_in_words(draft: &Draft<'_>, moments: &[Timestamp]) -> String {
    let named: Vec<String> = moments.iter().take(MOMENTS_NAMED).map(|at| draft.moment(*at)).collect();
    let more = if moments.len() > MOMENTS_NAMED { " 等" } else { "" };
    format!("{}{more}", named.join("、"))
}

/// What stands under a preview that is cut.
pub(super) fn more(campaign: &Campaign) -> String {
    format!("\n……各店的全文：zhanggui campaign show {}", campaign.id)
}

/// How it stands, on its card.
pub(super) fn standing(draft: &Draft<'_>, campaign: &Campaign, state: &CampaignState) -> String {
    let anywhere = state.hindrance(campaign, None, |id| draft.name_of(id).to_owned());
    let text = match (anywhere, state.sold_out.is_empty()) {
        (Some((_, why)), _) => why,
        (None, false) => {
            let stores: Vec<String> = state.sold_out.keys().map(|store| store_name(draft, store)).collect();
            format!("正在进行，卖完了的店：{}", stores.join("、"))
        }
        (None, true) => "正在进行".to_owned(),
    };
    one_line(&text, STANDING_CHARACTERS)
}

pub(super) fn rows(draft: &Draft<'_>, campaign: &Campaign) -> Vec<(String, String)> {
    let next = next_post(draft, campaign).map_or("没有了".to_owned(), |next| draft.moment(next));
    vec![("日子".into(), days(campaign)), ("下一条".into(), next)]
}

fn days(campaign: &Campaign) -> String {
    match (campaign.from, campaign.to) {
        (Some(from), Some(to)) => format!("{} 到 {}", day(from), day(to)),
        (Some(from), None) => format!("{} 开始", day(from)),
        (None, Some(to)) => format!("到 {} 为止", day(to)),
        (None, None) => "一直进行".to_owned(),
    }
}
