//! Reading the fields of a request: absent is empty, a wrong type is wrong JSON.

use serde_json::{Map, Value};

use super::error::{ApiError, Checked};

pub fn read_json(body: &[u8]) -> Checked<Value> {
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(ApiError::wrong_json("not an object")),
        Err(error) => Err(ApiError::wrong_json(error)),
    }
}

pub fn text<'a>(object: &'a Value, name: &str) -> Checked<&'a str> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(ApiError::wrong_json(format_args!("{name} is not a string"))),
    }
}

pub fn number(object: &Value, name: &str) -> Checked<Option<i64>> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number =
                value.as_i64().ok_or_else(|| ApiError::wrong_json(format_args!("{name} is not an int")))?;
            Ok(Some(number))
        }
    }
}

pub fn list<'a>(object: &'a Value, name: &str) -> Checked<&'a [Value]> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(ApiError::wrong_json(format_args!("{name} is not a list"))),
    }
}

pub fn texts(object: &Value, name: &str) -> Checked<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let texts: Option<Vec<String>> = list(object, name)?.iter().map(text).collect();
    texts.ok_or_else(|| ApiError::wrong_json(format_args!("{name} is not a list of strings")))
}

/// An object that must be there.
pub fn object<'a>(parent: &'a Value, name: &str) -> Checked<&'a Value> {
    match parent.get(name) {
        Some(value @ Value::Object(_)) => Ok(value),
        None | Some(Value::Null) => Err(ApiError::because(40058, format!("{name} is missing"))),
        Some(_) => Err(ApiError::wrong_json(format_args!("{name} is not an object"))),
    }
}

/// A text that must be there and fit; `code` is what the platform answers otherwise.
pub fn needed<'a>(object: &'a Value, name: &str, at_most: usize, code: i64) -> Checked<&'a str> {
    let value = text(object, name)?;
    if value.is_empty() || value.len() > at_most {
        return Err(ApiError::because(
            code,
            format!("{name} needs 1 to {at_most} bytes, got {}", value.len()),
        ));
    }
    Ok(value)
}

/// A text that may be missing but must fit, counted in bytes.
pub fn fitting<'a>(object: &'a Value, name: &str, at_most: usize) -> Checked<&'a str> {
    let value = text(object, name)?;
    if value.len() > at_most {
        return Err(ApiError::because(45002, format!("{name} takes {at_most} bytes, got {}", value.len())));
    }
    Ok(value)
}

/// Cuts at a character, as the platform cuts what is too long.
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The answer's fields.
pub fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
