//! Which Python runs the models, and whether it has the packages that they list.

use super::child::Child;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Place;
use crate::base::Severity;
use crate::base::fs;
use crate::node::Node;
use crate::plan::Plan;
use crate::plan::Work;
use crate::run::Call;
use serde_json::Value as Json;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub(super) struct Interpreter {
    pub program: PathBuf,
    /// Where models run: the project's folder.
    pub folder: PathBuf,
    /// Folders of the profile in which modules are looked for.
    pub module_paths: Vec<PathBuf>,
}

#[cfg(windows)]
const BELOW_ENVIRONMENT: &str = "Scripts/python.exe";
#[cfg(not(windows))]
const BELOW_ENVIRONMENT: &str = "bin/python3";

/// Names of the program in the folders of `PATH`, the preferred first.
const NAMES: [&str; 3] = ["python3", "python", "python.exe"];

impl Interpreter {
    /// The profile's own, else that of the active environment, else the first of `PATH`.
    pub(super) fn find(call: &Call<'_>) -> Result<Self, Box<Diagnostic>> {
        let setup = call.warehouse.adapter.setup();
        let folder = call.world.flags.project_dir.clone();
        let program = match &setup.python {
            Some(written) => given(call, written, &folder)?,
            None => of_environment(call)
                .or_else(|| call.context.program(&NAMES))
                .ok_or_else(|| nowhere("there is no `python3` to run Python models"))?,
        };
        let module_paths = setup.module_paths.iter().map(|path| folder.join(path));
        Ok(Interpreter {
            program,
            module_paths: module_paths.collect(),
            folder,
        })
    }
}

/// Looks at Python before anything runs, if anything needs it.
pub(in crate::run) fn check(call: &Call<'_>, plan: &Plan) -> Result<(), Box<Diagnostic>> {
    let steps = plan.steps.iter();
    let built = steps.filter(|step| step.work == Work::Materialize);
    let nodes = built.map(|step| call.world.graph.node(step.node));
    let models: Vec<&Node> = nodes.filter(|node| node.language == "python").collect();
    let Some(first) = models.first() else {
        return Ok(());
    };
    let at =
        |found: Box<Diagnostic>| Box::new(found.at(Place::line(&first.file, first.first_line)));
    let interpreter = Interpreter::find(call).map_err(at)?;
    let listed: Vec<(&Node, &str)> = models
        .iter()
        .flat_map(|node| packages(node).map(|package| (*node, package)))
        .collect();
    let wanted: Vec<&str> = listed.iter().map(|(_, package)| *package).collect();
    let question = json!({ "packages": wanted, "module_paths": interpreter.module_paths });
    let answer = Child::ask(&interpreter, &call.warehouse.observer, &question);
    let answer = answer.ok_or_else(|| {
        let program = interpreter.program.display();
        at(nowhere(&format!("`{program}` does not run as Python 3")))
    })?;
    // Another version may do; a package that is not there will not.
    if let Some(found) = unmet(&listed, &answer, Gap::Version) {
        call.warehouse.observer.on(&Event::Found(Diagnostic {
            severity: Severity::Warning,
            ..*found
        }));
    }
    match unmet(&listed, &answer, Gap::Package) {
        Some(found) => Err(found),
        None => Ok(()),
    }
}

/// How a requirement is not met.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    Package,
    Version,
}

fn packages(node: &Node) -> impl Iterator<Item = &str> {
    let packages = node.config.list("packages");
    packages.iter().filter_map(Json::as_str)
}

/// One mistake for all requirements that are not met in the same way.
fn unmet(listed: &[(&Node, &str)], answer: &Json, gap: Gap) -> Option<Box<Diagnostic>> {
    let lacking = answer["missing"].as_array()?.iter();
    let is_meant = |found: &&Json| (found[2] == true) == (gap == Gap::Package);
    let lacking: Vec<(&str, &str)> = lacking
        .filter(is_meant)
        .filter_map(|found| Some((found[0].as_str()?, found[1].as_str()?)))
        .collect();
    let mut told = listed.iter().filter_map(|(node, package)| {
        let (_, reason) = lacking.iter().find(|(name, _)| name == package)?;
        let place = Place::new(&node.file, 0, 0);
        let text = format!("model {} lists `{package}`, which {reason}", node.name);
        Some((place_of(node, package).unwrap_or(place), text))
    });
    let (place, text) = told.next()?;
    let program = answer["python"].as_str().unwrap_or_default();
    let found = Diagnostic::error("python-package", text).at(place);
    let found = told.fold(found, |found, (place, text)| found.related(place, text));
    Some(Box::new(found.hint(format!(
        "models run with {program}; install the packages there, or activate another environment"
    ))))
}

/// Where a package is named in a model's file; `None` where its settings stand elsewhere.
fn place_of(node: &Node, package: &str) -> Option<Place> {
    let text = node.file.text();
    let quoted = ['"', '\''].map(|quote| format!("{quote}{package}{quote}"));
    let start = quoted.iter().find_map(|written| text.find(written))? + 1;
    Some(Place::new(&node.file, start, start + package.len()))
}

/// The profile's `python`: a path, or a name to look up in `PATH`.
fn given(call: &Call<'_>, written: &str, folder: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let is_path = written.contains(['/', '\\']);
    let found = match is_path {
        true => Some(folder.join(written)).filter(|path| fs::exists(path)),
        false => call.context.program(&[written]),
    };
    let message = format!("the profile's `python` is `{written}`, which is not there");
    found.ok_or_else(|| nowhere(&message))
}

fn of_environment(call: &Call<'_>) -> Option<PathBuf> {
    let active = call.context.var("VIRTUAL_ENV").map(PathBuf::from);
    // A link or a wheel in an environment is called without activating it.
    let around = call.context.executable.as_deref().and_then(|program| {
        let environment = program.parent()?.parent()?;
        fs::exists(&environment.join("pyvenv.cfg")).then(|| environment.to_path_buf())
    });
    let mut programs = active
        .into_iter()
        .chain(around)
        .map(|folder| folder.join(BELOW_ENVIRONMENT));
    programs.find(|program| fs::exists(program))
}

fn nowhere(message: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("no-python", message).hint(
        "install Python 3 with the package `duckdb`, activate an environment that has them, or name \
         the program as `python` in the profile",
    ))
}
