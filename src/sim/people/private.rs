//! People in their 1:1 windows with the app and the smart robot, and with new customers.

use super::{Said, check_room, queue, response_url};
use crate::sim::content::Content;
use crate::sim::events::{self, BotChat, Tap};
use crate::sim::random::random_text;
use crate::sim::refusal::Refusal;
use crate::sim::world::callback::{Regarding, Target};
use crate::sim::world::card::CARD_LIVES;
use crate::sim::world::{Aibot, App, Change, PrivateMessage, Step, WelcomeCode};

/// The other side of a 1:1 window.
enum Partner {
    App(App),
    Bot(Aibot),
}

fn partner(step: &Step<'_>, person: &str, to: &str) -> Result<Partner, Refusal> {
    let state = step.state();
    if !state.people.contains_key(person) {
        return Err(Refusal::no_person(person));
    }
    if !state.is_corp_member(person) {
        return Err(Refusal::Conflict("客户没有应用和机器人的私聊窗口".into()));
    }
    let found = match to.split_once(':') {
        Some(("app", id)) => state.app(id).cloned().map(Partner::App),
        Some(("bot", id)) => state.aibot(id).cloned().map(Partner::Bot),
        _ => None,
    };
    found.ok_or_else(|| Refusal::Missing(format!("没有 {to}；写成 app:编号 或 bot:编号")))
}

/// A member writes to the app or the smart robot in private.
pub fn tell(step: &mut Step<'_>, person: &str, to: &str, content: Content) -> Result<Said, Refusal> {
    check_room(step)?;
    let partner = partner(step, person, to)?;
    let (msgid, at) = (step.message_id(), step.now());
    let message = PrivateMessage {
        msgid: msgid.clone(),
        at,
        window: to.to_owned(),
        from: person.to_owned(),
        kind: content.kind.clone(),
        content: content.shown(),
        attached: None,
        card: None,
        recalled: false,
    };
    step.make(Change::Told { person: person.to_owned(), message: Box::new(message) });
    let regarding =
        Regarding { person: Some(person.to_owned()), msgid: Some(msgid.clone()), ..Regarding::default() };
    match partner {
        Partner::App(app) => {
            let corp = step.state().corp.id.clone();
            if let Some(body) = events::app_message(&corp, &app, person, at, &msgid, &content)
                && app.has_callback
            {
                queue(step, Target::App(app.id), person, &content.kind, body, regarding);
            }
        }
        Partner::Bot(bot) => {
            let url = response_url(step, &bot.id, &regarding);
            let talk = BotChat { bot: &bot, person, chat: None };
            if let Some(body) = talk.message(&msgid, &content, &url) {
                queue(step, Target::Aibot(bot.id.clone()), person, &content.kind, body, regarding);
            }
        }
    }
    Ok(Said { msgid, at })
}

/// A member opens the window of the app (`enter_agent`) or of the smart robot (`enter_chat`).
pub fn open_window(step: &mut Step<'_>, person: &str, to: &str) -> Result<(), Refusal> {
    check_room(step)?;
    let now = step.now();
    let regarding = Regarding { person: Some(person.to_owned()), ..Regarding::default() };
    match partner(step, person, to)? {
        Partner::App(app) => {
            let body = events::app_entered(&step.state().corp.id, &app, person, now);
            queue(step, Target::App(app.id), person, "enter_agent", body, regarding);
        }
        Partner::Bot(bot) => {
            let msgid = step.message_id();
            let body = BotChat { bot: &bot, person, chat: None }.entered(&msgid, now);
            queue(step, Target::Aibot(bot.id), person, "enter_chat", body, regarding);
        }
    }
    Ok(())
}

/// A person taps a button of a card.
pub fn tap(
    step: &mut Step<'_>,
    card: &str,
    person: &str,
    key: &str,
    selected: &[(String, Vec<String>)],
) -> Result<(), Refusal> {
    check_room(step)?;
    let card =
        step.state().cards.get(card).cloned().ok_or_else(|| Refusal::Missing(format!("没有卡片 {card}")))?;
    let face =
        card.faces.get(person).ok_or_else(|| Refusal::Conflict(format!("{person} 没有收到这张卡片")))?;
    if face.label.is_some() {
        return Err(Refusal::Conflict("这张卡片已经处理过，按钮是灰的".into()));
    }
    if step.now().duration_since(card.sent_at) > CARD_LIVES {
        return Err(Refusal::Conflict("这张卡片发出已超过 72 小时，不能再点".into()));
    }
    let Some(tapped) = card.tappable(person, key) else {
        return Err(Refusal::Invalid(format!("这张卡片上没有按钮 {key}")));
    };
    let tap = Tap { person, key, tapped: &tapped, selected };
    let at = step.now();
    let regarding = Regarding {
        person: Some(person.to_owned()),
        chat: card.chat.clone(),
        card: Some(card.id.clone()),
        ..Regarding::default()
    };
    let event = if tapped.menu { "template_card_menu_event" } else { "template_card_event" };
    match card.sender.split_once(':') {
        Some(("app", id)) => {
            let Some(app) = step.state().app(id).cloned() else { return Ok(()) };
            let code = random_text(64);
            step.make(Change::CardCodeIssued { card: card.id.clone(), code: code.clone(), at });
            let body = events::app_card_tapped(&step.state().corp.id, &app, &card, &tap, at, &code);
            queue(step, Target::App(app.id), person, event, body, regarding);
        }
        Some(("bot", id)) => {
            let Some(bot) = step.state().aibot(id).cloned() else { return Ok(()) };
            let (msgid, url) = (step.message_id(), response_url(step, &bot.id, &regarding));
            let talk = BotChat { bot: &bot, person, chat: card.chat.as_deref() };
            let body = talk.card_tapped(&msgid, &card, &tap, at, &url);
            queue(step, Target::Aibot(bot.id.clone()), person, event, body, regarding);
        }
        _ => unreachable!("cards are sent by apps and robots alone"),
    }
    Ok(())
}

/// A member adds a customer as a contact; every app with 客户联系 gets a welcome code
/// (wecom-receive.md §3.2). Answers the code.
pub fn add_contact(
    step: &mut Step<'_>,
    member: &str,
    customer: &str,
    state: &str,
) -> Result<String, Refusal> {
    check_room(step)?;
    let people = &step.state().people;
    if !step.state().is_corp_member(member) {
        return Err(Refusal::Missing(format!("没有成员 {member}")));
    }
    if people.get(customer).is_none_or(|person| person.corp_member) {
        return Err(Refusal::Missing(format!("没有客户 {customer}")));
    }
    let at = step.now();
    let code = WelcomeCode {
        code: random_text(43),
        member: member.to_owned(),
        customer: customer.to_owned(),
        issued_at: at,
        used: false,
    };
    step.make(Change::WelcomeCodeIssued(code.clone()));
    let body = events::contact_added(&step.state().corp.id, at, member, customer, state, &code.code);
    let apps: Vec<String> = (step.state().apps.iter())
        .filter(|app| app.customer_contact && app.has_callback)
        .map(|app| app.id.clone())
        .collect();
    for app in apps {
        let regarding = Regarding { person: Some(customer.to_owned()), ..Regarding::default() };
        queue(step, Target::App(app), customer, "change_external_contact", body.clone(), regarding);
    }
    Ok(code.code)
}
