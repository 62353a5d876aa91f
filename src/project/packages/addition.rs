//! `deps --add-package`: one more entry in `packages.yml`, everything else left as it was written.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use std::path::Path;

/// A package to add to those of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// `package`, `git` or `local`: the key that names it.
    key: &'static str,
    address: String,
    /// Version of a hub package, revision of a repository.
    version: Option<String>,
}

impl Addition {
    /// Reads `name@version` as given on the command line. `source` is `hub`, `git` or `local`.
    pub fn parse(text: &str, source: &str) -> Result<Self, String> {
        let key = match source {
            "hub" => "package",
            "git" => "git",
            "local" => "local",
            _ => return Err(format!("'{source}' is not one of hub, git, local")),
        };
        // `git@github.com:a/b.git@1.0` has its version behind the last `@`.
        let (address, version) = match text.rsplit_once('@') {
            Some((address, version)) if !address.is_empty() && !version.contains('/') => {
                (address, Some(version.to_string()))
            }
            _ => (text, None),
        };
        if key == "package" && version.is_none() {
            return Err(format!("'{text}' needs a version, as in {text}@1.0.0"));
        }
        if key == "local" && version.is_some() {
            return Err(format!(
                "'{text}' is a folder, which has no version to choose"
            ));
        }
        Ok(Addition {
            key,
            address: address.to_string(),
            version,
        })
    }

    /// Writes the entry into the project's packages file, in place of one for the same package.
    pub(super) fn write(&self, project: &Path, observer: &dyn Observer, bag: &Bag) -> Option<()> {
        let name = match fs::exists(&project.join("packages.yml")) {
            true => "packages.yml",
            false if self.is_in_dependencies(project) => "dependencies.yml",
            false => "packages.yml",
        };
        let path = project.join(name);
        let text = match fs::read_text(&path, "packages") {
            Ok(text) => text,
            Err(error) if error.is_missing() => {
                observer.on(&Event::info("Note", format!("Created {name}")));
                String::new()
            }
            Err(error) => {
                bag.add(Diagnostic::error("unreadable-file", error.to_string()));
                return None;
            }
        };
        let file = SourceFile::new(name, &path, text);
        let tree = yaml::parse(&file, bag)?;
        let changed = self.put_into(file.text(), &tree);
        if let Err(error) = fs::write_atomic(&path, changed.as_bytes(), "packages") {
            bag.add(Diagnostic::error("unwritable-file", error.to_string()));
            return None;
        }
        let version = self.version.as_deref().unwrap_or_default();
        let message = format!(
            "Added new package {}@{version} to {}",
            self.address,
            path.display()
        );
        observer.on(&Event::info("DepsAddPackage", message));
        Some(())
    }

    fn is_in_dependencies(&self, project: &Path) -> bool {
        let path = project.join("dependencies.yml");
        let text = fs::read_text(&path, "dependencies").unwrap_or_default();
        let tree = yaml::parse_text("dependencies.yml", &text, &Bag::new());
        tree.is_some_and(|tree| tree.get("packages").is_some())
    }

    /// The text with the entry in it.
    fn put_into(&self, text: &str, tree: &Yaml) -> String {
        let Some((key, list)) = tree.entry("packages") else {
            let gap = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            return format!("{text}{gap}packages:\n{}", self.entry("  "));
        };
        let items = list.as_list().unwrap_or(&[]);
        if !written(text, list).starts_with('-') {
            let end = if list.is_null() {
                key.place().end + 1
            } else {
                list.place().end
            };
            let entries: String = items.iter().map(|item| flow_entry(text, item)).collect();
            let start = key.place().end;
            return format!(
                "{}:\n{entries}{}{}",
                &text[..start],
                self.entry("  "),
                text[end..].trim_start_matches(['\n', ' '])
            );
        }
        let twin = items
            .iter()
            .find(|item| item.get(self.key).and_then(Yaml::as_text) == Some(&self.address));
        let first = &items[0];
        let indent = dash_indent(text, first.place().start);
        match twin {
            Some(twin) => {
                let start = line_start(text, twin.place().start);
                let end = line_end(text, twin.place().end);
                format!("{}{}{}", &text[..start], self.entry(&indent), &text[end..])
            }
            None => {
                let end = line_end(text, list.place().end);
                let gap = if text[..end].ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                format!(
                    "{}{gap}{}{}",
                    &text[..end],
                    self.entry(&indent),
                    &text[end..]
                )
            }
        }
    }

    pub(super) fn entry(&self, indent: &str) -> String {
        let mut entry = format!(
            "{indent}- {}: {}\n",
            self.key,
            yaml::scalar_source(&self.address)
        );
        let version_key = if self.key == "git" {
            "revision"
        } else {
            "version"
        };
        if let Some(version) = &self.version {
            entry.push_str(&format!(
                "{indent}  {version_key}: {}\n",
                version_source(version)
            ));
        }
        entry
    }
}

/// `[>=1.0.0,<2.0.0]` becomes a list of quoted requirements.
fn version_source(version: &str) -> String {
    let bare = version.trim_start_matches('[').trim_end_matches(']');
    let parts: Vec<&str> = bare.split(',').map(str::trim).collect();
    match parts[..] {
        [one] => yaml::scalar_source(one),
        _ => {
            let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
            format!("[{}]", quoted.join(", "))
        }
    }
}

fn written<'t>(text: &'t str, yaml: &Yaml) -> &'t str {
    let place = yaml.place();
    &text[place.start..place.end]
}

fn flow_entry(text: &str, item: &Yaml) -> String {
    format!("  - {}\n", written(text, item))
}

/// What stands before the `-` of an item whose value starts at `at`.
fn dash_indent(text: &str, at: usize) -> String {
    let line = &text[line_start(text, at)..at];
    line[..line.find('-').unwrap_or(0)].to_string()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Behind the line break of the line that holds the byte before `end`.
fn line_end(text: &str, end: usize) -> usize {
    let from = end.saturating_sub(1);
    text[from..]
        .find('\n')
        .map_or(text.len(), |newline| from + newline + 1)
}
