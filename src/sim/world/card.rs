//! Template cards and the tickets that update them (wecom-send.md §3.3, §3.4).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A response code and a card's buttons live this long (wecom-send.md §3.1).
pub const CARD_LIVES: SignedDuration = SignedDuration::from_hours(72);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// The task id where the card has one and nobody else uses it, otherwise the simulator's own.
    pub id: String,
    /// `app:ID` or `bot:ID`.
    pub sender: String,
    pub task_id: Option<String>,
    /// The group a smart robot put the card into.
    pub chat: Option<String>,
    pub sent_at: Timestamp,
    /// `template_card` as it was sent.
    pub content: Value,
    /// Who received it and what they see now.
    pub faces: BTreeMap<String, Face>,
    pub codes: BTreeMap<String, CardCode>,
}

/// What one receiver sees of a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// The grey text in place of the buttons, once it was updated.
    pub label: Option<String>,
    /// The whole new card, if the update brought one.
    pub replaced: Option<Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardCode {
    pub issued_at: Timestamp,
    pub used: bool,
}

/// A key that can be tapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tappable {
    pub text: String,
    /// In the top-right menu, which sends its own event.
    pub menu: bool,
}

impl Card {
    /// The card as this person sees it.
    pub fn shown_to(&self, person: &str) -> &Value {
        self.faces.get(person).and_then(|face| face.replaced.as_ref()).unwrap_or(&self.content)
    }

    pub fn card_type(&self, person: &str) -> &str {
        self.shown_to(person)["card_type"].as_str().unwrap_or_default()
    }

    /// The button or menu entry with this key.
    pub fn tappable(&self, person: &str, key: &str) -> Option<Tappable> {
        let card = self.shown_to(person);
        let entry = |entry: &Value, menu| {
            let text = entry["text"].as_str().unwrap_or_default().to_owned();
            (entry["key"] == key && entry["type"].as_u64().unwrap_or(0) == 0)
                .then_some(Tappable { text, menu })
        };
        let list = |value: &Value, menu| value.as_array()?.iter().find_map(|one| entry(one, menu));
        list(&card["button_list"], false)
            .or_else(|| entry(&card["submit_button"], false))
            .or_else(|| list(&card["action_menu"]["action_list"], true))
    }

    /// The short form that a page draws. `raw` has the whole card.
    pub fn view(&self, person: &str) -> Value {
        let card = self.shown_to(person);
        let face = self.faces.get(person).cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let buttons: Vec<Value> = (list(&card["button_list"]).into_iter())
            .chain(card.get("submit_button").cloned())
            .map(|button| json!({"key": text(&button["key"]), "text": text(&button["text"])}))
            .collect();
        let why = [&card["main_title"]["desc"], &card["sub_title_text"]].map(&text);
        let why: Vec<&str> = why.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        let updated = face.label.is_some() || face.replaced.is_some();
        let mut view = json!({
            "id": self.id,
            "title": text(&card["main_title"]["title"]),
            "why": why.join("\n"),
            "rows": list(&card["horizontal_content_list"]),
            "paste": card["quote_area"]["quote_text"],
            "buttons": buttons,
            "state": if updated { "updated" } else { "open" },
            "raw": card,
        });
        if let Some(label) = face.label {
            view["label"] = label.into();
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            id: "t1".into(),
            sender: "app:assistant".into(),
            task_id: Some("t1".into()),
            chat: None,
            sent_at: Timestamp::UNIX_EPOCH,
            content: json!({
                "card_type": "button_interaction",
                "main_title": {"title": "请移出成员", "desc": "发了广告"},
                "action_menu": {"action_list": [{"text": "稍后", "key": "later"}]},
                "button_list": [{"text": "已移出", "key": "done"}, {"text": "官网", "type": 1, "url": "https://a", "key": "u"}],
            }),
            faces: BTreeMap::from([("wang.min".into(), Face::default())]),
            codes: BTreeMap::new(),
        }
    }

    #[test]
    fn only_callback_buttons_can_be_tapped() {
        let card = card();
        assert_eq!(card.tappable("wang.min", "done"), Some(Tappable { text: "已移出".into(), menu: false }));
        assert_eq!(card.tappable("wang.min", "later").map(|key| key.menu), Some(true));
        assert_eq!(card.tappable("wang.min", "u"), None);
    }

    /// The owner decides by what was said, not by what there is to answer.
    #[test]
    fn the_view_shows_the_reason_beside_the_text_to_paste() {
        let mut card = card();
        assert_eq!(card.view("wang.min")["why"], "发了广告");
        assert_eq!(card.view("wang.min")["paste"], Value::Null);
        card.content["sub_title_text"] = "「兼职日结」：广告用语".into();
        card.content["quote_area"] = json!({"quote_text": "请别发广告"});
        assert_eq!(card.view("wang.min")["why"], "发了广告\n「兼职日结」：广告用语");
        assert_eq!(card.view("wang.min")["paste"], "请别发广告");
    }

    #[test]
    fn the_view_shows_the_label_after_an_update() {
        let mut card = card();
        assert_eq!(card.view("wang.min")["state"], "open");
        card.faces.entry("wang.min".into()).or_default().label = Some("已处理".into());
        let view = card.view("wang.min");
        assert_eq!((view["state"].as_str(), view["label"].as_str()), (Some("updated"), Some("已处理")));
        assert_eq!(view["title"], "请移出成员");
    }
}
