//! The button card of a staff task: `template_card` of type `button_interaction` (wecom-send.md §3.3).
//!
//! A card is small. What does not fit is shortened with `…`, and [`ButtonCard::is_whole`] says so, for the
//! caller to send the whole text as a message before the card.

use std::borrow::Cow;

use serde::Serialize;

use super::error::CallError;
use crate::decision::{Part, TaskCard};

/// In characters; the page calls them "advised", the client cuts what is longer.
const TITLE_CHARS: usize = 36;
const SUB_TITLE_CHARS: usize = 160;
const ROW_NAME_CHARS: usize = 5;
const ROW_VALUE_CHARS: usize = 30;
const BUTTON_CHARS: usize = 10;
/// The page gives no limit for quoted text; this much shows in the client without unfolding.
const QUOTE_CHARS: usize = 100;
const MAX_ROWS: usize = 6;
const MAX_BUTTONS: usize = 6;
const TASK_ID_BYTES: usize = 128;
const BUTTON_KEY_BYTES: usize = 1024;

/// Button styles 1–4; the first button is the one that is meant to be tapped.
const MAIN_STYLE: u8 = 1;
const OTHER_STYLE: u8 = 2;
/// Quoted text without a link.
const PLAIN_QUOTE: u8 = 0;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ButtonCard<'a> {
    card_type: &'static str,
    main_title: Title<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_area: Option<Quote<'a>>,
    sub_title_text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    horizontal_content_list: Vec<Row<'a>>,
    task_id: &'a str,
    button_list: Vec<Button<'a>>,
    #[serde(skip)]
    whole: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Title<'a> {
    title: Cow<'a, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Quote<'a> {
    r#type: u8,
    title: &'static str,
    quote_text: Cow<'a, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row<'a> {
    keyname: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Button<'a> {
    text: Cow<'a, str>,
    style: u8,
    key: &'a str,
}

impl<'a> ButtonCard<'a> {
    pub fn of(card: &'a TaskCard) -> Self {
        let row = |(name, value): &'a (String, String)| Row {
            keyname: shorten(name, ROW_NAME_CHARS),
            value: shorten(value, ROW_VALUE_CHARS),
        };
        let button = |(index, (key, text)): (usize, &'a (String, String))| Button {
            text: shorten(text, BUTTON_CHARS),
            style: if index == 0 { MAIN_STYLE } else { OTHER_STYLE },
            key,
        };
        Self {
            card_type: "button_interaction",
            main_title: Title { title: shorten(&card.title, TITLE_CHARS) },
            quote_area: card.paste.as_deref().map(Quote::of),
            sub_title_text: shorten(&card.why, SUB_TITLE_CHARS),
            // An empty value is refused (42027 …) and tells nothing.
            horizontal_content_list: card.rows.iter().filter(has_value).take(MAX_ROWS).map(row).collect(),
            task_id: &card.task_id,
            button_list: card.buttons.iter().enumerate().map(button).collect(),
            whole: fits(card),
        }
    }

    /// Title, reason and rows are all there, unshortened. (What is to be posted never counts: it always goes
    /// out as a message of its own, because nothing in a card can be copied or forwarded.)
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What the platform would refuse and shortening cannot mend.
    pub(super) fn check(&self, path: &'static str) -> Result<(), CallError> {
        let odd = |byte: u8| !(byte.is_ascii_alphanumeric() || b"_-@".contains(&byte));
        if self.task_id.is_empty() || self.task_id.bytes().any(odd) {
            return Err(CallError::Invalid {
                path,
                cause: format!("task id {:?}", self.task_id),
                person: "待办卡的编号含有企业微信不允许的字符（程序错误，请联系开发）".into(),
            });
        }
        let keys = self.button_list.iter().map(|button| button.key.len()).max();
        for (what, size, limit, unit) in [
            ("待办卡编号", self.task_id.len(), TASK_ID_BYTES, "字节"),
            ("待办卡按钮", self.button_list.len(), MAX_BUTTONS, "个"),
            ("待办卡按钮标识", keys.unwrap_or(0), BUTTON_KEY_BYTES, "字节"),
        ] {
            if size > limit {
                return Err(CallError::over_limit(path, what, size, limit, unit));
            }
        }
        if self.button_list.is_empty() {
            return Err(CallError::Invalid {
                path,
                cause: "a card without buttons".into(),
                person: "待办卡没有按钮（程序错误，请联系开发）".into(),
            });
        }
        Ok(())
    }
}

impl<'a> Quote<'a> {
    fn of(paste: &'a Part) -> Self {
        let (title, text) = match paste.paste() {
            Some(text) => ("要发的内容（长按上一条消息复制）", text),
            None => ("要发的内容（长按上一条消息转发）", paste.in_words()),
        };
        let quote_text = match text {
            Cow::Borrowed(text) => shorten(text, QUOTE_CHARS),
            Cow::Owned(text) => Cow::Owned(shorten(&text, QUOTE_CHARS).into_owned()),
        };
        Self { r#type: PLAIN_QUOTE, title, quote_text }
    }
}

fn has_value(row: &&(String, String)) -> bool {
    !row.0.is_empty() && !row.1.is_empty()
}

fn fits(card: &TaskCard) -> bool {
    let within = |text: &str, limit| text.chars().count() <= limit;
    within(&card.title, TITLE_CHARS)
        && within(&card.why, SUB_TITLE_CHARS)
        && card.rows.iter().filter(has_value).count() <= MAX_ROWS
        && card
            .rows
            .iter()
            .all(|(name, value)| within(name, ROW_NAME_CHARS) && within(value, ROW_VALUE_CHARS))
}

/// At most `limit` characters, the last one `…` if something is missing.
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().count() <= limit {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    Cow::Owned(kept + "…")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn task() -> TaskCard {
        TaskCard {
            task_id: "task-7_a@1".into(),
            title: "请把广告号移出群".into(),
            why: "10:32 发了兼职广告，这是第 2 次。".into(),
            rows: vec![("群".into(), "山谷小铺会员群".into()), ("成员".into(), "阿强".into())],
            paste: Some(Box::new(Part::text("请勿发广告，谢谢配合。"))),
            buttons: vec![("done".into(), "已移出".into()), ("refuse".into(), "不用处理".into())],
        }
    }

    #[test]
    fn a_card_has_the_shape_of_the_page() {
        let task = task();
        let card = ButtonCard::of(&task);
        assert!(card.is_whole() && card.check("/p").is_ok());
        assert_eq!(
            serde_json::to_value(&card).unwrap(),
            json!({
                "card_type": "button_interaction",
                "main_title": { "title": "请把广告号移出群" },
                "quote_area": { "type": 0, "title": "要发的内容（长按上一条消息复制）",
                                "quote_text": "请勿发广告，谢谢配合。" },
                "sub_title_text": "10:32 发了兼职广告，这是第 2 次。",
                "horizontal_content_list": [
                    { "keyname": "群", "value": "山谷小铺会员群" }, { "keyname": "成员", "value": "阿强" },
                ],
                "task_id": "task-7_a@1",
                "button_list": [
                    { "text": "已移出", "style": 1, "key": "done" },
                    { "text": "不用处理", "style": 2, "key": "refuse" },
                ],
            })
        );
    }

    #[test]
    fn every_field_stays_within_its_limit() {
        let long = "很长的文字".repeat(100);
        let task = TaskCard {
            title: long.clone(),
            why: long.clone(),
            rows: vec![(long.clone(), long.clone()); 9],
            paste: Some(Box::new(Part::text(long.clone()))),
            buttons: vec![("k".into(), long); 6],
            ..task()
        };
        let card = ButtonCard::of(&task);
        assert!(!card.is_whole() && card.check("/p").is_ok());
        let value = serde_json::to_value(&card).unwrap();
        let chars = |value: &Value| value.as_str().unwrap().chars().count();
        assert_eq!(chars(&value["main_title"]["title"]), TITLE_CHARS);
        assert_eq!(chars(&value["sub_title_text"]), SUB_TITLE_CHARS);
        assert_eq!(chars(&value["quote_area"]["quote_text"]), QUOTE_CHARS);
        assert_eq!(value["horizontal_content_list"].as_array().unwrap().len(), MAX_ROWS);
        assert_eq!(chars(&value["horizontal_content_list"][5]["keyname"]), ROW_NAME_CHARS);
        assert_eq!(chars(&value["horizontal_content_list"][5]["value"]), ROW_VALUE_CHARS);
        assert_eq!(chars(&value["button_list"][5]["text"]), BUTTON_CHARS);
        assert!(value["main_title"]["title"].as_str().unwrap().ends_with('…'));
    }

    #[test]
    fn what_shortening_cannot_mend_is_refused() {
        let button = ("k".to_owned(), "好".to_owned());
        let wrong = [
            TaskCard { task_id: "含中文".into(), ..task() },
            TaskCard { task_id: String::new(), ..task() },
            TaskCard { task_id: "x".repeat(129), ..task() },
            TaskCard { buttons: Vec::new(), ..task() },
            TaskCard { buttons: vec![button; 7], ..task() },
            TaskCard { buttons: vec![("k".repeat(1025), "好".into())], ..task() },
        ];
        for task in wrong {
            assert!(ButtonCard::of(&task).check("/p").is_err(), "{task:?}");
        }
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shorten("山谷小铺", 4), "山谷小铺");
        assert_eq!(shorten("山谷小铺的店", 4), "山谷小…");
    }
}
