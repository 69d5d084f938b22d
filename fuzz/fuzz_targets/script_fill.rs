//! Any template with any answer: no panic, no endless work, nothing longer than a hand could send.
//!
//! The template, the ask's default and the answer are separated by NUL bytes.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use zhanggui::scripts::{Ask, Facts, Library, Part, Sample, Script, ScriptMessage, Templates};

const NAME: &str = "answer";

fuzz_target!(|text: &str| {
    let mut parts = text.split('\0');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (template, default, answer) = (part(), part(), part());
    let ask = Ask {
        name: NAME.to_owned(),
        label: "？".to_owned(),
        choices: Vec::new(),
        pattern: None,
        default: Some(default),
    };
    let markdown = ScriptMessage { variant: None, content: Part::Markdown { text: template.clone() } };
    let messages = vec![ScriptMessage::text(template.clone()), markdown];
    let library = Library::new(vec![Script { asks: vec![ask], messages, ..Script::default() }]);
    let script = &library.all()[0];
    let answers = BTreeMap::from([(NAME.to_owned(), answer)]);
    let facts = Facts { members: "小王、小李".to_owned(), count: 2, ..Facts::default() };
    let asks: Vec<&Ask> = script.asks.iter().collect();
    let templates = Templates::new(Arc::default(), Arc::default());
    if let Ok(draft) = templates.draft(&template)
        && let Ok(bytes) = draft.try_out(&asks, &[Sample::new(&facts, &answers)])
    {
        assert!(bytes <= template.len().max(32 * 1024));
    }
    drop(library.fill(script, None, &facts, &answers));
});
