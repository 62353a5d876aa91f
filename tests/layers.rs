//! The room table of ARCHITECTURE.md as a test: arrows between rooms only point down. Files open with
//! their duty, no warehouse is named outside its folders, and no snapshot has lost its test.
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own files and may stop at a mistake"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// Rooms by row, from the rim to the ground. A room imports only from rows below its own.
const ROWS: [&[&str]; 14] = [
    &["base"],
    &["config", "sql"],
    &["adapter", "node"],
    &["jinja"],
    &["project"],
    &["parse"],
    &["graph"],
    &["cache", "compile", "select", "state"],
    &["analyse"],
    &["plan", "diff"],
    &["run"],
    &["artifacts", "docs", "report"],
    &["commands"],
    &["cli"],
];

#[test]
fn arrows_point_down() {
    let rows = rows();
    let mut wrong = Vec::new();
    for (file, room) in sources() {
        let Some(row) = rows.get(room.as_str()) else {
            wrong.push(format!(
                "{}: room `{room}` is missing from the table",
                file.display()
            ));
            continue;
        };
        for (number, line) in read(&file).lines().enumerate() {
            for target in imports(line) {
                let allowed =
                    target == room || rows.get(target.as_str()).is_some_and(|below| below < row);
                if !allowed {
                    wrong.push(format!(
                        "{}:{}: `{room}` may not use `{target}`",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_written_one_to_a_line() {
    let grouped: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| read(file).contains("use crate::{"))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(
        grouped.is_empty(),
        "grouped imports hide arrows: {grouped:?}"
    );
}

#[test]
fn each_file_opens_with_its_duty() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| !read(file).starts_with("//!"))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no `//!` header: {silent:?}");
}

/// What differs between warehouses is a fact in `sql::dialect`, or lives in `adapter` and in templates.
#[test]
fn no_warehouse_is_named_elsewhere() {
    // The runner of Python models reads files with the Python package of this name.
    const ALLOWED: [&str; 1] = ["run/python/interpreter.rs"];
    let is_test = |file: &Path| {
        let mut parts = file.components();
        parts.any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
    };
    let below_src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut named = Vec::new();
    for (file, room) in sources() {
        let short = file.strip_prefix(&below_src).unwrap_or(&file);
        let allowed = ALLOWED.iter().any(|known| short == Path::new(known));
        if allowed || is_test(short) || matches!(room.as_str(), "adapter" | "sql") {
            continue;
        }
        let text = read(&file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            if ["duckdb", "postgres", "spark"]
                .iter()
                .any(|name| code.contains(name))
            {
                named.push(format!("{}:{}: {line}", short.display(), number + 1));
            }
        }
    }
    assert!(named.is_empty(), "\n{}", named.join("\n"));
}

/// The table in ARCHITECTURE.md names the same rooms.
#[test]
fn the_page_shows_the_same_rooms() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let built: Vec<String> = sources().into_iter().map(|(_, room)| room).collect();
    for room in ROWS
        .iter()
        .flat_map(|row| row.iter())
        .filter(|room| built.iter().any(|b| b == *room))
    {
        assert!(
            page.contains(&format!("| `{room}` |")),
            "ARCHITECTURE.md has no row for `{room}`"
        );
    }
}

/// A snapshot whose test is gone is an orphan.
#[test]
fn every_snapshot_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let orphans: Vec<String> = snapshots(&root)
        .filter(|path| !has_test(&root, path))
        .map(|path| path.display().to_string())
        .collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}

fn rows() -> BTreeMap<&'static str, usize> {
    let numbered = ROWS.iter().enumerate();
    numbered
        .flat_map(|(row, rooms)| rooms.iter().map(move |room| (*room, row)))
        .collect()
}

/// Every source file below a room, with the room's name.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .flatten();
    files
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .filter_map(|path| {
            let below = path.strip_prefix(&root).ok()?;
            let room = below
                .components()
                .next()?
                .as_os_str()
                .to_str()?
                .trim_end_matches(".rs")
                .to_string();
            (room != "lib" && room != "main").then_some((path, room))
        })
        .collect()
}

/// Rooms named by `crate::room` in a line of code.
fn imports(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or(line);
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let preceded = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if !preceded && end > 0 {
            rooms.push(rest[..end].to_string());
        }
    }
    rooms
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The snapshots of the test programs.
fn snapshots(root: &Path) -> impl Iterator<Item = PathBuf> {
    let files = walkdir::WalkDir::new(root).sort_by_file_name();
    files
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "snap"))
}

/// Whether `<program>__<modules>__<test>[-N].snap` or `<program>__<project>.snap` still has its origin:
/// a function in the file that the program's name and its modules stand for, or a broken project.
fn has_test(root: &Path, snapshot: &Path) -> bool {
    let name = snapshot.file_stem().unwrap_or_default().to_string_lossy();
    let parts: Vec<&str> = name.split("__").collect();
    let Some((last, modules)) = parts.split_last() else {
        return false;
    };
    let test = last.split('-').next().unwrap_or_default();
    let source = root.join(modules.join("/")).with_extension("rs");
    let is_function =
        std::fs::read_to_string(source).is_ok_and(|text| text.contains(&format!("fn {test}(")));
    is_function || root.join("fixtures/broken").join(last).is_dir()
}
