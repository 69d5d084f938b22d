//! Looking things up in JSON whose shape is the platform's, not ours.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ParseError;
use super::xml::path;

/// Reads an object; the platform sends nothing else.
pub fn object(text: &str) -> Result<Value, ParseError> {
    let value: Value = serde_json::from_str(text)?;
    if value.is_object() { Ok(value) } else { Err(ParseError::NotAnObject) }
}

/// The text at a JSON pointer; `None` when it is missing, empty or no text.
pub fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// Every scalar inside with its dotted path, repeated ones numbered as in
/// [`Element::leaves`](super::xml::Element::leaves).
pub fn leaves(value: &Value) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    collect_leaves(value, "", &mut leaves);
    leaves
}

fn collect_leaves(value: &Value, at: &str, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect_leaves(member, &path(at, name, 1), leaves);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_leaves(item, &path(at, "", index + 1), leaves);
            }
        }
        Value::String(text) => drop(leaves.insert(at.to_owned(), text.clone())),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => drop(leaves.insert(at.to_owned(), value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaves_are_named_by_path() {
        let value = json!({"a": {"b": 1, "c": [true, {"d": "x"}, "y"]}, "n": null, "e": u64::MAX});
        let expected = [
            ("a.b", "1"),
            ("a.c", "true"),
            ("a.c[2].d", "x"),
            ("a.c[3]", "y"),
            ("e", "18446744073709551615"),
        ];
        assert_eq!(leaves(&value), expected.map(|(path, text)| (path.into(), text.into())).into());
    }

    #[test]
    fn only_objects_are_taken() {
        assert!(object("{}").is_ok());
        assert!(matches!(object("[]"), Err(ParseError::NotAnObject)));
        assert!(matches!(object("{"), Err(ParseError::Json { line: 1, column: 1 })));
    }
}
