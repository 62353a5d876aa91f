//! Runs every file under `tests/cases/<topic>/`; one function per topic.

mod support;

use sqlmill::base::Bag;
use sqlmill::base::Diagnostic;
use sqlmill::base::Severity;
use sqlmill::base::SourceFile;
use sqlmill::config::flags::Command;
use sqlmill::config::flags::IndirectSelection;
use sqlmill::config::flags::OutputForm;
use sqlmill::config::yaml;
use sqlmill::graph::Graph;
use sqlmill::select;
use sqlmill::select::Blank;
use sqlmill::select::Past;
use sqlmill::select::Request;
use sqlmill::select::Selectors;
use sqlmill::select::kinds;
use sqlmill::select::listing;
use std::path::Path;
use std::path::PathBuf;
use support::filters;

/// `arguments of ls -> the line of names`, warnings and errors indented below.
///
/// A file starts with the name of its graph, arguments that each row has besides its own (`always:`),
/// and the selectors, up to a line of dashes. Rows that start otherwise than with `-`:
/// `selectors.yml ->` for what is wrong with the selectors, `manifest NAME ->` for how they are written.
#[test]
fn selection() {
    let mut wrong = Vec::new();
    for file in files("selection") {
        let text = read(&file);
        let (head, rows) = text.split_once("\n---\n").expect("a line of dashes");
        let setting = Setting::read(head, file.parent().expect("a folder"));
        for row in rows_of(rows) {
            let (asked, _) = row.split_once(" ->").expect("an arrow");
            let answer = format!("{asked} ->{}", setting.answer(asked));
            if answer != row {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                wrong.push(format!("{name}\nexpected  {row}\nfound     {answer}\n"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What all rows of a selection file share.
struct Setting {
    graph: Graph,
    always: String,
    selectors: Selectors,
    found: Vec<Diagnostic>,
}

impl Setting {
    fn read(head: &str, folder: &Path) -> Self {
        let line = |key: &str| head.lines().find_map(|line| line.strip_prefix(key));
        let graph = line("graph: ").expect("a graph");
        let graph = read(&folder.join("graphs").join(graph).with_extension("txt"));
        let selectors = head.find("selectors:").map_or("", |at| &head[at..]);
        let file = SourceFile::new("selectors.yml", "selectors.yml", selectors);
        let bag = Bag::new();
        let selectors = match yaml::parse(&file, &bag) {
            Some(tree) => Selectors::read(&tree, &bag),
            None => Selectors::default(),
        };
        Setting {
            graph: support::graph::build(&graph, "shop"),
            always: line("always: ").unwrap_or_default().to_string(),
            selectors,
            found: bag.take(),
        }
    }

    fn answer(&self, asked: &str) -> String {
        if asked == "selectors.yml" {
            return shown(&self.found);
        }
        if let Some(name) = asked.strip_prefix("manifest ") {
            return format!(" {}", self.selectors.to_json()[name]);
        }
        let arguments = Arguments::read(&format!("{asked} {}", self.always));
        let bag = Bag::new();
        let request = Request {
            select: &arguments.select,
            exclude: &arguments.exclude,
            selector: arguments
                .selector
                .as_deref()
                .filter(|name| !name.is_empty()),
            selectors: &self.selectors,
            mode: arguments.mode,
            past: Past::NONE,
            kinds: kinds::of(Command::List, &arguments.kinds, &arguments.other_kinds),
            blank: Blank::Keep,
        };
        let picked = select::pick(&self.graph, &request, &bag);
        let lines = listing::lines(&self.graph, &picked, arguments.form, &arguments.keys);
        let names = lines
            .iter()
            .map(|line| format!(" {line}"))
            .collect::<String>();
        names + &shown(&bag.take())
    }
}

/// The arguments of `ls` that select and list.
#[derive(Debug)]
struct Arguments {
    select: Vec<String>,
    exclude: Vec<String>,
    selector: Option<String>,
    mode: IndirectSelection,
    kinds: Vec<String>,
    other_kinds: Vec<String>,
    form: OutputForm,
    keys: Vec<String>,
}

impl Arguments {
    fn read(line: &str) -> Self {
        let mut arguments = Arguments {
            select: Vec::new(),
            exclude: Vec::new(),
            selector: None,
            mode: IndirectSelection::Eager,
            kinds: Vec::new(),
            other_kinds: Vec::new(),
            form: OutputForm::Name,
            keys: Vec::new(),
        };
        let mut flag = String::new();
        for (word, is_quoted) in filters::words(line) {
            if word.starts_with('-') && !is_quoted {
                flag = word;
                continue;
            }
            match flag.as_str() {
                "-s" | "--select" => arguments.select.push(word),
                "--exclude" => arguments.exclude.push(word),
                "--selector" => arguments.selector = Some(word),
                "--indirect-selection" => arguments.mode = mode(&word),
                "--resource-type" => arguments.kinds.push(word),
                "--exclude-resource-type" => arguments.other_kinds.push(word),
                "--output" => arguments.form = form(&word),
                "--output-keys" => arguments.keys.push(word),
                other => panic!("unknown argument {other:?} in {line}"),
            }
        }
        arguments
    }
}

fn mode(word: &str) -> IndirectSelection {
    match word {
        "eager" => IndirectSelection::Eager,
        "cautious" => IndirectSelection::Cautious,
        "buildable" => IndirectSelection::Buildable,
        "empty" => IndirectSelection::Empty,
        other => panic!("unknown mode {other}"),
    }
}

fn form(word: &str) -> OutputForm {
    match word {
        "name" => OutputForm::Name,
        "path" => OutputForm::Path,
        "selector" => OutputForm::Selector,
        "json" => OutputForm::Json,
        other => panic!("unknown form {other}"),
    }
}

/// Diagnostics as indented lines, with their place and hint.
fn shown(found: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in found {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Remark => "remark",
        };
        text.push_str(&format!("\n    {severity}: {}", diagnostic.message));
        if let Some(place) = &diagnostic.place {
            text.push_str(&format!("\n      at: {place}"));
        }
        if let Some(hint) = &diagnostic.hint {
            text.push_str(&format!("\n      hint: {hint}"));
        }
    }
    text
}

/// Rows with the indented lines that belong to them; empty lines and remarks left out.
fn rows_of(text: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("    ") {
            let row = rows.last_mut().expect("a row before its remarks");
            row.push('\n');
            row.push_str(line);
        } else if !line.is_empty() && !line.starts_with('#') {
            rows.push(line.to_string());
        }
    }
    rows
}

fn files(topic: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(topic);
    let entries = std::fs::read_dir(&folder).expect("a folder for the topic");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no use for placed errors"
)]
fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}
