//! Compares the file with the schema of [`super::Config`]: unknown and missing keys, wrong
//! types, values that are not allowed. All of them, because nothing stops at the first.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Lines, indexed, integer, join};
use super::formats;
use super::problem::Problem;

/// What is said of a required key that is not there.
pub const MISSING: &str = "missing";

/// Every departure of `table` from the schema of the configuration.
pub fn problems(table: &Spanned<DeTable<'_>>, lines: &Lines) -> Vec<Problem> {
    let mut walk = Walk { lines, found: Vec::new() };
    walk.table("", table.get_ref(), 0, &schema());
    walk.found
}

/// JSON Schema of the configuration, without references.
pub fn schema() -> Value {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.into_generator().into_root_schema_for::<super::Config>().to_value()
}

struct Walk<'a> {
    lines: &'a Lines,
    found: Vec<Problem>,
}

impl Walk<'_> {
    fn report(&mut self, offset: usize, key: &str, what: String, allowed: String) {
        let line = self.lines.at(offset);
        self.found.push(Problem::new(line, key, what).allowed(allowed));
    }

    fn table(&mut self, key: &str, table: &DeTable<'_>, offset: usize, schema: &Value) {
        let empty = serde_json::Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&empty);
        for (name, value) in table {
            let full = join(key, name.get_ref());
            match properties.get(name.get_ref().as_ref()) {
                Some(schema) => self.value(&full, value, schema),
                None => {
                    let known: Vec<String> =
                        properties.keys().map(|key| format!("`{key}`")).collect();
                    let at = name.span().start;
                    self.report(at, &full, "unknown key".into(), known.join(", "));
                }
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if !table.keys().any(|key| key.get_ref() == name) {
                let allowed = allowed_values(&properties[name]);
                self.report(offset, &join(key, name), MISSING.into(), allowed);
            }
        }
    }

    fn value(&mut self, key: &str, value: &Spanned<DeValue<'_>>, schema: &Value) {
        let schema = without_null(schema);
        let offset = value.span().start;
        let inner = value.get_ref();
        match inner {
            DeValue::Table(table) if has_type(schema, "object") => {
                self.table(key, table, offset, schema);
            }
            DeValue::Array(items) if has_type(schema, "array") => {
                if let Some(what) = wrong_length(items.len(), schema, "entries") {
                    self.report(offset, key, what, allowed_values(schema));
                }
                for (index, item) in items.iter().enumerate() {
                    self.value(&indexed(key, index), item, &schema["items"]);
                }
            }
            _ => {
                if let Some(what) = wrong_scalar(inner, schema) {
                    self.report(offset, key, what, allowed_values(schema));
                }
            }
        }
    }
}

/// The schema of an optional value without its "or nothing", which TOML cannot write.
fn without_null(schema: &Value) -> &Value {
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    alternatives.into_iter().find(|one| !has_type(one, "null")).unwrap_or(schema)
}

/// Why a value that is neither table nor array does not fit, if so.
fn wrong_scalar(value: &DeValue<'_>, schema: &Value) -> Option<String> {
    match value {
        DeValue::String(text) if !choices(schema).is_empty() => {
            let fits = choices(schema).contains(&text.as_ref());
            (!fits).then(|| format!("{text:?} is not one of the choices"))
        }
        DeValue::String(text) if has_type(schema, "string") => wrong_text(text, schema),
        DeValue::Integer(_) if has_type(schema, "integer") => {
            let Some(number) = integer(value) else {
                return Some("the number has more than 64 bits".into());
            };
            let below = schema["minimum"].as_i64().is_some_and(|least| number < least);
            let above = schema["maximum"].as_i64().is_some_and(|most| number > most);
            (below || above).then(|| format!("{number} is out of range"))
        }
        DeValue::Boolean(_) if has_type(schema, "boolean") => None,
        other => Some(format!("is {}, not {}", kind(other), expected(schema))),
    }
}

fn wrong_text(text: &str, schema: &Value) -> Option<String> {
    if let Some(format) = schema["format"].as_str().and_then(formats::named) {
        return (!(format.fits)(text)).then(|| format!("{text:?} does not have the right form"));
    }
    wrong_length(text.chars().count(), schema, "characters")
}

fn wrong_length(length: usize, schema: &Value, what: &str) -> Option<String> {
    let (least, most) = bounds(schema, what);
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    let wrong = least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most);
    wrong.then(|| format!("has {length} {what}"))
}

fn bounds(schema: &Value, what: &str) -> (Option<u64>, Option<u64>) {
    let noun = if what == "entries" { "Items" } else { "Length" };
    let bound = |side: &str| schema[format!("{side}{noun}")].as_u64();
    (bound("min"), bound("max"))
}

fn has_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    }
}

/// The texts of an enumeration.
fn choices(schema: &Value) -> Vec<&str> {
    let single = schema["enum"].as_array().into_iter().flatten();
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    single.chain(variants.map(|variant| &variant["const"])).filter_map(Value::as_str).collect()
}

/// What a value may be, for people, a choice as it is typed; empty when the type says it all.
fn allowed_values(schema: &Value) -> String {
    if !choices(schema).is_empty() {
        let typed = choices(schema).into_iter().map(|choice| format!("{choice:?}"));
        return typed.collect::<Vec<_>>().join(", ");
    }
    if let Some(format) = schema["format"].as_str().and_then(formats::named) {
        return format.allowed.to_owned();
    }
    if has_type(schema, "boolean") {
        return "true, false".into();
    }
    if has_type(schema, "integer") {
        return range(schema["minimum"].as_i64(), schema["maximum"].as_i64(), "");
    }
    let noun = if has_type(schema, "array") { "entries" } else { "characters" };
    match bounds(schema, noun) {
        (None, None) => String::new(),
        (least, most) => {
            let signed = |bound: Option<u64>| bound.and_then(|n| i64::try_from(n).ok());
            range(signed(least), signed(most), noun)
        }
    }
}

fn range(least: Option<i64>, most: Option<i64>, noun: &str) -> String {
    let text = match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most} {noun}"),
        (Some(least), None) => format!("{least} or more {noun}"),
        (None, Some(most)) => format!("at most {most} {noun}"),
        (None, None) => String::new(),
    };
    text.trim_end().to_owned()
}

fn expected(schema: &Value) -> &'static str {
    if !choices(schema).is_empty() || has_type(schema, "string") {
        "a text in quotes"
    } else if has_type(schema, "integer") {
        "an integer"
    } else if has_type(schema, "boolean") {
        "a boolean"
    } else if has_type(schema, "array") {
        "an array"
    } else {
        "a table"
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
