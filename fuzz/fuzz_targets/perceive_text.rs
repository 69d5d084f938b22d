//! Any text: no panic, spans within it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhanggui::perception::{Perceiver, Phrase, SignalName};

fuzz_target!(|text: &str| {
    let phrase = Phrase { text: "日结".to_owned(), category: SignalName::Ad, weight: 0.4, allow: Vec::new() };
    let length = text.chars().count();
    for signal in Perceiver::new(&[phrase]).perceive(text).found {
        assert!(signal.span.0 < signal.span.1 && signal.span.1 <= length);
    }
});
