//! YAML as PyYAML's `safe_dump` writes it: block style, plain where a reader would see the same
//! value, quoted otherwise, long texts folded at column 80.

use crate::config::yaml::Data;
use crate::config::yaml::resolve;
use crate::jinja::python::json::sorted_by_key;
use crate::jinja::python::modules;
use crate::jinja::python::numbers::float_repr;
use crate::jinja::python::repr;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// Past this column a text goes on in the next line.
const WIDTH: usize = 80;

/// Keys longer than this do not stand on one line with their value.
const MAX_SIMPLE_KEY: usize = 128;

/// `None` for a value that YAML has no form for.
pub(super) fn dump(value: &Value, sort_keys: bool) -> Option<String> {
    let mut writer = Writer {
        out: String::new(),
        column: 0,
        sort_keys,
        plain_document: false,
    };
    writer.node(value, Spot::Root)?;
    // A plain text that is the whole document could go on; the dots end it.
    let end = if writer.plain_document {
        "\n...\n"
    } else {
        "\n"
    };
    Some(writer.out + end)
}

/// Where a node stands, with the indentation of its parent.
#[derive(Clone, Copy)]
enum Spot {
    Root,
    /// Behind `- `.
    Item(usize),
    /// Behind `key:`.
    Value(usize),
    /// In front of `:`.
    Key(usize),
}

struct Writer {
    out: String,
    column: usize,
    sort_keys: bool,
    /// Whether the document is one scalar without quotes.
    plain_document: bool,
}

impl Writer {
    fn node(&mut self, value: &Value, spot: Spot) -> Option<()> {
        match value.kind() {
            ValueKind::Map => self.map(value, spot),
            ValueKind::Seq => self.sequence(value, spot),
            _ => self.scalar(value, spot),
        }
    }

    fn map(&mut self, value: &Value, spot: Spot) -> Option<()> {
        let pairs = value.as_object()?.try_iter_pairs()?.collect::<Vec<_>>();
        if pairs.is_empty() {
            self.write(" {}");
            return Some(());
        }
        let pairs = match self.sort_keys {
            true => sorted_by_key(pairs).ok()?,
            false => pairs,
        };
        let indent = match spot {
            Spot::Root => 0,
            Spot::Item(parent) | Spot::Value(parent) | Spot::Key(parent) => parent + 2,
        };
        for (at, (key, item)) in pairs.iter().enumerate() {
            self.begin_entry(at, spot, indent);
            self.key(key, indent)?;
            self.node(item, Spot::Value(indent))?;
        }
        Some(())
    }

    /// The key with its colon; one that is no short text stands on a line of its own.
    fn key(&mut self, key: &Value, indent: usize) -> Option<()> {
        let text = repr::str(key);
        let is_short = !text.is_empty() && text.chars().count() < MAX_SIMPLE_KEY;
        if is_scalar(key) && is_short && !text.contains('\n') {
            self.scalar(key, Spot::Key(indent))?;
        } else {
            self.write("?");
            self.node(key, Spot::Item(indent))?;
            self.new_line(indent);
        }
        self.write(":");
        Some(())
    }

    /// A sequence in a mapping is not indented.
    fn sequence(&mut self, value: &Value, spot: Spot) -> Option<()> {
        let items: Vec<Value> = value.try_iter().ok()?.collect();
        if items.is_empty() {
            self.write(" []");
            return Some(());
        }
        let indent = match spot {
            Spot::Root => 0,
            Spot::Value(parent) => parent,
            Spot::Item(parent) | Spot::Key(parent) => parent + 2,
        };
        for (at, item) in items.iter().enumerate() {
            self.begin_entry(at, spot, indent);
            self.write("-");
            self.node(item, Spot::Item(indent))?;
        }
        Some(())
    }

    /// The first entry of a list in a list stands on the line of its dash.
    fn begin_entry(&mut self, at: usize, spot: Spot, indent: usize) {
        match spot {
            Spot::Item(_) if at == 0 => self.write(" "),
            Spot::Root | Spot::Key(_) if at == 0 => {}
            _ => self.new_line(indent),
        }
    }

    fn scalar(&mut self, value: &Value, spot: Spot) -> Option<()> {
        let indent = match spot {
            Spot::Root => 2,
            Spot::Item(parent) | Spot::Value(parent) | Spot::Key(parent) => parent + 2,
        };
        let is_key = matches!(spot, Spot::Key(_));
        if !is_key && !matches!(spot, Spot::Root) {
            self.write(" ");
        }
        self.plain_document = matches!(spot, Spot::Root);
        match value.kind() {
            ValueKind::None => self.write("null"),
            ValueKind::Bool => self.write(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number if value.is_integer() => self.write(&repr::repr(value)),
            ValueKind::Number => self.write(&float(f64::try_from(value.clone()).ok()?)),
            ValueKind::String => self.text(value.as_str()?, indent, is_key),
            _ if modules::datetime::is_day(value) => self.write(&repr::str(value)),
            _ => return None,
        }
        Some(())
    }

    fn text(&mut self, text: &str, indent: usize, is_key: bool) {
        let traits = Traits::of(text);
        let is_plain_text = matches!(resolve(text), Data::Text(_)) && text != "=" && text != "<<";
        if is_plain_text && traits.plain {
            self.folded(text, indent, !is_key, Quotes::None);
            return;
        }
        self.plain_document = false;
        match traits.single_quoted {
            true => self.folded(text, indent, !is_key, Quotes::Single),
            false => self.double_quoted(text, indent, !is_key),
        }
    }

    /// A plain or single-quoted text: single blanks past the width become line ends.
    fn folded(&mut self, text: &str, indent: usize, fold: bool, quotes: Quotes) {
        if quotes == Quotes::Single {
            self.write("'");
        }
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            let run = chars[at..].iter().take_while(|other| **other == c).count();
            match c {
                ' ' => {
                    let inside = quotes == Quotes::None || (at > 0 && at + run < chars.len());
                    match run == 1 && fold && inside && self.column > WIDTH {
                        true => self.new_line(indent),
                        false => self.write(&" ".repeat(run)),
                    }
                    at += run;
                }
                '\n' => {
                    // One line end is a blank to a reader, so each is written once more.
                    self.out.push_str(&"\n".repeat(run));
                    self.new_line(indent);
                    at += run;
                }
                '\'' if quotes == Quotes::Single => {
                    self.write("''");
                    at += 1;
                }
                c => {
                    self.out.push(c);
                    self.column += 1;
                    at += 1;
                }
            }
        }
        if quotes == Quotes::Single {
            self.write("'");
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.write("\"");
        let chars: Vec<char> = text.chars().collect();
        let (mut start, mut end) = (0, 0);
        while end <= chars.len() {
            let c = chars.get(end).copied();
            let plain = c.is_some_and(|c| (' '..='~').contains(&c) && c != '"' && c != '\\');
            if !plain {
                self.write(&chars[start..end].iter().collect::<String>());
                start = end;
                if let Some(c) = c {
                    self.write(&escape(c));
                    start = end + 1;
                }
            }
            let inside = 0 < end && end + 1 < chars.len();
            let wide = self.column + end.saturating_sub(start) > WIDTH;
            if fold && inside && wide && (c == Some(' ') || start >= end) {
                if start < end {
                    self.write(&chars[start..end].iter().collect::<String>());
                    start = end;
                }
                self.write("\\");
                self.new_line(indent);
                if chars.get(start) == Some(&' ') {
                    self.write("\\");
                }
            }
            end += 1;
        }
        self.write("\"");
    }

    fn write(&mut self, text: &str) {
        let text = match self.out.is_empty() {
            true => text.trim_start(),
            false => text,
        };
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
        self.column = indent;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    None,
    Single,
}

/// Which ways of writing a text a reader would understand.
struct Traits {
    plain: bool,
    single_quoted: bool,
}

impl Traits {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let is_space = |at: usize| chars.get(at).is_none_or(|c| " \t\r\n".contains(*c));
        let outer = |c: Option<&char>| c.is_some_and(|c| matches!(c, ' ' | '\n'));
        let special = chars.iter().any(|c| *c != '\n' && !(' '..='~').contains(c));
        let breaks = text.contains('\n');
        let indicator = chars.iter().enumerate().any(|(at, c)| match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if at == 0 =>
            {
                true
            }
            '?' | ':' | '-' if at == 0 => is_space(1),
            ':' => is_space(at + 1),
            '#' => is_space(at - 1),
            _ => false,
        });
        let document_mark = text.starts_with("---") || text.starts_with("...");
        let edges = outer(chars.first()) || outer(chars.last());
        let space_before_break = text.contains(" \n");
        let break_before_space = text.contains("\n ");
        Traits {
            plain: !(special || breaks || indicator || document_mark || edges || text.is_empty()),
            single_quoted: !(special || space_before_break || break_before_space),
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value.kind(), ValueKind::Map | ValueKind::Seq)
}

fn float(float: f64) -> String {
    if float.is_nan() {
        return ".nan".to_string();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_string();
    }
    let text = float_repr(float);
    match text.contains('.') {
        true => text,
        false => text.replacen('e', ".0e", 1),
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            return match u32::from(c) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
