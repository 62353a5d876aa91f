//! `{% docs %}` blocks, and descriptions that quote them with `doc()`.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::jinja;
use crate::jinja::Names;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::fail_with;
use crate::node::DocBlock;
use crate::parse::Site;
use crate::parse::properties::has_jinja;
use crate::project::Project;
use crate::project::ProjectFile;
use minijinja::Error;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// All docs blocks of a project and its packages.
#[derive(Debug, Default)]
pub(super) struct Docs {
    blocks: Vec<DocBlock>,
    by_name: FxHashMap<(String, String), usize>,
}

impl Docs {
    pub(super) fn read_all(project: &Project, bag: &Bag) -> Self {
        let mut docs = Docs::default();
        for package in project.packages() {
            for file in &package.files.docs {
                docs.read(file, &package.name, bag);
            }
        }
        docs
    }

    /// Blocks that were read before.
    pub(super) fn of_blocks(blocks: &[DocBlock]) -> Self {
        let key = |doc: &DocBlock| (doc.package.clone(), doc.name.clone());
        let by_name = blocks.iter().enumerate();
        Docs {
            by_name: by_name.map(|(at, doc)| (key(doc), at)).collect(),
            blocks: blocks.to_vec(),
        }
    }

    /// Takes in the blocks of one Markdown file.
    fn read(&mut self, file: &ProjectFile, package: &str, bag: &Bag) {
        for block in jinja::scan::blocks(&file.source, &[jinja::scan::Kind::Docs], bag) {
            let name = file.source.text()[block.header.clone()].trim().to_string();
            let doc = DocBlock {
                unique_id: format!("doc.{package}.{name}"),
                package: package.to_string(),
                path: file.below.clone(),
                original_file_path: file.path.clone(),
                contents: file.source.text()[block.body.clone()].trim().to_string(),
                name,
            };
            let key = (doc.package.clone(), doc.name.clone());
            if let Some(first) = self.by_name.insert(key, self.blocks.len()) {
                let other = &self.blocks[first].original_file_path;
                let message = format!("two docs blocks are named `{}`", doc.name);
                let place = Place::new(&file.source, block.header.start, block.header.end);
                bag.add(
                    Diagnostic::error("duplicate-docs", message)
                        .at(place)
                        .note(format!("the other is in `{other}`")),
                );
            }
            self.blocks.push(doc);
        }
    }

    pub(super) fn into_blocks(self) -> Vec<DocBlock> {
        self.blocks
    }

    /// `doc('name')` looks in the node's package, the root project, then anywhere; `doc('p', 'n')` in `p`.
    fn find(&self, package: Option<&str>, name: &str, from: &str, root: &str) -> Option<&DocBlock> {
        let at = |package: &str| self.by_name.get(&(package.to_string(), name.to_string()));
        let found = match package {
            Some(package) => at(package).copied(),
            None => at(from)
                .or_else(|| at(root))
                .copied()
                .or_else(|| self.blocks.iter().position(|d| d.name == name)),
        };
        found.map(|position| &self.blocks[position])
    }
}

/// The text of a description, and the ids of the blocks it quotes.
pub(super) fn describe(
    site: &Site<'_>,
    text: &str,
    package: &str,
    place: &Place,
) -> (String, Vec<String>) {
    if !has_jinja(text) {
        return (text.to_string(), Vec::new());
    }
    let quoted = Arc::new(Mutex::new(Vec::new()));
    let scope = Names::new(package).with("doc", doc_function(site, package, quoted.clone()));
    let scope: Arc<dyn Scope> = Arc::new(site.with_globals(scope, &place.file));
    let template = Template::made(&written(text, place), text);
    let rendered = site
        .engine
        .render(&template, &scope)
        .unwrap_or_else(|error| {
            site.bag.add(error.diagnostic());
            text.to_string()
        });
    let quoted = std::mem::take(&mut *quoted.lock().unwrap_or_else(PoisonError::into_inner));
    (rendered, quoted)
}

/// Where a description stands, which comes after the name that `place` marks.
fn written(text: &str, place: &Place) -> Place {
    match place.file.text()[place.start..].find(text) {
        Some(at) => Place::new(&place.file, place.start + at, place.start + at + text.len()),
        None => place.clone(),
    }
}

fn doc_function(site: &Site<'_>, package: &str, quoted: Arc<Mutex<Vec<String>>>) -> Value {
    let (docs, root, from) = (
        site.docs.clone(),
        site.root_package().to_string(),
        package.to_string(),
    );
    jinja::function("doc", move |_, mut args| {
        let first = args.required_str("package_or_name")?;
        let second = args.optional_str("name")?;
        args.finish()?;
        let (package, name) = match &second {
            Some(name) => (Some(first.as_str()), name.as_str()),
            None => (None, first.as_str()),
        };
        let block = docs
            .find(package, name, &from, &root)
            .ok_or_else(|| unknown(&docs, name))?;
        quoted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(block.unique_id.clone());
        Ok(Value::from(block.contents.as_str()))
    })
}

fn unknown(docs: &Docs, name: &str) -> Error {
    let near = nearest(name, docs.blocks.iter().map(|d| d.name.as_str()));
    fail_with(
        Diagnostic::error(
            "unknown-doc",
            format!("Documentation for '{name}' not found"),
        )
        .hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write a block `{{% docs {name} %}}` in a Markdown file"),
        }),
    )
}
