//! The page's style and script, compiled in. A hash of both is part of their addresses, so that a
//! browser may keep them for ever.
//!
//! The script is written as modules of one topic each and served as one file: [`joined`] puts them
//! one after the other without their `import` and `export` words. So one request and one shared
//! vocabulary keep the page under its 30 kB, and there is still no build step.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// In the order in which they run: what a module needs while it loads stands before it.
pub(super) const MODULES: [(&str, &str); 15] = [
    ("words.js", include_str!("assets/words.js")),
    ("dom.js", include_str!("assets/dom.js")),
    ("api.js", include_str!("assets/api.js")),
    ("model.js", include_str!("assets/model.js")),
    ("card.js", include_str!("assets/card.js")),
    ("message.js", include_str!("assets/message.js")),
    ("chat.js", include_str!("assets/chat.js")),
    ("week.js", include_str!("assets/week.js")),
    ("scenes.js", include_str!("assets/scenes.js")),
    ("composer.js", include_str!("assets/composer.js")),
    ("members.js", include_str!("assets/members.js")),
    ("list.js", include_str!("assets/list.js")),
    ("journal.js", include_str!("assets/journal.js")),
    ("clock.js", include_str!("assets/clock.js")),
    ("app.js", include_str!("assets/app.js")),
];

const STYLE: &str = include_str!("assets/app.css");

/// Eight bytes are plenty to tell two versions apart.
const VERSION_BYTES: usize = 8;

pub(super) struct Asset {
    pub content_type: &'static str,
    pub body: &'static str,
}

static SCRIPT: LazyLock<String> = LazyLock::new(|| joined(&MODULES));

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::new().chain_update(STYLE).chain_update(SCRIPT.as_str()).finalize();
    hash.iter().take(VERSION_BYTES).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

/// The hash of style and script, hex.
pub(super) fn version() -> &'static str {
    &VERSION
}

pub(super) fn find(name: &str) -> Option<Asset> {
    match name {
        "app.css" => Some(Asset { content_type: "text/css; charset=utf-8", body: STYLE }),
        "app.js" => Some(Asset { content_type: "text/javascript; charset=utf-8", body: &SCRIPT }),
        _ => None,
    }
}

/// One script of all modules. They share one scope, so no two of them declare the same name.
fn joined(modules: &[(&str, &str)]) -> String {
    let lines = modules.iter().flat_map(|(_, source)| source.lines());
    let kept = lines.filter(|line| !line.starts_with("import "));
    kept.fold(String::new(), |script, line| script + line.strip_prefix("export ").unwrap_or(line) + "\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use regex::Regex;

    use super::*;

    #[test]
    fn joining_leaves_no_module_words() {
        let script =
            joined(&[("a.js", "import { b } from './b.js';\nexport const a = b;\n"), ("c.js", "a();")]);
        assert_eq!(script, "const a = b;\na();\n");
        let word = Regex::new(r"(?m)^\s*(import|export)\b").unwrap();
        assert_eq!(word.find(&SCRIPT).map(|found| found.as_str()), None);
    }

    #[test]
    fn no_two_modules_declare_the_same_name() {
        let declaration =
            Regex::new(r"(?m)^(?:export )?(?:async )?(?:const|let|function|class) (\w+)").unwrap();
        let mut declared = BTreeMap::new();
        for (module, source) in MODULES {
            for found in declaration.captures_iter(source) {
                let name = found[1].to_owned();
                assert_eq!(
                    declared.insert(name.clone(), module),
                    None,
                    "{name} is declared again in {module}"
                );
            }
        }
    }

    #[test]
    fn every_imported_name_is_exported_where_it_says() {
        let import = Regex::new(r"(?m)^import \{ (.+) \} from '\./(.+)';$").unwrap();
        for (module, source) in MODULES {
            assert_eq!(source.matches("\nimport ").count(), import.captures_iter(source).count(), "{module}");
            for found in import.captures_iter(source) {
                let (_, from) = MODULES.iter().find(|(name, _)| *name == &found[2]).unwrap();
                for name in found[1].split(", ") {
                    let export =
                        Regex::new(&format!(r"(?m)^export .*\b(const|function|class) {name}\b")).unwrap();
                    assert!(export.is_match(from), "{module} imports {name} from {}", &found[2]);
                }
            }
        }
    }
}
