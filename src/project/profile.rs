//! The profile to connect with: found in `profiles.yml`, its target chosen, that output rendered.
//! Promise: outputs that are not chosen are not rendered, so they may ask for what is not there.

use crate::adapter::Credentials;
use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::base::fs;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use crate::project::Options;
use crate::project::render::Renderer;
use serde_json::Map;
use serde_json::Value;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// How to reach the warehouse.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub target_name: String,
    pub credentials: Credentials,
    /// The fields of the output, rendered, secrets included.
    pub output: Map<String, Value>,
    /// What templates see as `target`.
    pub target: Map<String, Value>,
    /// Folder that its `profiles.yml` was found in.
    pub folder: PathBuf,
}

const CODE: &str = "profile";
const NO_FILE: &str = "no-profiles-file";
const USUAL_TARGET: &str = "default";

/// Finds the profile that the options or else the project file (`raw`) name.
pub(super) fn load(
    options: &Options,
    context: &Arc<Context>,
    raw: &Yaml,
    bag: &Bag,
) -> Option<Profile> {
    let name = match &options.profile {
        Some(name) => name.clone(),
        None => named_in_project(context, options, raw, bag)?,
    };
    let file = profiles_file(context, options, bag)?;
    let profiles = match &file {
        Some(file) => Some(yaml::parse(file, bag)?),
        None => None,
    };
    let finder = Finder {
        name: &name,
        renderer: Renderer::with_secrets(context, &options.vars),
        options,
        bag,
    };
    let (Some(profiles), Some(file)) = (profiles, file) else {
        bag.add(finder.no_file(context));
        return None;
    };
    finder.profile(&profiles, &file)
}

/// The file with the profiles: in the folder the options name, or in the project where that is the
/// folder everybody has and holds none. The inner `None` says that there is no such file.
fn profiles_file(
    context: &Context,
    options: &Options,
    bag: &Bag,
) -> Option<Option<Arc<SourceFile>>> {
    for folder in profiles_folders(context, options) {
        let path = folder.join("profiles.yml");
        match fs::read_text(&path, "profiles") {
            Ok(text) => {
                return Some(Some(SourceFile::new(
                    shown(&path, options, context),
                    &path,
                    text,
                )));
            }
            Err(error) if error.is_missing() => {}
            Err(error) => {
                bag.add(Diagnostic::error("unreadable-file", error.to_string()));
                return None;
            }
        }
    }
    Some(None)
}

fn profiles_folders(context: &Context, options: &Options) -> Vec<PathBuf> {
    let everybodys = context.home.as_ref().map(|home| home.join(".dbt"));
    let mut folders: Vec<PathBuf> = options.profiles_dir.iter().cloned().collect();
    if options.profiles_dir == everybodys {
        folders.push(options.project_dir.clone());
    }
    folders
}

/// The path as a person would write it.
fn shown(path: &Path, options: &Options, context: &Context) -> String {
    if let Ok(below) = path.strip_prefix(&options.project_dir) {
        return below.display().to_string();
    }
    let home = context.home.as_ref();
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    }
}

fn named_in_project(
    context: &Arc<Context>,
    options: &Options,
    raw: &Yaml,
    bag: &Bag,
) -> Option<String> {
    let Some(written) = raw.get("profile").filter(|value| !value.is_null()) else {
        bag.add(
            Diagnostic::error(CODE, "no profile was specified for this dbt project")
                .at(Place::whole(raw.file()))
                .hint("add a line `profile: name` with the name of a profile in profiles.yml"),
        );
        return None;
    };
    let renderer = Renderer::new(context, &options.vars, None);
    let rendered = renderer.tree(written, |_| true, bag);
    rendered.scalar_text("profile", bag)
}

struct Finder<'a> {
    name: &'a str,
    renderer: Renderer,
    options: &'a Options,
    bag: &'a Bag,
}

impl Finder<'_> {
    fn profile(&self, profiles: &Yaml, file: &Arc<SourceFile>) -> Option<Profile> {
        if profiles.is_null() {
            let told = format!("The profiles.yml file at {} is empty", file.path.display());
            self.tell(Diagnostic::error(CODE, told).at(Place::whole(file)));
            return None;
        }
        self.check_old_settings(profiles);
        let Some((key, profile)) = profiles.entry(self.name) else {
            self.tell(self.unknown_profile(profiles));
            return None;
        };
        if profile.is_null() {
            let told = format!("Profile {} in profiles.yml is empty", self.name);
            self.tell(Diagnostic::error(CODE, told).at(key.place()));
            return None;
        }
        let target_name = self.target_name(profile)?;
        let output = self.output(key, profile, &target_name)?;
        let rendered_bag = Bag::new();
        let rendered = self.renderer.tree(output, |_| true, &rendered_bag);
        let broken = rendered_bag.has_errors();
        self.bag.extend(rendered_bag.take());
        if broken {
            return None;
        }
        let credentials = self.credentials(&target_name, &rendered)?;
        Some(Profile {
            name: self.name.to_string(),
            target: credentials.target(),
            target_name,
            output: rendered.to_json_map(),
            credentials,
            folder: file.path.parent().map(PathBuf::from).unwrap_or_default(),
        })
    }

    fn target_name(&self, profile: &Yaml) -> Option<String> {
        if let Some(target) = &self.options.target {
            return Some(target.clone());
        }
        let Some(written) = profile.get("target").filter(|value| !value.is_null()) else {
            return Some(USUAL_TARGET.to_string());
        };
        let rendered = self.renderer.tree(written, |_| true, self.bag);
        rendered.scalar_text("target", self.bag)
    }

    fn output<'y>(&self, key: &Yaml, profile: &'y Yaml, target: &str) -> Option<&'y Yaml> {
        let Some(outputs) = profile.get("outputs").filter(|value| !value.is_null()) else {
            self.tell(
                Diagnostic::error(
                    CODE,
                    format!("outputs not specified in profile '{}'", self.name),
                )
                .at(key.place())
                .hint("add `outputs:` with a target such as `dev:` below it"),
            );
            return None;
        };
        if !outputs.is_map() {
            self.tell(outputs.wrong_type("outputs", "a mapping of targets"));
            return None;
        }
        let Some((target_key, output)) = outputs
            .entries()
            .iter()
            .find(|(k, _)| k.printed() == target)
        else {
            self.tell(self.unknown_target(profile, outputs, target));
            return None;
        };
        if !output.is_map() {
            let told = format!(
                "output '{target}' of profile '{}' is misconfigured in profiles.yml",
                self.name
            );
            self.tell(Diagnostic::error(CODE, told).at(target_key.place()));
            return None;
        }
        Some(output)
    }

    fn credentials(&self, target_name: &str, output: &Yaml) -> Option<Credentials> {
        let found = Bag::new();
        let credentials = Credentials::read(self.name, target_name, &output.to_json_map(), &found);
        for diagnostic in found.take() {
            let kind = output
                .get("type")
                .filter(|_| diagnostic.code == "unknown-warehouse");
            let place = kind.unwrap_or(output).place();
            let place = diagnostic.place.clone().unwrap_or(place);
            self.tell(diagnostic.at(place));
        }
        credentials
    }

    fn unknown_profile(&self, profiles: &Yaml) -> Diagnostic {
        let known: Vec<_> = names(profiles).filter(|name| name != "config").collect();
        let offer = nearest(self.name, known.iter().map(String::as_str));
        let hint = match offer {
            Some(offer) => format!("did you mean `{offer}`?"),
            None if known.is_empty() => "the file has no profiles".to_string(),
            None => format!("the file has: {}", known.join(", ")),
        };
        self.not_found()
            .at(Place::whole(profiles.file()))
            .hint(hint)
    }

    fn unknown_target(&self, profile: &Yaml, outputs: &Yaml, target: &str) -> Diagnostic {
        let known: Vec<String> = names(outputs).collect();
        let list: String = known.iter().map(|name| format!("\n - {name}")).collect();
        let place = match (&self.options.target, profile.get("target")) {
            (None, Some(written)) => written.place(),
            _ => outputs.place(),
        };
        let offer = nearest(target, known.iter().map(String::as_str));
        Diagnostic::error(
            CODE,
            format!(
                "The profile '{}' does not have a target named '{target}'. The valid target names for this profile are:{list}",
                self.name
            ),
        )
        .at(place)
        .maybe_hint(offer.map(|offer| format!("did you mean `{offer}`?")))
    }

    fn no_file(&self, context: &Context) -> Diagnostic {
        let folders = profiles_folders(context, self.options);
        let shown: Vec<String> = folders
            .iter()
            .map(|folder| format!("`{}`", folder.display()))
            .collect();
        let looked = match shown.is_empty() {
            true => "no folder to look for profiles.yml in is known".to_string(),
            false => format!("there is no profiles.yml in {}", shown.join(" and ")),
        };
        Diagnostic {
            code: NO_FILE,
            ..self.not_found()
        }
        .hint(format!(
            "{looked}; put one there, or name its folder with --profiles-dir"
        ))
    }

    fn not_found(&self) -> Diagnostic {
        Diagnostic::error(
            CODE,
            format!("Could not find profile named '{}'", self.name),
        )
    }

    fn check_old_settings(&self, profiles: &Yaml) {
        if let Some((key, _)) = profiles.entry("config") {
            self.tell(
                Diagnostic::warning(
                    "old-spelling",
                    "User config should be moved from the 'config' key in profiles.yml to the 'flags' key in dbt_project.yml.",
                )
                .at(key.place())
                .hint("its entries are read only where dbt_project.yml has no `flags:`")
                .event("ProjectFlagsMovedDeprecation"),
            );
        }
    }

    fn tell(&self, diagnostic: Diagnostic) {
        self.bag.add(diagnostic);
    }
}

fn names(yaml: &Yaml) -> impl Iterator<Item = String> {
    yaml.entries()
        .iter()
        .map(|(key, _)| key.printed().into_owned())
}
