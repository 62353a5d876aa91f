//! What a `dbt_project.yml` says, typed: values in, struct out.
//! Promise: each wrong value is reported at its place, and what is right is kept all the same.
//! Not here: rendering (`project`), how the settings of folders reach a node (`parse`).

mod keys;
mod paths;
mod requirement;
mod sections;
#[cfg(test)]
mod tests;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use serde_json::Map;
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;

pub use keys::is_rendered;
pub use paths::Paths;
pub use sections::Section;
pub use sections::Trees;

/// The settings of one project or package.
#[derive(Debug, Clone)]
pub struct ProjectSettings {
    pub file: Arc<SourceFile>,
    pub name: String,
    pub version: Option<String>,
    /// Name of the profile to connect with; packages seldom have one.
    pub profile: Option<String>,
    pub paths: Paths,
    /// Relative to the project.
    pub target_path: String,
    pub log_path: String,
    pub clean_targets: Vec<String>,
    pub packages_install_path: String,
    /// Requirements such as `>=1.8.0`; all of them have to hold.
    pub require_dbt_version: Vec<Written>,
    pub quoting: Quoting,
    pub query_comment: QueryComment,
    pub dispatch: Vec<Dispatch>,
    /// As written: values for every package, and a mapping for each package that has its own.
    pub vars: Yaml,
    /// Templates, not rendered yet.
    pub on_run_start: Vec<Written>,
    pub on_run_end: Vec<Written>,
    /// Whether models of other packages may use the private ones of this package.
    pub restrict_access: bool,
    pub flags: Map<String, Value>,
    pub dbt_cloud: Map<String, Value>,
    trees: Trees,
}

/// A text and where it was written.
#[derive(Debug, Clone)]
pub struct Written {
    pub text: String,
    pub place: Place,
}

/// Which parts of a relation's name are quoted; `None` leaves it to the warehouse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quoting {
    pub database: Option<bool>,
    pub schema: Option<bool>,
    pub identifier: Option<bool>,
    pub snowflake_ignore_case: Option<bool>,
}

/// What is written beside each statement.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryComment {
    pub comment: Comment,
    /// Behind the statement instead of before it; `None` leaves it to the warehouse.
    pub append: Option<bool>,
    pub job_label: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Comment {
    /// The comment that names the program, the profile and the node.
    Usual,
    /// `query-comment: null`, or an empty text.
    Off,
    /// A template.
    Own(String),
}

/// One entry of `dispatch:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    pub macro_namespace: String,
    pub search_order: Vec<String>,
}

impl ProjectSettings {
    /// Reads a project file. `raw` is the tree as written, `rendered` the same after Jinja.
    /// `None` when it has no legal name: nothing can be made of such a project.
    pub fn read(raw: &Yaml, rendered: &Yaml, bag: &Bag) -> Option<Self> {
        if !rendered.is_map() {
            bag.add(not_a_project(rendered));
            return None;
        }
        keys::check(rendered, bag);
        let reader = Reader {
            yaml: rendered,
            bag,
        };
        let name = reader.name();
        let paths = Paths::read(rendered, bag);
        let target_path = reader.path("target-path", "target");
        Some(ProjectSettings {
            file: raw.file().clone(),
            version: reader.scalar("version"),
            profile: reader.text("profile"),
            log_path: reader.path("log-path", "logs"),
            clean_targets: match reader.present("clean-targets") {
                Some(targets) => targets.texts("clean-targets", bag),
                None => vec![target_path.clone()],
            },
            packages_install_path: reader.path("packages-install-path", "dbt_packages"),
            require_dbt_version: reader.written("require-dbt-version"),
            quoting: reader.quoting(),
            query_comment: reader.query_comment(),
            dispatch: reader.dispatch(),
            vars: reader.mapping("vars"),
            on_run_start: reader.written("on-run-start"),
            on_run_end: reader.written("on-run-end"),
            restrict_access: reader.flag("restrict-access").unwrap_or(false),
            flags: reader.mapping("flags").to_json_map(),
            dbt_cloud: reader
                .present("dbt-cloud")
                .map(Yaml::to_json_map)
                .unwrap_or_default(),
            trees: Trees::read(raw, rendered, bag),
            target_path,
            paths,
            name: name?,
        })
    }

    /// Settings by folder for one kind of node, rendered; `None` where the file has none.
    pub fn tree(&self, section: Section) -> Option<&Map<String, Value>> {
        self.trees.rendered(section)
    }

    /// The same as written, before Jinja.
    pub fn unrendered_tree(&self, section: Section) -> Option<&Map<String, Value>> {
        self.trees.unrendered(section)
    }

    /// Folders that nodes are kept in, relative to the project.
    pub fn resource_folders(&self) -> Vec<&str> {
        self.paths.resource_folders().collect()
    }
}

impl Written {
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Deref for Written {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Default for QueryComment {
    fn default() -> Self {
        QueryComment {
            comment: Comment::Usual,
            append: None,
            job_label: false,
        }
    }
}

struct Reader<'a> {
    yaml: &'a Yaml,
    bag: &'a Bag,
}

impl<'a> Reader<'a> {
    /// The value of a key; null counts as absent.
    fn present(&self, key: &str) -> Option<&'a Yaml> {
        self.yaml.get(key).filter(|value| !value.is_null())
    }

    fn name(&self) -> Option<String> {
        let Some(value) = self.present("name") else {
            self.bag.add(
                Diagnostic::error("project-name", "the project has no name")
                    .at(Place::whole(self.yaml.file()))
                    .hint("add a line `name: my_project`"),
            );
            return None;
        };
        let name = value.text("name", self.bag)?;
        if is_legal_name(name) {
            return Some(name.to_string());
        }
        self.bag.add(
            Diagnostic::error(
                "project-name",
                format!("`{name}` cannot be the name of a project"),
            )
            .at(value.place())
            .hint("use letters, digits and underscores, and start with no digit"),
        );
        None
    }

    fn text(&self, key: &str) -> Option<String> {
        let value = self.present(key)?;
        value.text(key, self.bag).map(str::to_string)
    }

    fn scalar(&self, key: &str) -> Option<String> {
        self.present(key)?.scalar_text(key, self.bag)
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.present(key)?.flag(key, self.bag)
    }

    fn path(&self, key: &str, usual: &str) -> String {
        self.text(key).unwrap_or_else(|| usual.to_string())
    }

    fn written(&self, key: &str) -> Vec<Written> {
        let Some(value) = self.present(key) else {
            return Vec::new();
        };
        let items = match &value.data {
            Data::List(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let texts = items.iter().filter_map(|item| {
            let text = match &item.data {
                Data::Text(text) => text.clone(),
                Data::Null => return None,
                Data::List(_) | Data::Map(_) => {
                    self.bag
                        .add(item.wrong_type(key, "a text or a list of texts"));
                    return None;
                }
                _ => item.printed().into_owned(),
            };
            Some(Written {
                text,
                place: item.place(),
            })
        });
        texts.collect()
    }

    /// A mapping; an empty one where the key is absent or holds something else.
    fn mapping(&self, key: &str) -> Yaml {
        match self.present(key) {
            Some(value) if !value.map(key, self.bag).is_empty() => value.clone(),
            _ => self.yaml.with(Data::Map(Vec::new())),
        }
    }

    fn quoting(&self) -> Quoting {
        let mut quoting = Quoting::default();
        let Some(value) = self.present("quoting") else {
            return quoting;
        };
        for (key, value) in value.map("quoting", self.bag) {
            let name = key.key_text();
            let slot = match &*name {
                "database" => &mut quoting.database,
                "schema" => &mut quoting.schema,
                "identifier" => &mut quoting.identifier,
                "snowflake_ignore_case" => &mut quoting.snowflake_ignore_case,
                _ => {
                    let known = ["database", "schema", "identifier", "snowflake_ignore_case"];
                    self.bag.add(keys::unknown(key, "quoting", &known));
                    continue;
                }
            };
            *slot = value.flag(&format!("quoting: {name}"), self.bag);
        }
        quoting
    }

    fn query_comment(&self) -> QueryComment {
        let mut query_comment = QueryComment::default();
        let Some(value) = self.yaml.get("query-comment") else {
            return query_comment;
        };
        match &value.data {
            Data::Null => query_comment.comment = Comment::Off,
            Data::Text(text) => query_comment.comment = comment(text),
            Data::Map(entries) => {
                for (key, value) in entries {
                    self.query_comment_part(&mut query_comment, key, value);
                }
            }
            _ => self
                .bag
                .add(value.wrong_type("query-comment", "a text or a mapping")),
        }
        query_comment
    }

    fn query_comment_part(&self, whole: &mut QueryComment, key: &Yaml, value: &Yaml) {
        match &*key.key_text() {
            "comment" if value.is_null() => whole.comment = Comment::Off,
            "comment" => {
                if let Some(text) = value.text("query-comment: comment", self.bag) {
                    whole.comment = comment(text);
                }
            }
            "append" => whole.append = value.flag("query-comment: append", self.bag),
            "job-label" => {
                whole.job_label = value
                    .flag("query-comment: job-label", self.bag)
                    .unwrap_or(false);
            }
            _ => {
                let known = ["comment", "append", "job-label"];
                self.bag.add(keys::unknown(key, "query-comment", &known));
            }
        }
    }

    fn dispatch(&self) -> Vec<Dispatch> {
        let Some(value) = self.present("dispatch") else {
            return Vec::new();
        };
        let entries = value.list("dispatch", self.bag).iter();
        entries
            .filter_map(|entry| self.dispatch_entry(entry))
            .collect()
    }

    fn dispatch_entry(&self, entry: &Yaml) -> Option<Dispatch> {
        let namespace = entry.get("macro_namespace");
        let order = entry.get("search_order");
        let (Some(namespace), Some(order)) = (namespace, order) else {
            self.bag.add(
                Diagnostic::error(
                    "project-dispatch",
                    "an entry of `dispatch` needs `macro_namespace` and `search_order`",
                )
                .at(entry.place())
                .hint("write `- macro_namespace: dbt_utils` with `search_order: [my_project, dbt_utils]` below it"),
            );
            return None;
        };
        Some(Dispatch {
            macro_namespace: namespace.text("macro_namespace", self.bag)?.to_string(),
            search_order: order.texts("search_order", self.bag),
        })
    }
}

fn comment(text: &str) -> Comment {
    match text.is_empty() {
        true => Comment::Off,
        false => Comment::Own(text.to_string()),
    }
}

/// Letters, digits and underscores, the first no digit.
pub fn is_legal_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
}

fn not_a_project(yaml: &Yaml) -> Diagnostic {
    let found = match yaml.is_null() {
        true => "the project file is empty".to_string(),
        false => format!("a project file holds a mapping, found {}", yaml.kind()),
    };
    Diagnostic::error("project-shape", found)
        .at(yaml.place())
        .hint("start with a line `name: my_project`")
}
