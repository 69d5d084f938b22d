//! The bodies and queries of the control API.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sim::refusal::Refusal;

/// Reads a JSON body; unknown fields are refused so that a misspelt one is noticed.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Invalid(format!("请求内容读不懂：{error}")))
}

fn text() -> String {
    "text".into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSaying {
    pub from: String,
    #[serde(default = "text")]
    pub kind: String,
    pub content: Value,
    #[serde(default)]
    pub mention_bot: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateSaying {
    pub to: String,
    #[serde(default = "text")]
    pub kind: String,
    pub content: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub member: String,
    pub customer: String,
    /// The `state` of the code that brought the customer.
    #[serde(default)]
    pub state: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardTap {
    pub user: String,
    pub button: String,
    #[serde(default)]
    pub selected: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publishing {
    pub user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Echoing {
    /// Who published it.
    pub user: String,
    pub by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockMove {
    pub advance: Option<String>,
    pub set: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playback {
    pub takes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    pub delay: String,
}

#[derive(Deserialize)]
pub struct LeaveQuery {
    #[serde(default)]
    pub left: bool,
}

#[derive(Deserialize)]
pub struct AfterQuery {
    #[serde(default)]
    pub after: u64,
}

/// `30s`, `10m`, `2h`, `7d`.
pub fn duration(text: &str) -> Result<SignedDuration, Refusal> {
    let refusal = || Refusal::Invalid(format!("“{text}”不是一段时间，写成 30s、10m、2h 或 7d"));
    let unit = text.chars().last().ok_or_else(refusal)?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(refusal()),
    };
    let count: u32 = text[..text.len() - 1].trim().parse().map_err(|_| refusal())?;
    Ok(SignedDuration::from_secs(i64::from(count) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        assert_eq!(duration("30m").unwrap().as_secs(), 1_800);
        assert_eq!(duration("7d").unwrap().as_secs(), 604_800);
        for wrong in ["", "m", "30", "-1h", "1.5h", "一小时"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
