//! Sources that are files: `external_location` in the meta of a source, for warehouses that read files.

use crate::node::Detail;
use crate::node::Node;
use crate::node::Source;

impl Node {
    /// What to read in place of a source's name: a quoted path or a table function.
    /// `None` for anything that is read by its name.
    pub fn external_location(&self) -> Option<String> {
        let Detail::Source(source) = &self.detail else {
            return None;
        };
        if !source.read_in_place {
            return None;
        }
        let written = self.meta.get("external_location")?.as_str()?;
        let location = filled(written, self, source);
        Some(if location.contains('(') {
            location
        } else {
            format!("'{location}'")
        })
    }
}

/// `{name}` and other fields of the source put into the text; `{{` stands for one brace.
fn filled(written: &str, node: &Node, source: &Source) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            text.push_str(brace);
            rest = &rest[1..];
        } else if let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") {
            text.push_str(&value(field, node, source).unwrap_or_else(|| format!("{{{field}}}")));
            rest = after;
        } else {
            text.push_str(brace);
        }
    }
    text + rest
}

fn value(field: &str, node: &Node, source: &Source) -> Option<String> {
    let known = match field.trim() {
        "name" => &node.name,
        "identifier" => &source.identifier,
        "schema" => &node.schema,
        "database" => &node.database,
        "source_name" => &source.source_name,
        "loader" => &source.loader,
        other => {
            return node
                .meta
                .get(other)
                .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string));
        }
    };
    Some(known.clone())
}
