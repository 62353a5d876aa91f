//! `clean`: removes the folders that the project lists as its own output.
//! Promise: source folders are never removed, and nothing is when one path of the list is refused.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::Place;
use crate::base::fs;
use crate::config::ProjectSettings;
use crate::project;
use crate::project::Options;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// What may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    InsideProject,
    Anywhere,
}

/// Removes the `clean-targets`. `None` when that was refused or failed; the bag then says why.
pub fn clean(
    options: &Options,
    context: &Arc<Context>,
    reach: Reach,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    let settings = project::load_settings(options, context, bag)?;
    let root = &options.project_dir;
    let targets: Vec<PathBuf> = settings
        .clean_targets
        .iter()
        .map(|target| plain(&root.join(target)))
        .collect();
    refuse(root, &settings, &targets, reach, bag)?;
    for target in targets.iter().filter(|target| fs::exists(target)) {
        let shown = target.display();
        observer.on(&Event::debug(
            "CheckCleanPath",
            format!("Checking {shown}/*"),
        ));
        if let Err(error) = fs::remove(target, "folder") {
            bag.add(Diagnostic::error("clean", error.to_string()));
            return None;
        }
        observer.on(&Event::info(
            "ConfirmCleanPath",
            format!("Cleaned {shown}/*"),
        ));
    }
    let message = "Finished cleaning all paths.";
    observer.on(&Event::info("FinishedCleanPaths", message));
    Some(())
}

fn refuse(
    root: &Path,
    settings: &ProjectSettings,
    targets: &[PathBuf],
    reach: Reach,
    bag: &Bag,
) -> Option<()> {
    let sources: Vec<PathBuf> = settings
        .paths
        .all_code()
        .map(|folder| plain(&root.join(folder)))
        .chain([plain(root)])
        .collect();
    let holds_sources = |target: &&PathBuf| sources.iter().any(|source| source.starts_with(target));
    let is_outside =
        |target: &&PathBuf| reach == Reach::InsideProject && !target.starts_with(plain(root));
    let refused: Vec<_> = targets.iter().filter(holds_sources).collect();
    if !refused.is_empty() {
        let message = format!(
            "dbt will not clean the following source paths: {}",
            list(&refused)
        );
        bag.add(
            told(settings, message).hint("take them out of `clean-targets`; they hold your code"),
        );
        return None;
    }
    let refused: Vec<_> = targets.iter().filter(is_outside).collect();
    if !refused.is_empty() {
        let message = format!(
            "dbt will not clean the following directories outside the project: {}",
            list(&refused)
        );
        bag.add(
            told(settings, message).hint(
                "take them out of `clean-targets`, or run with --no-clean-project-files-only",
            ),
        );
        return None;
    }
    Some(())
}

fn told(settings: &ProjectSettings, message: String) -> Diagnostic {
    Diagnostic::error("clean", message).at(Place::whole(&settings.file))
}

fn list(paths: &[&PathBuf]) -> String {
    let quoted: Vec<String> = paths
        .iter()
        .map(|path| format!("'{}'", path.display()))
        .collect();
    format!("[{}]", quoted.join(", "))
}

/// The path without `.` and `..`, links left as they are.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::Silent;
    use crate::project::tests::Folder;

    fn run(targets: &str, reach: Reach) -> (Vec<String>, Vec<String>) {
        let folder = Folder::new(&format!(
            "--- in/dbt_project.yml\nname: shop\nclean-targets: {targets}\n--- in/models/a.sql\nx\n--- in/target/x\nx\n--- out/x\nx\n"
        ));
        let options = Options {
            project_dir: folder.path().join("in"),
            ..Options::default()
        };
        let bag = Bag::new();
        clean(&options, &folder.context(&[]), reach, &Silent, &bag);
        let left = ["in/models", "in/target", "out"].map(str::to_string);
        let left = left
            .into_iter()
            .filter(|path| fs::exists(&folder.path().join(path)));
        (
            left.collect(),
            bag.take().iter().map(|d| folder.shown(d)).collect(),
        )
    }

    #[test]
    fn output_is_removed_and_nothing_else() {
        let (left, told) = run("[target, nowhere]", Reach::InsideProject);
        assert_eq!(
            (left, told),
            (vec!["in/models".to_string(), "out".to_string()], vec![])
        );
        let (left, told) = run("[target, ../out]", Reach::Anywhere);
        assert_eq!((left, told), (vec!["in/models".to_string()], vec![]));
    }

    #[test]
    fn a_dangerous_list_removes_nothing() {
        for (targets, reach, expected) in [
            (
                "[target, models]",
                Reach::Anywhere,
                "dbt_project.yml:1:1 dbt will not clean the following source paths: ['FOLDER/in/models'] | take them out of `clean-targets`; they hold your code",
            ),
            (
                "[target, .]",
                Reach::InsideProject,
                "dbt_project.yml:1:1 dbt will not clean the following source paths: ['FOLDER/in'] | take them out of `clean-targets`; they hold your code",
            ),
            (
                "[target, ../out]",
                Reach::InsideProject,
                "dbt_project.yml:1:1 dbt will not clean the following directories outside the project: ['FOLDER/out'] | take them out of `clean-targets`, or run with --no-clean-project-files-only",
            ),
        ] {
            let (left, told) = run(targets, reach);
            assert_eq!(told, [expected]);
            assert_eq!(left.len(), 3);
        }
    }
}
