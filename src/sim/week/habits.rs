//! What people do when the bot asks something of them: owners tap 发送 on their mass sends, staff paste the text
//! they are given and tap the card's first button. At night they sleep, and on one day the owner forgets.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::sim::content::Content;
use crate::sim::people;
use crate::sim::refusal::Refusal;
use crate::sim::world::card::{CARD_LIVES, Card};
use crate::sim::world::week::Week;
use crate::sim::world::{Step, in_china};

/// How long people take to look at their phone.
const LOOKS_WITHIN: SignedDuration = SignedDuration::from_mins(4);
/// On this whole day the store is busy, and nobody looks for longer than a first reminder takes.
const BUSY_DAY: i64 = 4;
const LOOKS_WHEN_BUSY: SignedDuration = SignedDuration::from_mins(95);
const WAKES: i8 = 7;
const SLEEPS: i8 = 23;

/// Everybody, and what they have done.
#[derive(Default)]
pub struct Habits {
    /// Cards that were answered. One that the bot leaves open is not answered again: the text would stand in the
    /// group twice.
    answered: BTreeSet<String>,
}

impl Habits {
    /// Does what is asked and was seen by now. What the platform refuses stays as it is: a mass send that was
    /// cancelled, a tap while too much is waiting.
    pub fn follow(&mut self, step: &mut Step<'_>, week: &Week) {
        let now = step.now();
        if !(WAKES..SLEEPS).contains(&in_china(now).hour()) {
            return;
        }
        let patience = if week.day(now) == BUSY_DAY { LOOKS_WHEN_BUSY } else { LOOKS_WITHIN };
        let seen = |at: Timestamp| now.duration_since(at) >= patience;
        let sends = step.state().mass_sends.values().filter(|send| send.is_waiting() && seen(send.made_at));
        let sends: Vec<String> = sends.map(|send| send.msgid.clone()).collect();
        // Whoever pasted the text of a card that cannot be tapped any more would do so in vain.
        let lives = |at: Timestamp| now.duration_since(at) <= CARD_LIVES;
        let cards = step.state().cards.values().filter(|card| seen(card.sent_at) && lives(card.sent_at));
        let open = cards.filter(|card| !self.answered.contains(&card.id)).filter_map(Asked::of);
        let open: Vec<Asked> = open.collect();
        self.answered.retain(|card| step.state().cards.contains_key(card));
        for msgid in sends {
            note(people::confirm(step, &msgid).map(|_| ()));
        }
        for asked in open {
            note(asked.answer(step));
            self.answered.insert(asked.card);
        }
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
        let above = place.checked_sub(1).and_then(|above| messages.get(above));
        let copied = above.filter(|message| message.kind == "text" && !message.content.is_empty());
        Some(copied.map_or_else(|| shown.clone(), |message| message.content.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::sim::world::card::Face;
    use crate::sim::world::{CHAOYANG, Change, PrivateMessage, World};

    const OWNER: &str = "wang.min";
    const TEXT: &str = "今天的鸡蛋到了";

    fn world() -> (World, Week) {
        let world = World::demo(Clock::system());
        world.set_clock("2026-11-23T10:00:00+08:00".parse().unwrap());
        let week = Week::new(0, CHAOYANG, world.clock().now());
        (world, week)
    }

    /// Asks the owner to paste a text into the store's group.
    fn ask(step: &mut Step<'_>) {
        let group = step.state().groups[CHAOYANG].name.clone();
        let card = Card {
            id: "t1".into(),
            sender: "app:assistant".into(),
            task_id: Some("t1".into()),
            chat: None,
            sent_at: step.now(),
            content: json!({
                "card_type": "button_interaction",
                "main_title": {"title": "请发到群里"},
                "quote_area": {"quote_text": TEXT},
                "horizontal_content_list": [{"keyname": "群", "value": group}],
                "button_list": [{"text": "已发", "key": "done"}],
            }),
            faces: BTreeMap::from([(OWNER.into(), Face::default())]),
            codes: BTreeMap::new(),
        };
        let message = PrivateMessage {
            msgid: "1".into(),
            at: step.now(),
            window: card.sender.clone(),
            from: card.sender.clone(),
            kind: "card".into(),
            content: String::new(),
            attached: None,
            card: Some(card.id.clone()),
            recalled: false,
        };
        step.make(Change::CardSent(Box::new(card)));
        step.make(Change::Told { person: OWNER.into(), message: Box::new(message) });
    }

    fn later(world: &World, hours: i64, habits: &mut Habits, week: &Week) -> usize {
        world.set_clock(world.clock().now() + SignedDuration::from_hours(hours));
        world.step(|step| habits.follow(step, week));
        let pasted = |state: &crate::sim::world::State| {
            state.said.get(CHAOYANG).into_iter().flatten().filter(|message| message.content == TEXT).count()
        };
        world.read(pasted)
    }

    #[test]
    fn a_card_that_stays_open_is_pasted_once() {
        let (world, week) = world();
        let mut habits = Habits::default();
        world.step(ask);
        assert_eq!(later(&world, 0, &mut habits, &week), 0, "nobody has looked yet");
        assert_eq!(later(&world, 1, &mut habits, &week), 1);
        assert_eq!(later(&world, 1, &mut habits, &week), 1, "the bot never updated it");
    }

    #[test]
    fn a_card_whose_buttons_are_dead_is_left_alone() {
        let (world, week) = world();
        world.step(ask);
        assert_eq!(later(&world, 73, &mut Habits::default(), &week), 0);
    }
}
