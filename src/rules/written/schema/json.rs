//! JSON Schema, draft 7: what Tombi and the other TOML editors read, down to the Chinese hover.
//!
//! Draft 7 because it is the newest one that both Tombi and the older Taplo know, and because in it
//! `format = "date"` is an assertion, which Tombi takes for TOML's own dates. Everything stands in
//! its place without `$ref`: in draft 7 a `$ref` silences the description beside it.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::{FileSchema, default};
use crate::files::{Choice, FieldSpec, Need, Shape, TableSpec};

/// The schema of one kind of file, as it stands in `schemas/`, with a final line break.
pub fn json(kind: &FileSchema) -> serde_json::Result<String> {
    let mut schema = Object::default();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put("$comment", "由 zhanggui schema 生成，请不要手改 / generated, do not edit");
    schema.put("title", kind.place);
    schema.put("x-tombi-toml-version", "v1.1.0");
    table(&mut schema, kind.spec);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}

/// An object that keeps the order in which it was written: that of the declarations.
#[derive(Debug, Default)]
struct Object(Vec<(&'static str, Json)>);

#[derive(Debug)]
enum Json {
    Plain(Value),
    Object(Object),
    List(Vec<Object>),
}

impl Object {
    fn put(&mut self, key: &'static str, value: impl Into<Value>) {
        self.0.push((key, Json::Plain(value.into())));
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
            Self::List(list) => list.serialize(serializer),
        }
    }
}

/// A table without a description of its own gets its declaration's.
fn table(schema: &mut Object, spec: &TableSpec) {
    if !schema.0.iter().any(|(key, _)| *key == "description") {
        schema.put("description", spec.doc.trim());
    }
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    let required = spec.fields.iter().filter(|field| field.need == Need::Required);
    let required: Vec<&str> = required.map(|field| field.key).collect();
    if !required.is_empty() {
        schema.put("required", required);
    }
    let properties = spec.fields.iter().map(|field| (field.key, Json::Object(property(field)))).collect();
    schema.0.push(("properties", Json::Object(Object(properties))));
}

fn property(field: &FieldSpec) -> Object {
    let mut schema = Object::default();
    schema.put("description", description(field));
    if let Need::Default(declared) = field.need
        && let Some(value) = default::to_json(declared)
    {
        schema.put("default", value);
    }
    shape(&mut schema, &field.shape, field.pattern);
    schema
}

/// The sentence, and how the value is written where the type alone does not tell.
fn description(field: &FieldSpec) -> String {
    let doc = field.doc.trim();
    match field.shape {
        Shape::Duration
        | Shape::Hours
        | Shape::Day
        | Shape::Moment
        | Shape::Secret
        | Shape::Special { .. } => {
            format!("{doc}\n\n写法：{}。", field.shape.chinese())
        }
        _ => doc.to_owned(),
    }
}

fn shape(schema: &mut Object, shape: &Shape, pattern: Option<&str>) {
    match shape {
        Shape::Text | Shape::Id | Shape::Duration | Shape::Hours | Shape::Secret => {
            text(schema, pattern, None);
        }
        Shape::Special { example, .. } => text(schema, pattern, Some(example)),
        Shape::Day => {
            schema.put("type", "string");
            schema.put("format", "date");
        }
        Shape::Moment => {
            let moments = ["date-time", "date-time-local"].map(|format| {
                let mut moment = Object::default();
                moment.put("type", "string");
                moment.put("format", format);
                moment
            });
            schema.0.push(("anyOf", Json::List(moments.into())));
        }
        Shape::Flag => schema.put("type", "boolean"),
        Shape::Whole { at_least, at_most } => {
            schema.put("type", "integer");
            schema.put("minimum", *at_least);
            if *at_most != i64::MAX {
                schema.put("maximum", *at_most);
            }
        }
        Shape::Number { at_most } => {
            schema.put("type", "number");
            schema.put("exclusiveMinimum", 0);
            schema.put("maximum", *at_most);
        }
        Shape::Choice(choices) => {
            schema.put("type", "string");
            schema.0.push(("oneOf", Json::List(choices.iter().map(word).collect())));
        }
        Shape::WordOr { word: plain, other } => {
            schema.0.push(("anyOf", Json::List(vec![word(plain), alone(other, pattern)])));
        }
        Shape::List(inner) => {
            schema.put("type", "array");
            schema.0.push(("items", Json::Object(alone(inner, pattern))));
        }
        Shape::OneOrMore(inner) => {
            let mut many = Object::default();
            many.put("type", "array");
            many.0.push(("items", Json::Object(alone(inner, pattern))));
            schema.0.push(("anyOf", Json::List(vec![alone(inner, pattern), many])));
        }
        Shape::Map(inner) => {
            schema.put("type", "object");
            schema.put("x-tombi-additional-key-label", "名字");
            schema.0.push(("additionalProperties", Json::Object(alone(inner, pattern))));
        }
        Shape::Table(spec) => table(schema, spec),
    }
}

/// The schema of a value that stands under no key of its own.
fn alone(inner: &Shape, pattern: Option<&str>) -> Object {
    let mut schema = Object::default();
    shape(&mut schema, inner, pattern);
    schema
}

fn text(schema: &mut Object, pattern: Option<&str>, example: Option<&str>) {
    schema.put("type", "string");
    if let Some(pattern) = pattern {
        schema.put("pattern", pattern);
    }
    if let Some(example) = example {
        schema.put("examples", vec![example]);
    }
}

fn word(choice: &Choice) -> Object {
    let mut schema = Object::default();
    schema.put("const", choice.word);
    schema.put("description", choice.doc);
    schema
}
