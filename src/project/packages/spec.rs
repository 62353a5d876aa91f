//! `packages.yml` and `dependencies.yml`: which packages a project asks for, and which projects.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use crate::project::Options;
use crate::project::optional_file;
use crate::project::packages::repository::Provider;
use crate::project::render::Renderer;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// What a project asks for.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    pub specs: Vec<Spec>,
    /// Names of other projects whose public models may be referred to.
    pub projects: Vec<String>,
}

/// One entry below `packages:`.
#[derive(Debug, Clone)]
pub struct Spec {
    pub origin: Origin,
    pub place: Place,
    /// The entry's keys, rendered.
    pub rendered: Map<String, Value>,
    /// The entry's keys as written.
    pub unrendered: Map<String, Value>,
}

impl Spec {
    /// Whether a repository without a fixed revision is worth a word.
    pub(super) fn warns_unpinned(&self) -> bool {
        let keys = ["warn-unpinned", "warn_unpinned"];
        keys.iter()
            .all(|key| self.rendered.get(*key) != Some(&Value::Bool(false)))
    }
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder, relative to the project.
    Local { path: String },
    /// A packed folder: a path, or an address.
    Tarball {
        address: String,
        name: String,
        /// Sum that the packed bytes must have.
        sha1: Option<String>,
    },
    Git {
        address: String,
        /// Tag, branch or commit; `None` for the main branch.
        revision: Option<String>,
        /// Folder of the package within the repository.
        subdirectory: Option<String>,
    },
    /// The public index of packages.
    Hub {
        package: String,
        /// Requirements that all have to be met; none where any version will do.
        versions: Vec<String>,
        prereleases: bool,
    },
    /// A repository named by owner and name alone.
    Private {
        address: String,
        provider: Provider,
        revision: Option<String>,
        subdirectory: Option<String>,
    },
}

const CODE: &str = "packages-file";

/// Keys of an entry by its origin; the first one names it.
const KEYS: [&[&str]; 5] = [
    &["local"],
    &["tarball", "name", "sha1"],
    &[
        "git",
        "revision",
        "warn-unpinned",
        "warn_unpinned",
        "subdirectory",
        "name",
    ],
    &[
        "package",
        "version",
        "install-prerelease",
        "install_prerelease",
    ],
    &[
        "private",
        "provider",
        "revision",
        "warn-unpinned",
        "warn_unpinned",
        "subdirectory",
        "name",
    ],
];

/// What the root project asks for. `None` when a file cannot be understood; the bag then says why.
pub(in crate::project) fn declared(
    options: &Options,
    context: &Arc<Context>,
    bag: &Bag,
) -> Option<Declared> {
    let renderer = Renderer::with_secrets(context, &options.vars);
    declared_in(&options.project_dir, &renderer, bag)
}

/// What the project in a folder asks for.
pub(super) fn declared_in(folder: &Path, renderer: &Renderer, bag: &Bag) -> Option<Declared> {
    let mut declared = Declared::default();
    let packages = tree(optional_file(folder, "packages.yml", bag), bag)?;
    let dependencies = tree(optional_file(folder, "dependencies.yml", bag), bag)?;
    let both = [&packages, &dependencies].map(|tree| tree.as_ref()?.entry("packages"));
    if let [Some((one, _)), Some((other, _))] = both {
        bag.add(
            Diagnostic::error(
                CODE,
                "The 'packages' key cannot be specified in both packages.yml and dependencies.yml",
            )
            .at(other.place())
            .related(one.place(), "given here too")
            .hint("keep all packages in one of the two files"),
        );
        return None;
    }
    let reader = Reader { bag };
    if let Some(raw) = &packages {
        let rendered = renderer.tree(raw, |_| true, bag);
        reader.keys(raw, &["packages"]);
        declared.specs = reader.specs(raw, &rendered);
    }
    // Other tools read this file, so it holds no templates.
    if let Some(raw) = &dependencies {
        reader.keys(raw, &["packages", "projects"]);
        declared.specs.extend(reader.specs(raw, raw));
        declared.projects = reader.projects(raw);
    }
    Some(declared)
}

/// The entries that the package index lists for a package; `place` is to blame for a mistake in them.
pub(super) fn listed(packages: &Value, place: &Place, bag: &Bag) -> Vec<Spec> {
    let tree = Yaml::from_json(&json!({ "packages": packages }), place);
    Reader { bag }.specs(&tree, &tree)
}

/// The entries of a lock file: like those of a packages file, each with the name it resolved to.
pub(super) fn locked(lock: &Yaml, renderer: &Renderer, bag: &Bag) -> Vec<Spec> {
    let reader = Reader { bag };
    let entries = lock.get("packages").and_then(Yaml::as_list).unwrap_or(&[]);
    let specs = entries.iter().filter_map(|entry| {
        let rendered = renderer.tree(entry, |_| true, bag);
        let kind = KEYS.iter().find(|keys| entry.get(keys[0]).is_some())?[0];
        Some(Spec {
            origin: reader.origin(kind, &rendered)?,
            place: entry.place(),
            rendered: rendered.to_json_map(),
            unrendered: entry.to_json_map(),
        })
    });
    specs.collect()
}

/// The outer `None` is for a broken file, the inner one for none or an empty one.
fn tree(file: Option<Arc<SourceFile>>, bag: &Bag) -> Option<Option<Yaml>> {
    let Some(file) = file else { return Some(None) };
    let tree = yaml::parse(&file, bag)?;
    if tree.is_null() {
        return Some(None);
    }
    if !tree.is_map() {
        bag.add(tree.wrong_type(&file.shown, "a mapping with `packages:`"));
        return None;
    }
    Some(Some(tree))
}

struct Reader<'a> {
    bag: &'a Bag,
}

impl Reader<'_> {
    fn keys(&self, tree: &Yaml, known: &[&str]) {
        for (key, _) in tree.entries() {
            let name = key.key_text();
            if !known.contains(&&*name) {
                let offer = nearest(&name, known.iter().copied());
                self.bag.add(
                    Diagnostic::error(CODE, format!("`{name}` is not a key of this file"))
                        .at(key.place())
                        .maybe_hint(offer.map(|offer| format!("did you mean `{offer}`?"))),
                );
            }
        }
    }

    fn specs(&self, raw: &Yaml, rendered: &Yaml) -> Vec<Spec> {
        let entries = |tree: &Yaml| tree.get("packages").filter(|p| !p.is_null()).cloned();
        let (Some(raw), Some(rendered)) = (entries(raw), entries(rendered)) else {
            return Vec::new();
        };
        let raw = raw.list("packages", self.bag).iter();
        let rendered = rendered.as_list().unwrap_or(&[]).iter();
        raw.zip(rendered)
            .filter_map(|(raw, rendered)| self.spec(raw, rendered))
            .collect()
    }

    fn spec(&self, raw: &Yaml, rendered: &Yaml) -> Option<Spec> {
        if !rendered.is_map() {
            self.bag.add(
                rendered.wrong_type("packages", "a list of mappings such as `- local: folder`"),
            );
            return None;
        }
        let Some(keys) = KEYS.iter().find(|keys| rendered.get(keys[0]).is_some()) else {
            self.bag.add(
                Diagnostic::error(CODE, "this entry does not say where the package comes from")
                    .at(rendered.place())
                    .hint("give one of `package`, `git`, `local` or `tarball`"),
            );
            return None;
        };
        for (key, _) in rendered.entries() {
            if !keys.contains(&&*key.key_text()) {
                let message = format!(
                    "`{}` is not a key of a `{}` package",
                    key.key_text(),
                    keys[0]
                );
                self.bag.add(
                    Diagnostic::error(CODE, message)
                        .at(key.place())
                        .hint(format!("it has the keys {}", keys.join(", "))),
                );
                return None;
            }
        }
        Some(Spec {
            origin: self.origin(keys[0], rendered)?,
            place: raw.place(),
            rendered: rendered.to_json_map(),
            unrendered: raw.to_json_map(),
        })
    }

    fn origin(&self, kind: &str, entry: &Yaml) -> Option<Origin> {
        let text = |key: &str| {
            let value = entry.get(key).filter(|value| !value.is_null())?;
            value.scalar_text(key, self.bag)
        };
        let address = self.required(kind, entry)?;
        Some(match kind {
            "local" => Origin::Local { path: address },
            "tarball" => Origin::Tarball {
                address,
                name: self.required("name", entry)?,
                sha1: text("sha1"),
            },
            "git" => Origin::Git {
                address,
                revision: text("revision"),
                subdirectory: text("subdirectory"),
            },
            "package" => Origin::Hub {
                package: address,
                versions: entry
                    .get("version")
                    .map(|version| version.texts("version", self.bag))
                    .unwrap_or_default(),
                prereleases: ["install-prerelease", "install_prerelease"]
                    .iter()
                    .find_map(|key| entry.get(key)?.flag(key, self.bag))
                    .unwrap_or(false),
            },
            _ => Origin::Private {
                address,
                provider: self.provider(entry)?,
                revision: text("revision"),
                subdirectory: text("subdirectory"),
            },
        })
    }

    fn provider(&self, entry: &Yaml) -> Option<Provider> {
        let Some(value) = entry.get("provider").filter(|value| !value.is_null()) else {
            return Some(Provider::Github);
        };
        let name = value.scalar_text("provider", self.bag)?;
        let provider = Provider::parse(&name);
        if provider.is_none() {
            self.bag.add(
                Diagnostic::error(CODE, format!("`{name}` is not a provider of repositories"))
                    .at(value.place())
                    .hint("give `github`, `gitlab` or `azure_devops`, or the whole address with `git`"),
            );
        }
        provider
    }

    fn required(&self, key: &str, entry: &Yaml) -> Option<String> {
        let Some(value) = entry.get(key).filter(|value| !value.is_null()) else {
            self.bag.add(
                Diagnostic::error(CODE, format!("this entry needs `{key}`")).at(entry.place()),
            );
            return None;
        };
        value.scalar_text(key, self.bag)
    }

    fn projects(&self, raw: &Yaml) -> Vec<String> {
        let Some(entries) = raw.get("projects").filter(|value| !value.is_null()) else {
            return Vec::new();
        };
        let entries = entries.list("projects", self.bag).iter();
        entries
            .filter_map(|entry| self.required("name", entry))
            .collect()
    }
}
