//! Runs a parser over a file of samples and compares what comes out.
//!
//! A file holds sections: a line `=== NAME`, the sample, a line `---`, the expected event as JSON.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use super::ParseError;
use crate::decision::Event;

/// When every sample is received.
pub fn received_at() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

/// Parses every sample for the robot `ear` of the corp `ww1`.
pub fn check(file: &str, parse: fn(&str, &str, &str, Timestamp) -> Result<Event, ParseError>) {
    let mut wrong = Vec::new();
    for section in file.split("=== ").skip(1) {
        let (name, rest) = section.split_once('\n').unwrap();
        let (sample, expected) = rest.split_once("\n---").unwrap();
        let event = parse(sample, "ear", "ww1", received_at()).unwrap();
        let actual = serde_json::to_value(&event).unwrap();
        if serde_json::from_str::<Value>(expected).ok().as_ref() != Some(&actual) {
            wrong.push(format!("=== {name}\n{sample}\n---\n{actual:#}\n"));
        }
        assert_eq!(serde_json::from_value::<Event>(actual).unwrap(), event, "{name} survives storage");
    }
    assert!(wrong.is_empty(), "these came out otherwise:\n{}", wrong.join(""));
}

/// A sample with a piece replaced by something else.
pub fn damaged(file: &'static str) -> impl Strategy<Value = String> {
    let samples: Vec<_> = file.split("=== ").skip(1).collect();
    let noise = "(<[A-Za-z]{1,8}>|</[A-Za-z]{1,8}>|\\]\\]>|&#?[a-z0-9]{0,4};?|[\\[\\]{}\":,0-9-]|\\PC){0,6}";
    (0..samples.len(), 0.0..1.0, 0_usize..40, noise).prop_map(move |(index, place, length, noise)| {
        let (_, rest) = samples[index].split_once('\n').unwrap();
        let sample: Vec<char> = rest.split_once("\n---").unwrap().0.chars().collect();
        let begin = (sample.len() as f64 * place) as usize;
        let end = sample.len().min(begin + length);
        sample[..begin].iter().copied().chain(noise.chars()).chain(sample[end..].iter().copied()).collect()
    })
}
