//! `template_card`: required parts and list lengths (wecom-send.md §3.3), one errcode per field.
//!
//! The text lengths of the page are advice and are not enforced. The page names no errcode for a
//! bad `task_id` nor for the number of buttons; 40035 and 42038 stand in.

use serde_json::Value;

use super::error::{ApiError, Checked};
use super::fields::{list, text};
use super::payload::Surface;

const KEY_AT_MOST: usize = 1_024;
const OPTION_ID_AT_MOST: usize = 128;
const TASK_ID_AT_MOST: usize = 128;

/// Whether the card answers taps; only then there is a response code.
pub fn answers_taps(card: &Value) -> bool {
    matches!(
        card["card_type"].as_str(),
        Some("button_interaction" | "vote_interaction" | "multiple_interaction")
    ) || card["action_menu"].is_object()
}

pub fn check(card: &Value, surface: Surface<'_>) -> Checked<()> {
    let webhook = matches!(surface, Surface::Webhook(_));
    match text(card, "card_type")? {
        "text_notice" => {
            check_action(card)?;
            if text(card, "sub_title_text")?.is_empty() {
                check_title(card)?;
            }
        }
        "news_notice" => {
            check_action(card)?;
            check_title(card)?;
            let url = |part: &str, name: &str| card[part][name].as_str().is_some_and(|url| !url.is_empty());
            if !url("card_image", "url") && (webhook || !url("image_text_area", "image_url")) {
                return Err(ApiError::because(42044, "card_image.url"));
            }
        }
        "button_interaction" if !webhook => {
            check_title(card)?;
            check_buttons(card)?;
        }
        "vote_interaction" if !webhook => {
            check_title(card)?;
            check_options(&card["checkbox"], 20)?;
            check_submit(card)?;
        }
        "multiple_interaction" if !webhook => {
            check_title(card)?;
            let lists = list(card, "select_list")?;
            if !(1..=3).contains(&lists.len()) {
                return Err(ApiError::because(42047, "select_list takes 1 to 3"));
            }
            lists.iter().try_for_each(|one| check_options(one, 10))?;
            check_submit(card)?;
        }
        other => return Err(ApiError::because(42031, other)),
    }
    check_lists(card)?;
    check_menu(card)?;
    if card["button_selection"].is_object() {
        check_options(&card["button_selection"], 10)?;
    }
    check_task_id(card)
}

fn check_title(card: &Value) -> Checked<()> {
    filled(&card["main_title"], "title", usize::MAX, 42033)
}

fn check_action(card: &Value) -> Checked<()> {
    let action = &card["card_action"];
    match action["type"].as_u64() {
        Some(1) => filled(action, "url", usize::MAX, 42045),
        Some(2) => filled(action, "appid", usize::MAX, 42045),
        _ => Err(ApiError::because(42045, "card_action.type is 1 or 2")),
    }
}

fn check_buttons(card: &Value) -> Checked<()> {
    let buttons = list(card, "button_list")?;
    if !(1..=6).contains(&buttons.len()) {
        return Err(ApiError::because(42038, "button_list takes 1 to 6"));
    }
    buttons.iter().try_for_each(|button| {
        filled(button, "text", usize::MAX, 42038)?;
        if button["type"].as_u64() == Some(1) {
            filled(button, "url", usize::MAX, 42028)
        } else {
            filled(button, "key", KEY_AT_MOST, 42039)
        }
    })
}

fn check_options(question: &Value, at_most: usize) -> Checked<()> {
    filled(question, "question_key", KEY_AT_MOST, 42043)?;
    let options = list(question, "option_list")?;
    if !(1..=at_most).contains(&options.len()) {
        return Err(ApiError::because(42037, format!("option_list takes 1 to {at_most}")));
    }
    options.iter().try_for_each(|option| {
        filled(option, "id", OPTION_ID_AT_MOST, 42040)?;
        filled(option, "text", usize::MAX, 42041)
    })
}

fn check_submit(card: &Value) -> Checked<()> {
    filled(&card["submit_button"], "text", usize::MAX, 42049)?;
    filled(&card["submit_button"], "key", KEY_AT_MOST, 42046)
}

fn check_lists(card: &Value) -> Checked<()> {
    for (name, at_most, code) in
        [("horizontal_content_list", 6, 42035), ("vertical_content_list", 4, 42036), ("jump_list", 3, 42042)]
    {
        if list(card, name)?.len() > at_most {
            return Err(ApiError::because(code, format!("{name} takes {at_most}")));
        }
    }
    for row in list(card, "horizontal_content_list")? {
        filled(row, "keyname", usize::MAX, 42027)?;
        match row["type"].as_u64() {
            Some(1) => filled(row, "url", usize::MAX, 42028)?,
            Some(2) => filled(row, "media_id", usize::MAX, 42029)?,
            Some(3) => filled(row, "userid", usize::MAX, 42050)?,
            _ => {}
        }
    }
    for jump in list(card, "jump_list")? {
        match jump["type"].as_u64() {
            Some(1) => filled(jump, "url", usize::MAX, 42028)?,
            Some(2) => filled(jump, "appid", usize::MAX, 42030)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_menu(card: &Value) -> Checked<()> {
    if !card["action_menu"].is_object() {
        return Ok(());
    }
    let actions = list(&card["action_menu"], "action_list")?;
    let mut keys: Vec<&str> = actions.iter().filter_map(|action| action["key"].as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let good = (1..=3).contains(&actions.len())
        && keys.len() == actions.len()
        && keys.iter().all(|key| (1..=KEY_AT_MOST).contains(&key.len()));
    if good { Ok(()) } else { Err(ApiError::because(42051, "action_menu takes 1 to 3 different keys")) }
}

fn check_task_id(card: &Value) -> Checked<()> {
    let task_id = text(card, "task_id")?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte);
    let missing = task_id.is_empty() && answers_taps(card);
    if missing || task_id.len() > TASK_ID_AT_MOST || !task_id.bytes().all(letters) {
        return Err(ApiError::because(40035, "task_id"));
    }
    Ok(())
}

fn filled(object: &Value, name: &str, at_most: usize, code: i64) -> Checked<()> {
    let length = text(object, name)?.len();
    if (1..=at_most).contains(&length) { Ok(()) } else { Err(ApiError::because(code, name)) }
}
