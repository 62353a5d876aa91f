//! Text to tree. The parser reports values and where each event began; this file finds out which
//! scalars were plain (only those mean more than their text), merges `<<`, and sees double keys.
//! Not here: the wording of syntax errors (`mistake`).

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::config::yaml::mistake;
use crate::config::yaml::offset;
use crate::config::yaml::raw::Raw;
use crate::config::yaml::raw::RawEntries;
use crate::config::yaml::scalar;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use serde_yaml::Spanned;
use std::borrow::Cow;
use std::sync::Arc;

/// Reads a YAML file. `None` when its text is broken; the bag then says where and why.
/// An empty file is a null.
pub fn parse(file: &Arc<SourceFile>, bag: &Bag) -> Option<Yaml> {
    let text = file.text().strip_prefix('\u{feff}').unwrap_or(file.text());
    let skipped = file.text().len() - text.len();
    let raw: Spanned<Raw<'_>> = match serde_yaml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            bag.add(mistake::explain(file, skipped, &error));
            return None;
        }
    };
    let mut loader = Loader {
        file,
        text,
        skipped,
        anchors: FxHashMap::default(),
        broken: false,
        bag,
    };
    let start = loader.document_start();
    let tree = loader.node(raw, start).0;
    (!loader.broken).then_some(tree)
}

/// Reads YAML that is no file of its own, such as the value of `--vars`.
/// `name` is what messages call it.
pub fn parse_text(name: &str, text: &str, bag: &Bag) -> Option<Yaml> {
    parse(&SourceFile::new(name, "", text), bag)
}

struct Loader<'a> {
    file: &'a Arc<SourceFile>,
    /// The file's text without its byte order mark; offsets of the parser count from its start.
    text: &'a str,
    skipped: usize,
    /// How the scalar behind each `&name` was written.
    anchors: FxHashMap<&'a str, Style>,
    broken: bool,
    bag: &'a Bag,
}

/// How a scalar was written, and where its text begins (behind any `&anchor`).
#[derive(Clone, Copy)]
enum Style {
    Plain(usize),
    Quoted(usize),
    Block,
    /// `!!int "3"`: the tag has decided.
    Tagged,
}

type Entries = Vec<(Yaml, Yaml)>;

impl<'a> Loader<'a> {
    /// Converts a node that starts at `start`.
    /// The second value is where an alias ends: the parser is then wrong about the next start.
    fn node(&mut self, raw: Spanned<Raw<'_>>, start: usize) -> (Yaml, Option<usize>) {
        let stop = raw.span().end.index.min(self.text.len());
        let alias = self.alias(start);
        let (data, end) = match raw.into_inner() {
            Raw::List(items) => {
                let (items, end) = self.items(items, start);
                (Data::List(items), self.closed(start, end))
            }
            Raw::Map(entries) => {
                let (entries, end) = self.entries(entries, start);
                (Data::Map(entries), self.closed(start, end))
            }
            Raw::Tagged(tag) => {
                self.refuse_tag(start, &tag);
                (Data::Null, start)
            }
            scalar => {
                let style = match alias {
                    Some((name, _)) => *self.anchors.get(name).unwrap_or(&Style::Tagged),
                    None => self.style(start),
                };
                self.scalar(scalar, style, start, stop)
            }
        };
        let alias_end = alias.map(|(_, end)| end);
        let end = alias_end.unwrap_or(end).max(start);
        (self.yaml(data, start, end), alias_end)
    }

    /// The items, and where the last one ends.
    fn items(&mut self, items: Vec<Spanned<Raw<'_>>>, start: usize) -> (Vec<Yaml>, usize) {
        let mut loaded = Vec::with_capacity(items.len());
        let mut alias_end = None;
        for item in items {
            let start = self.start_after(alias_end, &item);
            let (yaml, end) = self.node(item, start);
            alias_end = end;
            loaded.push(yaml);
        }
        let end = loaded.last().map_or(start, |item| self.end(item));
        (loaded, end)
    }

    /// The entries with `<<` merged, and where the last value ends.
    fn entries(&mut self, entries: RawEntries<'_>, start: usize) -> (Entries, usize) {
        let mut own = Vec::with_capacity(entries.len());
        let mut merged = Vec::new();
        let mut alias_end = None;
        let mut last_end = start;
        for (key, value) in entries {
            let key_start = self.start_after(alias_end, &key);
            let (key, end) = self.node(key, key_start);
            let value_start = self.start_after(end, &value);
            let (value, end) = self.node(value, value_start);
            alias_end = end;
            last_end = self.end(&value);
            if key.as_text() == Some("<<") && self.text[key_start..].starts_with("<<") {
                self.merge(&key, value, &mut merged);
            } else {
                self.check_key(&key);
                own.push((key, value));
            }
        }
        let own = last_wins(own, |first, second| self.bag.add(twin(first, second)));
        if merged.is_empty() {
            return (own, last_end);
        }
        merged.extend(own);
        (last_wins(merged, |_, _| {}), last_end)
    }

    /// Entries that `<<` brings in. Of several mappings the first one wins, so it comes last.
    fn merge(&mut self, key: &Yaml, value: Yaml, merged: &mut Entries) {
        match value.data {
            Data::Map(entries) => merged.extend(entries),
            Data::List(items) if items.iter().all(Yaml::is_map) => {
                for item in items.into_iter().rev() {
                    if let Data::Map(entries) = item.data {
                        merged.extend(entries);
                    }
                }
            }
            _ => self.refuse(
                Diagnostic::error(
                    "yaml-syntax",
                    "`<<` needs a mapping or a list of mappings to merge",
                )
                .at(key.place())
                .hint("write `<<: *name`, where `&name` marks a mapping"),
            ),
        }
    }

    fn check_key(&mut self, key: &Yaml) {
        if matches!(key.data, Data::List(_) | Data::Map(_)) {
            self.refuse(mistake::collection_as_key(key));
        }
    }

    /// The value of a scalar and where it ends.
    fn scalar(&self, raw: Raw<'_>, style: Style, start: usize, stop: usize) -> (Data, usize) {
        match (style, raw) {
            (Style::Plain(at), Raw::Text(text)) => {
                let end = match self.text[at..].starts_with(&*text) {
                    true => at + text.len(),
                    false => self.trimmed(start, stop),
                };
                (scalar::resolve(&text), end)
            }
            (Style::Plain(at), Raw::Null) => match scalar::resolve(self.word(at)) {
                Data::Null => (Data::Null, at + self.word(at).len()),
                _ => (Data::Null, start),
            },
            (Style::Plain(at), _) => {
                let word = self.word(at);
                (scalar::resolve(word), at + word.len())
            }
            (Style::Quoted(at), Raw::Text(text)) => {
                (Data::Text(text.into_owned()), closing_quote(self.text, at))
            }
            (_, raw) => (as_tagged(raw), self.trimmed(start, stop)),
        }
    }

    /// How the scalar at `start` is written. Remembers its anchor, should it have one.
    fn style(&mut self, start: usize) -> Style {
        let rest = &self.text[start..];
        match rest.as_bytes().first() {
            Some(b'\'' | b'"') => Style::Quoted(start),
            Some(b'|' | b'>') => Style::Block,
            Some(b'!') => Style::Tagged,
            Some(b'&') => {
                let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(len);
                let gap = rest.len() - rest.trim_start().len();
                let style = self.style(start + len + gap);
                self.anchors.insert(&name[1..], style);
                style
            }
            _ => Style::Plain(start),
        }
    }

    /// A plain scalar that the parser took for a number, a word or nothing:
    /// a run of simple characters, perhaps an empty one.
    fn word(&self, start: usize) -> &'a str {
        let rest = &self.text[start..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_+-.~".contains(c)))
            .unwrap_or(rest.len());
        &rest[..end]
    }

    /// The name and end of an alias (`*name`) that stands at `start`.
    fn alias(&self, start: usize) -> Option<(&'a str, usize)> {
        let rest = self.text[start..].strip_prefix('*')?;
        let end = rest
            .find(|c: char| c.is_whitespace() || ",[]{}".contains(c))
            .unwrap_or(rest.len());
        Some((&rest[..end], start + 1 + end))
    }

    /// Where the whole tree starts: behind directives and the `---` line.
    fn document_start(&self) -> usize {
        let mut at = self.skip_blanks(0);
        while self.text[at..].starts_with('%') {
            let line = self.text[at..].find('\n').unwrap_or(self.text.len() - at);
            at = self.skip_blanks(at + line);
        }
        match self.text[at..].strip_prefix("---") {
            Some(rest) if rest.starts_with(char::is_whitespace) => self.skip_blanks(at + 3),
            _ => at,
        }
    }

    fn start(&self, node: &Spanned<Raw<'_>>) -> usize {
        node.span().start.index.min(self.text.len())
    }

    /// Where a node starts: as the parser says, except right after an alias.
    fn start_after(&self, alias_end: Option<usize>, node: &Spanned<Raw<'_>>) -> usize {
        let Some(mut at) = alias_end else {
            return self.start(node);
        };
        loop {
            at = self.skip_blanks(at);
            match self.text.as_bytes()[at..] {
                [b',', ..] => at += 1,
                [b'-' | b':' | b'?', next, ..] if next.is_ascii_whitespace() => at += 1,
                _ => return at,
            }
        }
    }

    /// The end of a collection whose last child ends at `end`: behind its bracket, if it has one.
    fn closed(&self, start: usize, end: usize) -> usize {
        let open = match self.text[start..].strip_prefix('&') {
            Some(rest) => rest
                .trim_start_matches(|c: char| !c.is_whitespace())
                .trim_start(),
            None => &self.text[start..],
        };
        if !open.starts_with(['[', '{']) {
            return end;
        }
        let mut at = end.max(self.text.len() - open.len() + usize::from(end == start));
        loop {
            at = self.skip_blanks(at);
            match self.text.as_bytes().get(at) {
                Some(b']' | b'}') => return at + 1,
                Some(b',') => at += 1,
                _ => return end,
            }
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        loop {
            let rest = self.text[at..].trim_start();
            at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return at;
            }
            at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn end(&self, yaml: &Yaml) -> usize {
        yaml.end as usize - self.skipped
    }

    /// The end of a stretch without the blanks that the parser counts to it.
    fn trimmed(&self, start: usize, stop: usize) -> usize {
        start + self.text[start..stop.max(start)].trim_end().len()
    }

    fn yaml(&self, data: Data, start: usize, end: usize) -> Yaml {
        Yaml {
            data,
            file: self.file.clone(),
            start: offset(start + self.skipped),
            end: offset(end + self.skipped),
        }
    }

    fn refuse_tag(&mut self, start: usize, tag: &str) {
        let place = self.yaml(Data::Null, start, start + 1 + tag.len()).place();
        self.refuse(
            Diagnostic::error(
                "yaml-syntax",
                format!("the tag `!{tag}` has no meaning here"),
            )
            .at(place)
            .hint("remove the tag, or put the whole value in quotes"),
        );
    }

    fn refuse(&mut self, mistake: Diagnostic) {
        self.broken = true;
        self.bag.add(mistake);
    }
}

/// Of equal keys the first stays, with the value of the last.
fn last_wins(entries: Entries, mut on_twin: impl FnMut(&Yaml, &Yaml)) -> Entries {
    if !has_twins(&entries) {
        return entries;
    }
    let mut positions: FxHashMap<(bool, String), usize> = FxHashMap::default();
    let mut kept: Entries = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let (number, text) = identity(&key);
        match positions.get(&(number, text.to_string())) {
            None => {
                positions.insert((number, text.into_owned()), kept.len());
                kept.push((key, value));
            }
            Some(at) => {
                on_twin(&kept[*at].0, &key);
                kept[*at].1 = value;
            }
        }
    }
    kept
}

fn has_twins(entries: &[(Yaml, Yaml)]) -> bool {
    if entries.len() > 8 {
        let mut seen = FxHashSet::default();
        return !entries.iter().all(|(key, _)| seen.insert(identity(key)));
    }
    let is_twin = |at: usize| {
        let key = identity(&entries[at].0);
        entries[..at].iter().any(|(k, _)| identity(k) == key)
    };
    (1..entries.len()).any(is_twin)
}

/// What makes keys equal: to Python `1`, `1.0` and `true` are one key, and `"1"` is another.
fn identity(key: &Yaml) -> (bool, Cow<'_, str>) {
    match &key.data {
        Data::Bool(value) => (true, Cow::Borrowed(if *value { "1" } else { "0" })),
        Data::Int(value) => (true, Cow::Owned(value.to_string())),
        Data::Float(value) => (true, Cow::Owned(value.to_string())),
        _ => (false, key.printed()),
    }
}

fn twin(first: &Yaml, second: &Yaml) -> Diagnostic {
    let (line, column) = second.place().line_col();
    let described = format!(
        "Duplicate key '{}' in \"<unicode string>\", line {line}, column {column}",
        second.printed()
    );
    Diagnostic::warning(
        "duplicate-key",
        format!("Duplicate key '{}'", second.printed()),
    )
    .at(second.place())
    .note("this one counts")
    .related(first.place(), "first given here")
    .hint("remove one of the two")
    .event("DuplicateYAMLKeysDeprecation")
    .field("duplicate_description", described)
    .field("file", second.file().shown.as_str())
}

/// The end of a quoted scalar, behind its closing quote.
fn closing_quote(text: &str, open: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The value of a scalar whose meaning does not depend on how it looks.
fn as_tagged(raw: Raw<'_>) -> Data {
    match raw {
        Raw::Bool(value) => Data::Bool(value),
        Raw::Int(value) => Data::Int(value),
        Raw::Float(value) => Data::Float(value),
        Raw::Text(text) => Data::Text(text.into_owned()),
        Raw::Null | Raw::List(_) | Raw::Map(_) | Raw::Tagged(_) => Data::Null,
    }
}
