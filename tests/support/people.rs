//! What people do in a town, and what the platform does to them.

use jiff::SignedDuration;
use jiff::civil::Time;
use serde_json::{Value, json};

use super::Town;

/// Where the shops are, and whose nights are quiet.
const ZONE: &str = "Asia/Shanghai";

impl Town {
    pub async fn say(&self, chat: &str, from: &str, text: &str) {
        self.post(&format!("/sim/groups/{chat}/messages"), json!({"from": from, "content": text})).await;
    }

    /// Says it to the robot in the group.
    pub async fn mention(&self, chat: &str, from: &str, text: &str) {
        let body = json!({"from": from, "content": text, "mention_bot": true});
        self.post(&format!("/sim/groups/{chat}/messages"), body).await;
    }

    /// Says it to the app in private.
    pub async fn ask(&self, person: &str, text: &str) {
        let body = json!({"to": "app:assistant", "content": text});
        self.post(&format!("/sim/private/{person}/messages"), body).await;
    }

    pub async fn join(&self, chat: &str, person: &str) {
        self.post(&format!("/sim/groups/{chat}/members"), json!({"id": person})).await;
    }

    pub async fn tap(&self, person: &str, card: &Value, button: &str) {
        let id = card["id"].as_str().expect("a card");
        self.post(&format!("/sim/cards/{id}/tap"), json!({"user": person, "button": button})).await;
    }

    // -- the platform --

    pub async fn advance(&self, span: &str) {
        self.post("/sim/clock", json!({"advance": span})).await;
    }

    /// Moves the clock to the next time that it is so late at the shops.
    pub async fn clock_strikes(&self, hour: i8, minute: i8) {
        let now = self.now().await.in_tz(ZONE).expect("a known zone");
        let today = now.with().time(Time::constant(hour, minute, 0, 0)).build().expect("a time of day");
        let next = if today > now { today } else { today + SignedDuration::from_hours(24) };
        self.post("/sim/clock", json!({"set": next.timestamp().to_string()})).await;
    }

    pub async fn fault(&self, path: &str, fault: &str) {
        let path = format!("/cgi-bin/{path}");
        self.post("/sim/faults", json!({"path": path, "fault": fault})).await;
    }
}
