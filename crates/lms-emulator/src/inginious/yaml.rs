//! YAML 1.1 as PyYAML's safe loader reads it (reference inginious.md 9.2): `yes` is a boolean, `2014-05-10` a date,
//! `1:30` sixty-base, `010` octal. The parser hands over raw scalars; their meaning is decided here.

use std::collections::HashMap;
use std::sync::LazyLock;

use fancy_regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Value;

/// A resolved YAML node. Mappings keep their order, which decides the order of problems and sections.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A date or time object of Python; the text is its `str()`.
    Date(String),
    Str(String),
    Seq(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Reads one document. An empty document is `Null`.
    ///
    /// # Errors
    /// The text with line and column, as PyYAML would refuse it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader =
            Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), depth: 0, copied: 0 };
        let mut document = None;
        loop {
            match reader.next()? {
                Event::StreamEnd => return Ok(document.unwrap_or(Self::Null)),
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                event if document.is_none() => document = Some(reader.node(event)?),
                _ => return Err("expected a single document".to_owned()),
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(k, _)| matches!(k, Self::Str(name) if name == key))
            .map(|(_, value)| value)
    }

    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    pub(crate) fn items(&self) -> &[Self] {
        if let Self::Seq(items) = self { items } else { &[] }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// How many nodes there are, this one included.
    fn count(&self) -> usize {
        match self {
            Self::Seq(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Self::Map(entries) => {
                1 + entries.iter().map(|(key, value)| key.count() + value.count()).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// Python's truth value.
    pub(crate) fn truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Date(_) => true,
            Self::Str(text) => !text.is_empty(),
            Self::Seq(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
        }
    }

    /// Python's `str()` of a scalar, as a `match` answer is compared (reference inginious.md 9.2).
    pub(crate) fn python_str(&self) -> String {
        match self {
            Self::Null => "None".to_owned(),
            Self::Bool(value) => (if *value { "True" } else { "False" }).to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => python_float(*value),
            Self::Date(text) | Self::Str(text) => text.clone(),
            Self::Seq(_) | Self::Map(_) => self.to_json().to_string(),
        }
    }

    /// The JSON form in which a mapping passes through the API untouched.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::from(*value),
            Self::Float(value) => Value::from(*value),
            Self::Date(text) | Self::Str(text) => Value::String(text.clone()),
            Self::Seq(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (json_key(key), value.to_json())).collect())
            }
        }
    }
}

/// Python's `repr` of a float for the sizes that grades and answers have.
pub(crate) fn python_float(value: f64) -> String {
    if value.is_finite() && value == value.trunc() && value.abs() < 1e16 {
        format!("{value:.1}")
    } else {
        value.to_string()
    }
}

/// Keys of a JSON object as Python's encoder writes non-string keys.
fn json_key(key: &Node) -> String {
    match key {
        Node::Null => "null".to_owned(),
        Node::Bool(value) => value.to_string(),
        other => other.python_str(),
    }
}

struct Reader<'t, I: saphyr_parser::Input> {
    parser: Parser<'t, I>,
    anchors: HashMap<usize, Node>,
    depth: usize,
    /// Nodes copied for aliases so far.
    copied: usize,
}

/// Deeper nesting is refused, and so are aliases that multiply: a small file must not take the process down.
const DEEPEST: usize = 100;
const MOST_COPIES: usize = 100_000;

impl<'t, I: saphyr_parser::Input> Reader<'t, I> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>) -> Result<Node, String> {
        self.depth += 1;
        let node = if self.depth > DEEPEST { Err("nested too deeply".to_owned()) } else { self.built(event) };
        self.depth -= 1;
        node
    }

    fn built(&mut self, event: Event<'t>) -> Result<Node, String> {
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref())?),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event)?),
                    }
                }
                (anchor, Node::Seq(items))
            }
            Event::MappingStart(anchor, _) => {
                let mut entries: Vec<(Node, Node)> = Vec::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        event => self.node(event)?,
                    };
                    let event = self.next()?;
                    let value = self.node(event)?;
                    insert(&mut entries, key, value);
                }
                (anchor, Node::Map(entries))
            }
            Event::Alias(id) => {
                let node = self.anchors.get(&id).ok_or("undefined alias")?;
                self.copied += node.count();
                return if self.copied > MOST_COPIES {
                    Err("too many aliases".to_owned())
                } else {
                    Ok(node.clone())
                };
            }
            _ => return Err("the document ends too early".to_owned()),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }
}

/// The last of several equal keys wins, in the place of the first; `<<` merges what is not yet there.
fn insert(entries: &mut Vec<(Node, Node)>, key: Node, value: Node) {
    if key == Node::Str("<<".to_owned()) && matches!(value, Node::Map(_)) {
        for (key, value) in value.entries() {
            if !entries.iter().any(|(known, _)| known == key) {
                entries.push((key.clone(), value.clone()));
            }
        }
    } else if let Some(known) = entries.iter_mut().find(|(known, _)| *known == key) {
        known.1 = value;
    } else {
        entries.push((key, value));
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Node, String> {
    if let Some(tag) = tag.filter(|tag| tag.is_yaml_core_schema()) {
        return match (tag.suffix.as_str(), plain(text)?) {
            ("str", _) => Ok(Node::Str(text.to_owned())),
            ("null", _) => Ok(Node::Null),
            ("float", Node::Int(value)) => Ok(Node::Float(value as f64)),
            ("bool", node @ Node::Bool(_))
            | ("int", node @ Node::Int(_))
            | ("float", node @ Node::Float(_)) => Ok(node),
            ("timestamp", node @ Node::Date(_)) => Ok(node),
            (other, _) => Err(format!("could not construct `{text}` as !!{other}")),
        };
    }
    match (tag, style) {
        (Some(tag), _) => {
            Err(format!("could not determine a constructor for the tag {}{}", tag.handle, tag.suffix))
        }
        (None, ScalarStyle::Plain) => plain(text),
        (None, _) => Ok(Node::Str(text.to_owned())),
    }
}

/// A pattern that must match a whole plain scalar; the forms are those of YAML 1.1.
struct Form(LazyLock<Option<Regex>>);

impl Form {
    fn fits(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    }
}

static INT: Form = Form(LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+",
        r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$"
    ))
    .ok()
}));
static FLOAT: Form = Form(LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?",
        r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ))
    .ok()
}));
static TIME: Form = Form(LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}",
        r"(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$"
    ))
    .ok()
}));

fn plain(text: &str) -> Result<Node, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Node::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Node::Bool(false),
        // PyYAML resolves a lone `=` to a type for which its safe loader has no constructor.
        "=" => {
            return Err("could not determine a constructor for the tag 'tag:yaml.org,2002:value'".to_owned());
        }
        _ if INT.fits(text) => integer(text).map_or_else(|| Node::Str(text.to_owned()), Node::Int),
        _ if FLOAT.fits(text) => float(text).map_or_else(|| Node::Str(text.to_owned()), Node::Float),
        _ if TIME.fits(text) => Node::Date(text.to_owned()),
        _ => Node::Str(text.to_owned()),
    })
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => (-1, rest.to_owned()),
        None => (1, digits.strip_prefix('+').map(str::to_owned).unwrap_or(digits)),
    };
    let value = if let Some(binary) = digits.strip_prefix("0b") {
        i64::from_str_radix(binary, 2).ok()?
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        i64::from_str_radix(hexadecimal, 16).ok()?
    } else if digits.contains(':') {
        digits.split(':').try_fold(0i64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(&digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(sign * value)
}

fn float(text: &str) -> Option<f64> {
    let digits = text.replace('_', "").to_lowercase();
    match digits.trim_start_matches(['+', '-']) {
        ".inf" => Some(if digits.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" => Some(f64::NAN),
        rest if rest.contains(':') => {
            let sum =
                rest.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
            Some(if digits.starts_with('-') { -sum } else { sum })
        }
        _ => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_yaml_1_1() {
        let text = "a: yes\nb: 'yes'\nc: 2014-05-10\nd: 1:30\ne: 010\nf: 2014-05-10 10:11:12/2014-06-10\n\
                    g: 1.0\nh: on\ni: 1e3\nj: 0o17\nk:\nl: !!str 42\nm: &x [1]\nn: *x\n";
        let node = Node::parse(text).unwrap();
        let got = |key| node.get(key).unwrap().clone();
        assert_eq!(got("a"), Node::Bool(true));
        assert_eq!(got("b"), Node::Str("yes".into()));
        assert_eq!(got("c"), Node::Date("2014-05-10".into()));
        assert_eq!(got("d"), Node::Int(90));
        assert_eq!(got("e"), Node::Int(8));
        assert_eq!(got("f"), Node::Str("2014-05-10 10:11:12/2014-06-10".into()));
        assert_eq!(got("g").python_str(), "1.0");
        assert_eq!(got("h").python_str(), "True");
        assert_eq!(got("i"), Node::Str("1e3".into()));
        assert_eq!(got("j"), Node::Str("0o17".into()));
        assert_eq!(got("k"), Node::Null);
        assert_eq!(got("l"), Node::Str("42".into()));
        assert_eq!(got("n"), Node::Seq(vec![Node::Int(1)]));
    }

    #[test]
    fn what_pyyaml_refuses_is_an_error() {
        for text in ["a: =", "a: [1", "a:\n\tb: 1", "a: !mine 1", "a: b: c"] {
            assert!(Node::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hostile_files_are_refused() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert!(Node::parse(&deep).is_err());
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        assert_eq!(Node::parse(&bomb).unwrap_err(), "too many aliases");
    }

    #[test]
    fn the_last_duplicate_key_wins_in_place() {
        let node = Node::parse("a: 1\nb: 2\na: 3\n").unwrap();
        assert_eq!(node.to_json().to_string(), r#"{"a":3,"b":2}"#);
    }
}
