//! `init`: a new project with two example models, and a profile to run it with.
//! Promise: a file or a profile that is there is never changed.

use crate::adapter::credentials;
use crate::adapter::credentials::Sample;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::event::Level;
use crate::base::fs;
use crate::config::settings;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

/// What to make.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// `None` sets up the profile of the project that is already in `folder`.
    pub name: Option<String>,
    /// Absolute; a new project becomes a folder in it.
    pub folder: PathBuf,
    /// A profile that exists already, instead of one of the project's own name.
    pub profile: Option<String>,
    /// Folder of `profiles.yml`; `None` leaves profiles alone.
    pub profiles_dir: Option<PathBuf>,
}

const CODE: &str = "init";

/// What no project keeps under version control.
const IGNORED: [&str; 3] = ["target/", "dbt_packages/", "logs/"];

/// The files of a new project. `PROJECT` in them stands for its name.
const SKELETON: [(&str, &str); 10] = [
    ("dbt_project.yml", include_str!("skeleton/dbt_project.yml")),
    ("README.md", include_str!("skeleton/README.md")),
    (
        "models/example/first_orders.sql",
        include_str!("skeleton/first_orders.sql"),
    ),
    (
        "models/example/daily_orders.sql",
        include_str!("skeleton/daily_orders.sql"),
    ),
    (
        "models/example/schema.yml",
        include_str!("skeleton/schema.yml"),
    ),
    ("analyses/.gitkeep", ""),
    ("macros/.gitkeep", ""),
    ("seeds/.gitkeep", ""),
    ("snapshots/.gitkeep", ""),
    ("tests/.gitkeep", ""),
];

/// Makes a project, or the profile of one. `None` when it could not; the bag then says why.
pub fn init(wanted: &NewProject, observer: &dyn Observer, bag: &Bag) -> Option<()> {
    let (profile, home) = match &wanted.name {
        Some(name) => (
            create(wanted, name, observer, bag)?,
            wanted.folder.join(name),
        ),
        None => (
            named_in_project(&wanted.folder, bag)?,
            wanted.folder.clone(),
        ),
    };
    if let (Some(folder), None) = (&wanted.profiles_dir, &wanted.profile) {
        let sample = credentials::sample(&home, &profile, yaml::scalar_source);
        set_up_profile(folder, &profile, &sample, observer, bag)?;
    }
    Some(())
}

/// Writes the skeleton; the name of its profile comes back.
fn create(wanted: &NewProject, name: &str, observer: &dyn Observer, bag: &Bag) -> Option<String> {
    if !settings::is_legal_name(name) {
        bag.add(
            Diagnostic::error(CODE, format!("{name} is not a valid project name."))
                .hint("use letters, digits and underscores, and start with no digit"),
        );
        return None;
    }
    let folder = wanted.folder.join(name);
    if fs::exists(&folder) {
        bag.add(
            Diagnostic::error(
                CODE,
                format!("A project called {name} already exists here."),
            )
            .hint("choose another name; what is there is left as it is"),
        );
        return None;
    }
    let profile = wanted.profile.as_deref().unwrap_or(name);
    let ignored = [&IGNORED[..], &credentials::LEFT_IN_FOLDER[..]].concat();
    let ignored = format!("{}\n", ignored.join("\n"));
    for (path, text) in SKELETON
        .into_iter()
        .chain([(".gitignore", ignored.as_str())])
    {
        let text = text.replace("PROFILE", profile).replace("PROJECT", name);
        if let Err(error) = fs::write(&folder.join(path), text.as_bytes(), "project file") {
            bag.add(Diagnostic::error(CODE, error.to_string()));
            return None;
        }
    }
    let message = format!(
        "Your new dbt project \"{name}\" was created! It has two models to start from: `cd {name}`, then `build`."
    );
    let data = json!({"project_name": name});
    observer.on(&Event::with_data(
        "ProjectCreated",
        Level::Info,
        message,
        data,
    ));
    Some(profile.to_string())
}

fn named_in_project(folder: &Path, bag: &Bag) -> Option<String> {
    let path = folder.join("dbt_project.yml");
    let Ok(text) = fs::read_text(&path, "project file") else {
        bag.add(
            Diagnostic::error(CODE, "a new project needs a name")
                .hint("write `init my_project`; without a name, run it inside of a project"),
        );
        return None;
    };
    let file = SourceFile::new("dbt_project.yml", path, text);
    let project = yaml::parse(&file, bag)?;
    let profile = project.get("profile").and_then(Yaml::as_text);
    if profile.is_none() {
        bag.add(
            Diagnostic::error(CODE, "the project names no profile")
                .at(Place::whole(&file))
                .hint("add a line `profile: name`"),
        );
    }
    profile.map(str::to_string)
}

fn set_up_profile(
    folder: &Path,
    name: &str,
    sample: &Sample,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    let path = folder.join("profiles.yml");
    let text = match fs::read_text(&path, "profiles") {
        Ok(text) => text,
        Err(error) if error.is_missing() => String::new(),
        Err(error) => {
            bag.add(Diagnostic::error(CODE, error.to_string()));
            return None;
        }
    };
    let file = SourceFile::new(path.display().to_string(), &path, text);
    let known = yaml::parse(&file, bag)?;
    if known.get(name).is_some() {
        let message = format!("Profile {name} is already in {}", path.display());
        observer.on(&Event::info("SettingUpProfile", message));
        return Some(());
    }
    let gap = match file.text().is_empty() || file.text().ends_with('\n') {
        true => "",
        false => "\n",
    };
    let lines = sample.lines.iter();
    let output: String = lines.map(|line| format!("      {line}\n")).collect();
    let entry = format!("{name}:\n  target: dev\n  outputs:\n    dev:\n{output}");
    let whole = format!("{}{gap}{entry}", file.text());
    if let Err(error) = fs::write_atomic(&path, whole.as_bytes(), "profiles") {
        bag.add(Diagnostic::error(CODE, error.to_string()));
        return None;
    }
    let message = format!(
        "Profile {name} written to {} for {}.",
        path.display(),
        sample.described
    );
    observer.on(&Event::info("ProfileWrittenWithSample", message));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::Silent;
    use crate::project;
    use crate::project::Options;
    use crate::project::tests::Folder;

    fn run(folder: &Folder, name: Option<&str>) -> Vec<String> {
        let wanted = NewProject {
            name: name.map(str::to_string),
            folder: folder.path().to_path_buf(),
            profile: None,
            profiles_dir: Some(folder.path().to_path_buf()),
        };
        let bag = Bag::new();
        init(&wanted, &Silent, &bag);
        bag.take().iter().map(|d| folder.shown(d)).collect()
    }

    #[test]
    fn a_new_project_can_be_loaded() {
        let folder = Folder::new("");
        let before = fs::read_text(&folder.path().join("profiles.yml"), "file").unwrap();
        assert_eq!(run(&folder, Some("market")), [""; 0]);
        let options = Options {
            project_dir: folder.path().join("market"),
            ..folder.options()
        };
        let bag = Bag::new();
        let project = project::load(&options, &folder.context(&[]), &bag).unwrap();
        assert!(bag.take().is_empty());
        assert_eq!(project.root.files.models.len(), 2);
        assert_eq!(project.profile.name, "market");
        let after = fs::read_text(&folder.path().join("profiles.yml"), "file").unwrap();
        assert!(after.starts_with(&before));
        // Its profile is there now, and stays.
        folder.write("dbt_project.yml", "name: other\nprofile: market\n");
        assert_eq!(run(&folder, None), [""; 0]);
        assert_eq!(
            fs::read_text(&folder.path().join("profiles.yml"), "file").unwrap(),
            after
        );
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let folder = Folder::new("--- shop/notes.txt\nmine\n");
        assert_eq!(
            run(&folder, Some("shop")),
            [
                "- A project called shop already exists here. | choose another name; what is there is left as it is"
            ]
        );
        assert_eq!(
            run(&folder, Some("my-shop")),
            [
                "- my-shop is not a valid project name. | use letters, digits and underscores, and start with no digit"
            ]
        );
        assert_eq!(
            run(&folder, None),
            [
                "- a new project needs a name | write `init my_project`; without a name, run it inside of a project"
            ]
        );
    }
}
