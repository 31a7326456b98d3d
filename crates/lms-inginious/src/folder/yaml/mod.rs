//! YAML as INGInious reads it: version 1.1 rules (PyYAML's safe loader), ordered mappings, the line of
//! every node.

mod emit;
mod parse;
mod scalar;

use serde_json::{Map, Value};

pub(crate) use emit::emit;
pub(crate) use parse::parse;
use scalar::python_float;

/// What a node holds, resolved by YAML 1.1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// An unquoted date. INGInious refuses it where it wants a text (reference inginious.md 9.2).
    Date(String),
    Str(String),
    Seq(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// A node and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) data: Data,
    /// Counted from 1.
    pub(crate) line: usize,
}

impl Node {
    /// A value that comes from elsewhere; it has no lines.
    pub(crate) fn from_json(value: &Value) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(b) => Data::Bool(*b),
            Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(n), _) => Data::Int(n),
                (None, x) => Data::Float(x.unwrap_or_default()),
            },
            Value::String(text) => Data::Str(text.clone()),
            Value::Array(items) => Data::Seq(items.iter().map(Self::from_json).collect()),
            Value::Object(map) => {
                Data::Map(map.iter().map(|(key, value)| (key.clone(), Self::from_json(value))).collect())
            }
        };
        Self { data, line: 0 }
    }

    /// The entry of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[(String, Node)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.data {
            Data::Seq(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    pub(crate) fn is_seq(&self) -> bool {
        matches!(self.data, Data::Seq(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The text of a string node, and nothing for what YAML 1.1 takes for something else.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What Python's `str()` makes of a scalar: `yes` is `True`, `042` is `34`.
    pub(crate) fn python_str(&self) -> Option<String> {
        Some(match &self.data {
            Data::Null => "None".into(),
            Data::Bool(true) => "True".into(),
            Data::Bool(false) => "False".into(),
            Data::Int(n) => n.to_string(),
            Data::Float(x) => python_float(*x),
            Data::Date(text) | Data::Str(text) => text.clone(),
            Data::Seq(_) | Data::Map(_) => return None,
        })
    }

    /// A text for people: empty for null, `str()` for other scalars.
    pub(crate) fn text(&self) -> Option<String> {
        if self.is_null() { Some(String::new()) } else { self.python_str() }
    }

    /// Python's truth: `"on"`, `1` and `true` are true; `""`, `0`, null are not.
    pub(crate) fn truthy(&self) -> bool {
        match &self.data {
            Data::Null => false,
            Data::Bool(b) => *b,
            Data::Int(n) => *n != 0,
            Data::Float(x) => *x != 0.0,
            Data::Date(text) | Data::Str(text) => !text.is_empty(),
            Data::Seq(items) => !items.is_empty(),
            Data::Map(entries) => !entries.is_empty(),
        }
    }

    /// A number; numeric text counts, since editors write numbers as text (reference 9.6).
    pub(crate) fn number(&self) -> Option<f64> {
        match &self.data {
            Data::Int(n) => Some(*n as f64),
            Data::Float(x) => Some(*x),
            Data::Str(text) => text.trim().parse().ok().filter(|x: &f64| x.is_finite()),
            _ => None,
        }
    }

    /// A whole number; numeric text counts.
    pub(crate) fn integer(&self) -> Option<i64> {
        match &self.data {
            Data::Int(n) => Some(*n),
            Data::Str(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The same without line numbers, for settings that are only kept.
    pub(crate) fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(b) => Value::Bool(*b),
            Data::Int(n) => Value::from(*n),
            Data::Float(x) => Value::from(*x),
            Data::Date(text) | Data::Str(text) => Value::String(text.clone()),
            Data::Seq(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(entries) => Value::Object(map_json(entries)),
        }
    }
}

fn map_json(entries: &[(String, Node)]) -> Map<String, Value> {
    entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect()
}
