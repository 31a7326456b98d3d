//! From text to nodes.

use std::collections::HashMap;
use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::scalar::resolve;
use super::{Data, Node};

/// Nodes a document may have, aliases counted as often as they are used.
const MAX_NODES: usize = 2_000_000;
/// How deep a document may be nested.
const MAX_DEPTH: usize = 200;

/// Why a text is no YAML document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlError {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The entries of a mapping so far, and the key that waits for its value.
type OpenMap = (Vec<(String, Node)>, Option<String>);

/// A collection that is still open.
struct Open {
    anchor: usize,
    line: usize,
    map: Option<OpenMap>,
    items: Vec<Node>,
}

/// The first document of `text`; an empty text is null.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| YamlError {
            line: e.marker().line(),
            message: format!("not valid YAML: {}", e.info()),
        })?;
        builder.take(event, span)?;
        if let Some(root) = builder.root.take() {
            return Ok(root);
        }
    }
    Ok(Node { data: Data::Null, line: 1 })
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = Node { data: scalar(&text, style, tag.as_deref()), line };
                self.close(node, anchor, line)
            }
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    return Err(YamlError { line, message: "an alias stands for nothing".into() });
                };
                self.nodes += size;
                self.close(node, 0, line)
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, line, false),
            Event::MappingStart(anchor, _) => self.begin(anchor, line, true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let data = match open.map {
                    Some((entries, _)) => Data::Map(merged(entries)),
                    None => Data::Seq(open.items),
                };
                self.close(Node { data, line: open.line }, open.anchor, open.line)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, line: usize, map: bool) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError { line, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.open.push(Open { anchor, line, map: map.then(|| (Vec::new(), None)), items: Vec::new() });
        Ok(())
    }

    fn close(&mut self, node: Node, anchor: usize, line: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(YamlError { line, message: "the document is too large".into() });
        }
        if anchor != 0 {
            let size = count(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.map {
            None => open.items.push(node),
            Some((_, key @ None)) => {
                let Some(name) = node.python_str() else {
                    return Err(YamlError { line, message: "a key must be a plain text".into() });
                };
                *key = Some(name);
            }
            Some((entries, key)) => {
                let name = key.take().unwrap_or_default();
                // A key that comes twice: the last one counts, as in Python.
                match entries.iter_mut().find(|(k, _)| *k == name) {
                    Some((_, old)) => *old = node,
                    None => entries.push((name, node)),
                }
            }
        }
        Ok(())
    }
}

/// `<<: *defaults` takes over entries that are not given.
fn merged(entries: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let Some(at) = entries.iter().position(|(key, node)| key == "<<" && (node.is_map() || node.is_seq()))
    else {
        return entries;
    };
    let mut entries = entries;
    let (_, from) = entries.remove(at);
    let sources = if from.is_seq() { from.items().to_vec() } else { vec![from] };
    for (key, node) in sources.iter().flat_map(|source| source.entries()) {
        if !entries.iter().any(|(k, _)| k == key) {
            entries.push((key.clone(), node.clone()));
        }
    }
    entries
}

fn count(node: &Node) -> usize {
    1 + match &node.data {
        Data::Seq(items) => items.iter().map(count).sum(),
        Data::Map(entries) => entries.iter().map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Data {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix != "str" => resolve(text),
        Some(_) => Data::Str(text.to_owned()),
        None if style == ScalarStyle::Plain => resolve(text),
        None => Data::Str(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_lines_are_kept() {
        let node = parse("b: 1\na:\n  - x\n  - yes\n'2': 'no'\n").expect("yaml");
        let keys: Vec<_> = node.entries().iter().map(|(k, n)| (k.as_str(), n.line)).collect();
        assert_eq!(keys, [("b", 1), ("a", 3), ("2", 5)]);
        assert_eq!(node.get("a").map(|a| a.items()[1].data.clone()), Some(Data::Bool(true)));
        assert_eq!(node.get("2").and_then(Node::as_str), Some("no"));
    }

    #[test]
    fn errors_name_the_line() {
        let error = parse("a: 1\nb: [1, 2\nc: 3\n").expect_err("not closed");
        assert!((2..=4).contains(&error.line), "{error}");
        assert!(parse("a: 1\n\tb: 2\n").is_err(), "tabs do not indent");
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..9 {
            let list = vec![format!("*a{}", n - 1); 10].join(",");
            text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        assert!(parse(&text).is_err());
        let merged = parse("base: &b {x: 1, y: 2}\nreal:\n  <<: *b\n  y: 3\n").expect("yaml");
        let real = merged.get("real").expect("real");
        assert_eq!(real.get("x").and_then(Node::integer), Some(1));
        assert_eq!(real.get("y").and_then(Node::integer), Some(3));
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
