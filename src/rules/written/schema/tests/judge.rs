//! A judge of values by a schema, as strict as Tombi: it tells TOML's dates from texts and whole
//! numbers from others. It knows the keywords that the schemas use and fails on any other one.
//!
//! Its own 60 lines, because the crates that judge bring three dozen others and second versions.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value as Schema};
use toml::Value;

/// What is wrong first, if anything is.
pub fn complaint(schema: &Schema, value: &Value) -> Option<String> {
    let keywords = schema.as_object().expect("a schema is an object");
    keywords.iter().find_map(|(keyword, argument)| {
        by_keyword(keyword, argument, keywords, value).then(|| format!("{keyword} {argument}: {value}"))
    })
}

fn by_keyword(keyword: &str, argument: &Schema, keywords: &Map<String, Schema>, value: &Value) -> bool {
    match keyword {
        "$schema"
        | "$comment"
        | "title"
        | "description"
        | "default"
        | "examples"
        | "x-tombi-toml-version"
        | "x-tombi-additional-key-label" => false,
        "type" => !is_of_type(argument, keywords.contains_key("format"), value),
        "format" => {
            let wanted = match argument.as_str() {
                Some("date") => (true, false, false),
                Some("date-time") => (true, true, true),
                Some("date-time-local") => (true, true, false),
                other => panic!("the judge does not know the format {other:?}"),
            };
            !matches!(value, Value::Datetime(moment)
                if (moment.date.is_some(), moment.time.is_some(), moment.offset.is_some()) == wanted)
        }
        "pattern" => {
            let pattern = argument.as_str().expect("a text");
            value.as_str().is_some_and(|text| !regex(pattern).is_match(text))
        }
        "minimum" => number(value).is_some_and(|number| number < bound(argument)),
        "maximum" => number(value).is_some_and(|number| number > bound(argument)),
        "exclusiveMinimum" => number(value).is_some_and(|number| number <= bound(argument)),
        "const" => value.as_str() != argument.as_str(),
        "oneOf" => fitting(argument, value) != 1,
        "anyOf" => fitting(argument, value) == 0,
        "required" => value.as_table().is_some_and(|table| {
            list(argument).iter().any(|key| !table.contains_key(key.as_str().expect("a key")))
        }),
        "additionalProperties" if argument.is_object() => {
            assert!(!keywords.contains_key("properties"));
            value
                .as_table()
                .is_some_and(|table| table.values().any(|inner| complaint(argument, inner).is_some()))
        }
        "additionalProperties" => {
            assert_eq!(argument, false);
            let known = &keywords["properties"];
            value.as_table().is_some_and(|table| table.keys().any(|key| known.get(key).is_none()))
        }
        "properties" => value.as_table().is_some_and(|table| {
            table.iter().any(|(key, inner)| {
                argument.get(key).is_some_and(|schema| complaint(schema, inner).is_some())
            })
        }),
        "items" => {
            value.as_array().is_some_and(|items| items.iter().any(|item| complaint(argument, item).is_some()))
        }
        other => panic!("the judge does not know {other}"),
    }
}

/// Made once for each pattern: there are thousands of files to be judged.
pub fn regex(pattern: &str) -> Regex {
    thread_local! {
        static MADE: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        let new = || Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        made.entry(pattern.to_owned()).or_insert_with(new).clone()
    })
}

fn is_of_type(name: &Schema, has_format: bool, value: &Value) -> bool {
    match (name.as_str(), value) {
        // Tombi takes a string with the format of a date for TOML's own date.
        (Some("string"), Value::Datetime(_)) => has_format,
        (Some("string"), Value::String(_)) => !has_format,
        (Some("integer" | "number"), Value::Integer(_))
        | (Some("number"), Value::Float(_))
        | (Some("boolean"), Value::Boolean(_))
        | (Some("array"), Value::Array(_))
        | (Some("object"), Value::Table(_)) => true,
        _ => false,
    }
}

fn fitting(schemas: &Schema, value: &Value) -> usize {
    list(schemas).iter().filter(|schema| complaint(schema, value).is_none()).count()
}

fn list(argument: &Schema) -> &[Schema] {
    argument.as_array().expect("a list")
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

fn bound(argument: &Schema) -> f64 {
    argument.as_f64().expect("a number")
}

#[test]
fn the_judge_says_no() {
    let schema = serde_json::json!({
        "type": "object", "additionalProperties": false, "required": ["day"],
        "properties": {
            "day": { "type": "string", "format": "date" },
            "count": { "type": "integer", "minimum": 1 },
            "words": { "type": "array", "items": { "type": "string", "oneOf": [{ "const": "a" }] } },
        },
    });
    let says_no = |text: &str| complaint(&schema, &Value::Table(text.parse().expect("TOML"))).is_some();
    assert!(!says_no("day = 2026-09-01\ncount = 1\nwords = [\"a\"]"));
    for wrong in [
        "count = 1",
        "day = \"2026-09-01\"",
        "day = 2026-09-01T08:00:00",
        "day = 2026-09-01\ncount = 0",
        "day = 2026-09-01\ncount = 1.0",
        "day = 2026-09-01\nwords = [\"b\"]",
        "day = 2026-09-01\nwords = \"a\"",
        "day = 2026-09-01\nother = 1",
    ] {
        assert!(says_no(wrong), "{wrong}");
    }
}
