//! Diagnostics as SARIF 2.1.0 (OASIS, 2020), which code hosts and editors read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::compliance::{self, Rule};
use crate::files::{Diagnostic, Severity};

/// One run with its rules and results, ended by a line break. Columns count Unicode characters.
pub fn sarif(diagnostics: &[Diagnostic]) -> String {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let rules: Vec<Value> = codes.iter().map(|code| described(code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "zhanggui",
                "version": env!("CARGO_PKG_VERSION"),
                "language": "zh-CN",
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn described(code: &str) -> Value {
    compliance::rule(code)
        .filter(|rule| rule.code == code)
        .map_or_else(|| json!({ "id": code }), described_rule)
}

fn described_rule(rule: &Rule) -> Value {
    let basis: Vec<String> = rule.basis.iter().map(ToString::to_string).collect();
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{}。依据：{}", rule.instead, basis.join("；")) },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(diagnostic: &Diagnostic, codes: &BTreeSet<&str>) -> Value {
    let hint = diagnostic.hint.iter().map(|hint| format!("\n建议: {hint}")).collect::<String>();
    json!({
        "ruleId": diagnostic.code,
        "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
        "level": level(diagnostic.severity),
        "message": { "text": format!("{}{hint}", diagnostic.message) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&diagnostic.file) },
            "region": {
                "startLine": diagnostic.line,
                "startColumn": diagnostic.column,
                "endLine": diagnostic.end_line,
                "endColumn": diagnostic.end_column,
            },
        } }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a URI reference (RFC 3986 §3.3): everything but unreserved characters and `/` is escaped.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let escaped = path.bytes().map(|byte| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    let escaped: String = escaped.collect();
    if escaped.starts_with('/') { format!("file://{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./bot-scripts/早 安.toml"), "bot-scripts/%E6%97%A9%20%E5%AE%89.toml");
        assert_eq!(uri("/srv/brand/config/a.toml"), "file:///srv/brand/config/a.toml");
    }

    #[test]
    fn nothing_found_is_a_good_log_too() {
        let log: Value = serde_json::from_str(&sarif(&[])).expect("JSON");
        assert_eq!(log["runs"][0]["results"], json!([]));
    }
}
