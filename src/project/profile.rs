//! The profile: where to connect. `profiles.yml` stands in the folder that was named, in the working
//! folder or in `~/.dbt`; `cli` has chosen which.

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
use std::path::PathBuf;

/// One output of one profile, rendered.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub target_name: String,
    /// The fields of the output, secrets included.
    pub output: Map<String, Value>,
    /// Folder that its `profiles.yml` was found in.
    pub folder: PathBuf,
}

impl Profile {
    /// What project files may read of it while they are rendered.
    pub(super) fn visible(&self) -> Map<String, Value> {
        let secret = |key: &str| {
            ["pass", "token", "secret", "key"]
                .iter()
                .any(|word| key.to_lowercase().contains(word))
        };
        let mut visible: Map<String, Value> = self
            .output
            .iter()
            .filter(|(key, _)| !secret(key))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        visible.insert("name".to_string(), self.target_name.clone().into());
        visible.insert("target_name".to_string(), self.target_name.clone().into());
        visible.insert("profile_name".to_string(), self.name.clone().into());
        visible
    }
}

pub(super) fn read(
    options: &Options,
    wanted: Option<&str>,
    project: &Yaml,
    renderer: &Renderer<'_>,
    context: &Context,
    bag: &Bag,
) -> Option<Profile> {
    let folder = folder(options, context);
    let path = folder.join("profiles.yml");
    let text = match fs::read_text(&path, "profile") {
        Ok(text) => text,
        Err(error) => {
            bag.add(
                Diagnostic::error("no-profile", format!("Could not find profiles: {error}"))
                    .hint("put `profiles.yml` beside `dbt_project.yml` or into `~/.dbt`, or name its folder with `--profiles-dir`"),
            );
            return None;
        }
    };
    let file = SourceFile::new(shown(&path, context), &path, text);
    let profiles = yaml::parse(&file, bag)?;
    let Some(name) = wanted else {
        bag.add(
            Diagnostic::error("no-profile", "dbt_project.yml names no profile")
                .at(Place::whole(project.file()))
                .hint("add a line `profile: name_of_a_profile`, or give `--profile`"),
        );
        return None;
    };
    let Some(profile) = profiles.get(name) else {
        bag.add(unknown_profile(name, project, &profiles));
        return None;
    };
    output(options, name, profile, renderer, folder, bag)
}

fn output(
    options: &Options,
    name: &str,
    profile: &Yaml,
    renderer: &Renderer<'_>,
    folder: PathBuf,
    bag: &Bag,
) -> Option<Profile> {
    let named = profile
        .get("target")
        .and_then(|target| renderer.text(target));
    let target = options
        .target
        .clone()
        .or(named)
        .unwrap_or_else(|| "default".to_string());
    let Some(outputs) = profile.get("outputs").filter(|outputs| outputs.is_map()) else {
        bag.add(
            Diagnostic::error("no-outputs", format!("profile `{name}` has no `outputs`"))
                .at(profile.place())
                .hint("add `outputs:` with a target below it, such as `dev: {type: duckdb, path: dev.duckdb}`"),
        );
        return None;
    };
    let Some(output) = outputs.get(&target) else {
        bag.add(unknown_target(name, &target, profile, outputs));
        return None;
    };
    let rendered = output.map_texts(&mut |_, text| renderer.data(text));
    Some(Profile {
        name: name.to_string(),
        target_name: target,
        output: rendered.to_json_map(),
        folder,
    })
}

fn folder(options: &Options, context: &Context) -> PathBuf {
    let beside = options.project_dir.join("profiles.yml");
    match &options.profiles_dir {
        Some(named) if fs::exists(&named.join("profiles.yml")) => named.clone(),
        _ if fs::exists(&beside) => options.project_dir.clone(),
        Some(named) => named.clone(),
        None => context.home.clone().unwrap_or_default().join(".dbt"),
    }
}

/// The path as a person would write it.
fn shown(path: &std::path::Path, context: &Context) -> String {
    if let Ok(below) = path.strip_prefix(&context.cwd) {
        return below.display().to_string();
    }
    match context
        .home
        .as_ref()
        .and_then(|home| path.strip_prefix(home).ok())
    {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    }
}

fn unknown_profile(name: &str, project: &Yaml, profiles: &Yaml) -> Diagnostic {
    let known: Vec<String> = profiles
        .entries()
        .iter()
        .map(|(key, _)| key.key_text().into_owned())
        .collect();
    let known: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "config")
        .collect();
    let place = project.get("profile").map(Yaml::place);
    Diagnostic::error(
        "unknown-profile",
        format!("Could not find profile named '{name}'"),
    )
    .maybe_at(place)
    .note(format!("not in {}", profiles.file().shown))
    .hint(match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are the profiles {}", known.join(", ")),
    })
}

fn unknown_target(name: &str, target: &str, profile: &Yaml, outputs: &Yaml) -> Diagnostic {
    let known: Vec<String> = outputs
        .entries()
        .iter()
        .map(|(key, _)| key.key_text().into_owned())
        .collect();
    let list: String = known.iter().map(|known| format!("\n - {known}")).collect();
    let message = format!(
        "The profile '{name}' does not have a target named '{target}'. The valid target names for this profile are:{list}"
    );
    let near = nearest(target, known.iter().map(String::as_str))
        .map(|near| format!("did you mean `{near}`?"));
    let place = profile.get("target").unwrap_or(outputs).place();
    Diagnostic::error("unknown-target", message)
        .at(place)
        .maybe_hint(near)
}
