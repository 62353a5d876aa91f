//! `path:` and `file:`: where a node is written.
//!
//! A path is a file or folder of the root project, wildcards allowed part by part (`**` for any number
//! of folders). Nodes of packages have paths below their own package, and fit where the root project
//! has the same path. The files of the root project are those that hold or describe a node.

use crate::graph::Graph;
use crate::node::Node;
use crate::select::Read;
use crate::select::methods::bad_value;
use crate::select::methods::distinct;
use crate::select::methods::nodes;
use crate::select::methods::pattern;
use crate::select::methods::text;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::wildcard::Pattern;
use rustc_hash::FxHashSet;

pub(super) fn path(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let glob = Glob::new(text(criterion)?)?;
    let root = RootPaths::new(graph);
    Ok(nodes(graph, |node| {
        let is_at_home = node.package == graph.root_package();
        let is_there = |path: &&str| is_at_home || root.paths.contains(path);
        let path = node.original_file_path.as_str();
        let mut files = std::iter::once(path)
            .chain(described_in(node))
            .filter(is_there);
        files.any(|file| glob.fits_file(file))
            || folders(path)
                .filter(is_there)
                .any(|folder| glob.fits_folder(folder))
    }))
}

/// Compares with the file's name, with and without what follows its last dot.
pub(super) fn name(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let pattern = pattern(criterion)?;
    Ok(nodes(graph, |node| {
        let name = file_name(node);
        pattern.fits(name) || pattern.fits(stem(name))
    }))
}

pub(super) fn names(graph: &Graph) -> Vec<String> {
    distinct(graph.nodes().map(|node| file_name(node).to_string()))
}

fn file_name(node: &Node) -> &str {
    let path = node.original_file_path.as_str();
    path.rsplit('/').next().unwrap_or(path)
}

fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// The YAML file that describes a node, below the package that holds the file.
fn described_in(node: &Node) -> Option<&str> {
    let (_, path) = node.patch_path.as_deref()?.split_once("://")?;
    Some(path)
}

/// Every folder that leads to a file, the outermost (an empty text) first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at);
    std::iter::once(0).chain(ends).map(|end| &path[..end])
}

/// Files and folders of the root project, as far as nodes tell.
struct RootPaths<'a> {
    paths: FxHashSet<&'a str>,
}

impl<'a> RootPaths<'a> {
    fn new(graph: &'a Graph) -> Self {
        let all = graph.nodes().chain(graph.disabled());
        let own = all.filter(|node| node.package == graph.root_package());
        let paths = own.flat_map(|node| {
            let path = node.original_file_path.as_str();
            folders(path).chain([path]).chain(described_in(node))
        });
        RootPaths {
            paths: paths.collect(),
        }
    }
}

/// A path with wildcards.
struct Glob {
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Wild(Pattern),
    /// `**`
    Folders,
}

impl Glob {
    fn new(text: &str) -> Read<Self> {
        if text.is_empty() {
            return Err(bad_value("the method `path` needs a path")
                .hint("write a path below the project's folder, such as `path:models/staging`")
                .into());
        }
        if text.starts_with('/') {
            return Err(bad_value(format!("`{text}` is an absolute path"))
                .hint("write a path below the project's folder, such as `path:models/staging`")
                .into());
        }
        let parts = text.split(['/', std::path::MAIN_SEPARATOR]);
        let parts = parts.filter(|part| !matches!(*part, "" | "."));
        Ok(Glob {
            parts: parts.map(part).collect::<Result<_, _>>()?,
        })
    }

    /// A `**` at the end stands for folders, not for the files in them.
    fn fits_file(&self, path: &str) -> bool {
        !matches!(self.parts.last(), Some(Part::Folders)) && self.fits_folder(path)
    }

    fn fits_folder(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        leads(&self.parts, &names)
    }
}

fn part(text: &str) -> Read<Part> {
    match text {
        "**" => Ok(Part::Folders),
        _ if text.contains("**") => Err(bad_value(format!(
            "`{text}` in a path: `**` has to stand alone between separators"
        ))
        .hint("write `**/*.sql` for all files below a folder")
        .into()),
        _ if text.contains(['*', '?', '[']) => Ok(Part::Wild(Pattern::new(text))),
        _ => Ok(Part::Text(text.to_string())),
    }
}

fn leads(parts: &[Part], names: &[&str]) -> bool {
    match (parts, names) {
        ([], []) => true,
        ([Part::Folders, rest @ ..], _) => {
            (0..=names.len()).any(|taken| leads(rest, &names[taken..]))
        }
        ([part, parts @ ..], [name, names @ ..]) => fits(part, name) && leads(parts, names),
        _ => false,
    }
}

fn fits(part: &Part, name: &str) -> bool {
    match part {
        Part::Text(text) => text == name,
        Part::Wild(pattern) => pattern.fits(name),
        Part::Folders => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_part_by_part() {
        let rows = [
            ("models/a.sql", "models/a.sql", true),
            ("./models//a.sql", "models/a.sql", true),
            ("models/*", "models/x/a.sql", false),
            ("models/**/a.sql", "models/a.sql", true),
            ("models/**/a.sql", "models/x/y/a.sql", true),
            ("models/**", "models/a.sql", false),
            ("*", "", false),
            ("models/[ab].sql", "models/b.sql", true),
            ("mod", "models", false),
        ];
        for (glob, path, expected) in rows {
            let glob_read = Glob::new(glob).unwrap();
            assert_eq!(glob_read.fits_file(path), expected, "{glob} {path}");
        }
        assert!(Glob::new("**").unwrap().fits_folder(""));
        assert!(Glob::new("models/**").unwrap().fits_folder("models/x"));
    }

    #[test]
    fn a_path_has_folders() {
        let all: Vec<&str> = folders("models/x/a.sql").collect();
        assert_eq!(all, ["", "models", "models/x"]);
    }
}
