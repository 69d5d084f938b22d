//! Readers for fields that the platform spells in several ways (wecom-send.md §0, "Typing traps").

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `1`, `"1"`, `null` or nothing.
pub(super) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(as_integer(&Value::deserialize(deserializer)?))
}

/// A text, a number as text, `null` or nothing; an empty text is nothing.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// `"a|b"`, `["a", "b"]`, `null` or nothing.
pub(super) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        Value::Array(items) => {
            items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    })
}

/// A list, `null` or nothing.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

pub(super) fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Probe {
        #[serde(default, deserialize_with = "integer")]
        number: Option<i64>,
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "names")]
        names: Vec<String>,
        #[serde(default, deserialize_with = "list")]
        list: Vec<i64>,
    }

    fn probe(json: &str) -> Probe {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn both_spellings_are_read() {
        let plain = probe(r#"{"number": 7, "text": "a", "names": ["a", "b"], "list": [1]}"#);
        let odd = probe(r#"{"number": "7", "text": 5, "names": "a|b", "list": null}"#);
        assert_eq!((plain.number, odd.number), (Some(7), Some(7)));
        assert_eq!((plain.text.as_deref(), odd.text.as_deref()), (Some("a"), Some("5")));
        assert_eq!(plain.names, odd.names);
        assert_eq!((plain.list.len(), odd.list.len()), (1, 0));
    }

    #[test]
    fn missing_and_null_are_nothing() {
        for json in ["{}", r#"{"number": null, "text": "", "names": null, "list": null}"#] {
            let nothing = probe(json);
            assert!(nothing.number.is_none() && nothing.text.is_none());
            assert!(nothing.names.is_empty() && nothing.list.is_empty());
        }
    }
}
