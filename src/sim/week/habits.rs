//! What people do when the bot asks something of them: owners tap 发送 on their mass sends, staff paste the text
//! they are given and tap the card's first button. At night they sleep, and on one day the owner forgets.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::sim::content::Content;
use crate::sim::people;
use crate::sim::refusal::Refusal;
use crate::sim::world::card::Card;
use crate::sim::world::week::Week;
use crate::sim::world::{PrivateMessage, Step, in_china};

/// How long people take to look at their phone.
const LOOKS_WITHIN: SignedDuration = SignedDuration::from_mins(4);
/// On this whole day the store is busy, and nobody looks for longer than a first reminder takes.
const BUSY_DAY: i64 = 4;
const LOOKS_WHEN_BUSY: SignedDuration = SignedDuration::from_mins(95);
const WAKES: i8 = 7;
const SLEEPS: i8 = 23;

/// Does what is asked and was seen by now. What the platform refuses stays as it is: a card that is too old, a
/// mass send that was cancelled.
pub fn follow(step: &mut Step<'_>, week: &Week) {
    let now = step.now();
    if !(WAKES..SLEEPS).contains(&in_china(now).hour()) {
        return;
    }
    let patience = if week.day(now) == BUSY_DAY { LOOKS_WHEN_BUSY } else { LOOKS_WITHIN };
    let seen = |at: Timestamp| now.duration_since(at) >= patience;
    let sends = step.state().mass_sends.values().filter(|send| send.is_waiting() && seen(send.made_at));
    let sends: Vec<String> = sends.map(|send| send.msgid.clone()).collect();
    let cards = step.state().cards.values().filter(|card| seen(card.sent_at)).filter_map(Asked::of);
    let cards: Vec<Asked> = cards.collect();
    for msgid in sends {
        note(people::confirm(step, &msgid).map(|_| ()));
    }
    for asked in cards {
        note(asked.answer(step));
    }
}

fn note(done: Result<(), Refusal>) {
    if let Err(why) = done {
        tracing::debug!(%why, "somebody could not do what was asked");
    }
}

/// A card that waits for somebody.
struct Asked {
    card: String,
    person: String,
    /// Of the button that does what is asked.
    button: String,
    /// The beginning of what is to be pasted.
    paste: Option<String>,
    /// What its rows say; one of them names the group.
    rows: Vec<String>,
}

impl Asked {
    /// `None` once somebody has answered, and for cards without buttons.
    fn of(card: &Card) -> Option<Self> {
        if card.faces.values().any(|face| face.label.is_some() || face.replaced.is_some()) {
            return None;
        }
        let person = card.faces.keys().next()?;
        let view = card.view(person);
        let rows = view["rows"].as_array()?.iter().filter_map(|row| row["value"].as_str());
        Some(Self {
            card: card.id.clone(),
            person: person.clone(),
            button: view["buttons"][0]["key"].as_str()?.to_owned(),
            paste: card.content["quote_area"]["quote_text"].as_str().map(str::to_owned),
            rows: rows.map(str::to_owned).collect(),
        })
    }

    fn answer(&self, step: &mut Step<'_>) -> Result<(), Refusal> {
        if let (Some(group), Some(text)) = (self.group(step), self.text(step)) {
            people::say(step, &group, &self.person, Content::read("text", Value::from(text))?, false)?;
        }
        people::tap(step, &self.card, &self.person, &self.button, &[])
    }

    fn group(&self, step: &Step<'_>) -> Option<String> {
        let groups = step.state().groups.values();
        let named = groups.into_iter().find(|group| self.rows.contains(&group.name))?;
        named.has(&self.person).then(|| named.chat_id.clone())
    }

    /// The message above the card is copied whole; the card itself shows only the beginning of a long one.
    fn text(&self, step: &Step<'_>) -> Option<String> {
        let shown = self.paste.as_ref()?;
        let messages = step.state().private.get(&self.person)?;
        let place = messages.iter().rposition(|message| message.card.as_ref() == Some(&self.card))?;
        let above = messages.get(place.checked_sub(1)?)?;
        let copied = |message: &PrivateMessage| message.kind == "text" && !message.content.is_empty();
        Some(if copied(above) { above.content.clone() } else { shown.clone() })
    }
}
