//! Declared defaults as JSON.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// What a default says, if it is a plain value or a list of such. Tables have none worth showing.
pub fn to_json(declared: &str) -> Option<Value> {
    let line = format!("value = {declared}");
    let table = DeTable::parse(&line).ok()?;
    plain(table.get_ref().get("value")?.get_ref())
}

fn plain(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(digits) => Value::from(i64::from_str_radix(digits.as_str(), digits.radix()).ok()?),
        DeValue::Float(digits) => Value::from(digits.as_str().parse::<f64>().ok()?),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect::<Option<_>>()?,
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_declarations_say() {
        assert_eq!(to_json("\"30s\""), Some(json!("30s")));
        assert_eq!(to_json("1.0"), Some(json!(1.0)));
        assert_eq!(to_json("[\"owner\", \"staff\"]"), Some(json!(["owner", "staff"])));
        assert_eq!(to_json("[]"), Some(json!([])));
        assert_eq!(to_json("{}"), None);
    }
}
