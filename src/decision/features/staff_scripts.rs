//! F6 Staff triggers: a keyword in private, or after mentioning the robot, brings the brand's text.

use crate::decision::event::{Ear, EventKind, MemberId, Message};
use crate::decision::{Act, ContentKind, Draft, Hand};
use crate::rules::Role;
use crate::scripts::{Filled, HELP, Script};

pub const NAME: &str = "staff_scripts";

/// A list longer than this helps nobody on a phone; the rest is found by typing a keyword.
const LISTED_AT_MOST: usize = 60;
/// How many scripts are offered when a keyword finds none.
const NEAREST: usize = 3;
/// A passive text reply is cut by the platform beyond this (wecom-receive.md §2.3).
const APP_ANSWER_BYTES: usize = 2048;
/// A reply of the smart robot (wecom-receive.md §4.5).
const AIBOT_ANSWER_BYTES: usize = 20480;

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    if event.kind == EventKind::EnteredChat && event.ear == Ear::Aibot {
        draft.because(NAME, "greeted", "打开了和机器人的会话");
        return draft.push(Hand::Answer, Act::Answer { text: how_to_ask() });
    }
    let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from) else { return };
    if !matches!(event.ear, Ear::App | Ear::Aibot) || !(message.private || message.to_bot) {
        return;
    }
    let answer = if may_ask(draft, from) {
        look_up(draft, from, message)
    } else {
        draft.because(NAME, "not_staff", "不是登记在门店里的店员，不提供话术");
        vec![
            "您好，话术只提供给登记在门店里的伙伴。如果您是店员，请联系运营把您的账号登记到门店。".to_owned(),
        ]
    };
    reply(draft, from, answer);
}

fn may_ask(draft: &Draft<'_>, id: &MemberId) -> bool {
    // Owning a group makes nobody staff: only the brand's own lists do.
    draft.rules.store_of(id.as_str()).is_some() || draft.role(id) == Role::Ops
}

fn look_up(draft: &mut Draft<'_>, from: &MemberId, message: &Message) -> Vec<String> {
    let keyword = crate::text::strip_mention(&message.content.text);
    if message.content.kind != ContentKind::Text && message.content.kind != ContentKind::Mixed
        || keyword.is_empty()
    {
        draft.because(NAME, "no_keyword", "没有关键词");
        return vec![how_to_ask()];
    }
    let profile = draft.profile().map(|profile| profile.id.as_str());
    let library = &draft.rules.scripts;
    if keyword == HELP {
        draft.because(NAME, "help", "列出可用的话术");
        return vec![help(&library.usable(profile, today(draft)))];
    }
    match library.triggered(keyword, profile, today(draft)) {
        Some(script) if script.usable_on(today(draft)) => give(draft, from, script),
        Some(script) => expired(draft, script),
        None => nothing_found(draft, keyword, profile),
    }
}

fn how_to_ask() -> String {
    format!("发一个关键词给我，就能拿到对应的话术。发送“{HELP}”看看有哪些。")
}

fn give(draft: &mut Draft<'_>, from: &MemberId, script: &Script) -> Vec<String> {
    match draft.rules.scripts.fill(script, &draft.facts(&[], Some(from))) {
        Ok(filled) => {
            draft.because(NAME, "given", format!("给出话术「{}」（{}）", script.title, script.place));
            filled.into_iter().map(|Filled { text, .. }| text).collect()
        }
        Err(error) => {
            draft.because(NAME, "not_filled", error.to_string());
            vec![format!("话术「{}」暂时填不完整，已经记录，请先联系运营。", script.title)]
        }
    }
}

fn expired(draft: &mut Draft<'_>, script: &Script) -> Vec<String> {
    draft.because(NAME, "expired", format!("话术「{}」不在有效期内", script.title));
    let successor = script.replaced_by.as_deref().and_then(|id| draft.rules.scripts.get(id));
    let advice = match successor.and_then(|script| Some((&script.title, script.triggers.first()?))) {
        Some((title, trigger)) => format!("请改用「{title}」，发送“{trigger}”就能拿到。"),
        None => "需要新的话术请联系运营。".to_owned(),
    };
    vec![format!("「{}」不在有效期内，不能再发。{advice}", script.title)]
}

fn nothing_found(draft: &mut Draft<'_>, keyword: &str, profile: Option<&str>) -> Vec<String> {
    draft.because(NAME, "miss", format!("没有关键词为“{}”的话术", crate::text::one_line(keyword, 20)));
    let near = draft.rules.scripts.nearest(keyword, profile, today(draft), NEAREST);
    if near.is_empty() {
        return vec![format!("没有找到这个关键词的话术。发送“{HELP}”看看有哪些。")];
    }
    let lines: Vec<String> = near.iter().map(|script| line(script)).collect();
    vec![format!("没有找到这个关键词的话术，您要的是不是：\n{}\n\n发送“{HELP}”看全部。", lines.join("\n"))]
}

fn help(scripts: &[&Script]) -> String {
    if scripts.is_empty() {
        return "现在还没有可用的话术，请联系运营。".to_owned();
    }
    let mut text = String::from("发送关键词就能拿到话术：\n");
    let mut scene = "";
    for script in scripts.iter().filter(|script| !script.triggers.is_empty()).take(LISTED_AT_MOST) {
        if script.scene != scene {
            scene = &script.scene;
            text.push_str(&format!("\n【{}】\n", crate::scripts::scene_in_chinese(scene)));
        }
        text.push_str(&line(script));
        text.push('\n');
    }
    text
}

fn line(script: &Script) -> String {
    match script.triggers.first() {
        Some(trigger) => format!("· {trigger}：{}", script.title),
        None => format!("· {}", script.title),
    }
}

/// One part goes into the answer itself; several, or a long one, go as messages of their own. The
/// smart robot has no other way to speak, so there all parts are one answer.
fn reply(draft: &mut Draft<'_>, from: &MemberId, parts: Vec<String>) {
    if draft.event.ear == Ear::Aibot {
        let text = crate::text::cut_to_bytes(&parts.join("\n\n"), AIBOT_ANSWER_BYTES).to_owned();
        return draft.push(Hand::Answer, Act::Answer { text });
    }
    match <[String; 1]>::try_from(parts) {
        Ok([text]) if text.len() <= APP_ANSWER_BYTES => {
            draft.push(Hand::Answer, Act::Answer { text });
        }
        Ok([text]) => draft.tell(from, text),
        Err(parts) => parts.into_iter().for_each(|text| draft.tell(from, text)),
    }
}

fn today(draft: &Draft<'_>) -> jiff::civil::Date {
    draft.now.to_zoned(draft.rules.timezone.clone()).date()
}
