//! `exceptions`: mistakes and warnings that templates raise, in the words that dbt's users know.

mod contract;

use super::Shared;
use super::output::say;
use crate::adapter::error::family_of_refusal;
use crate::base::Diagnostic;
use crate::base::Observer;
use crate::base::Severity;
use crate::base::event::Family;
use crate::base::event::Level;
use crate::config::Flags;
use crate::jinja::Args;
use crate::jinja::CallSite;
use crate::jinja::fail;
use crate::jinja::fail_with;
use crate::jinja::function;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use crate::jinja::values::none;
use minijinja::Error;
use minijinja::value::Value;
use std::sync::Arc;

/// Codes of mistakes that are of another family than `Compilation`.
const DATABASE: &str = "raised-database-error";
const RUNTIME: &str = "raised-runtime-error";
const RAISED: &str = "raised";

type Raise = fn(&mut Args) -> Result<String, Error>;

/// Functions that end the template with a message.
const RAISING: [(&str, &str, Raise); 18] = [
    ("column_type_missing", RAISED, column_type_missing),
    ("missing_config", RAISED, missing_config),
    ("missing_materialization", RAISED, missing_materialization),
    ("missing_relation", RAISED, missing_relation),
    ("raise_ambiguous_alias", RAISED, ambiguous_alias),
    (
        "raise_ambiguous_catalog_match",
        RAISED,
        ambiguous_catalog_match,
    ),
    ("raise_cache_inconsistent", RAISED, cache_inconsistent),
    ("raise_compiler_error", RAISED, plain),
    ("raise_contract_error", RAISED, contract::message),
    ("raise_database_error", DATABASE, plain),
    ("raise_dataclass_not_dict", RAISED, not_a_dict),
    ("raise_dep_not_found", RAISED, package_not_found),
    ("raise_dependency_error", RUNTIME, plain),
    ("raise_duplicate_patch_name", RAISED, duplicate_patch),
    ("raise_duplicate_resource_name", RAISED, duplicate_name),
    ("raise_fail_fast_error", RUNTIME, plain),
    (
        "raise_invalid_property_yml_version",
        RAISED,
        invalid_properties,
    ),
    ("relation_wrong_type", RAISED, relation_wrong_type),
];

/// A refusal that dbt tells as a runtime error.
pub fn fail_at_run(message: impl Into<String>) -> Error {
    fail_with(Diagnostic::error(RUNTIME, message.into()))
}

/// The family of a mistake that a template raised, by the code of its diagnostic.
pub fn family_of(code: &str) -> Family {
    match code {
        DATABASE => Family::Database,
        RUNTIME | "python-failed" | "name-too-long" => Family::Runtime,
        "missing-env-var" | "secret-env-var" | "python-syntax" | "python-model"
        | "python-literal" => Family::Parsing,
        _ => family_of_refusal(code).unwrap_or(Family::Compilation),
    }
}

pub(super) fn object(shared: &Shared<'_>) -> Value {
    let raising = RAISING.into_iter().map(|(name, code, message)| {
        let raise = function(name, move |_, mut args| {
            let message = message(&mut args)?;
            args.finish()?;
            Err(fail_with(Diagnostic::error(code, message)))
        });
        (name, raise)
    });
    let not_implemented = function("raise_not_implemented", |_, mut args| {
        let message = plain(&mut args)?;
        args.finish()?;
        Err(fail(format!("ERROR: {message}")))
    });
    let warner = Warner {
        observer: shared.observer.clone(),
        flags: shared.flags.clone(),
    };
    let others = [
        ("raise_not_implemented", not_implemented),
        ("warn", warner.clone().warn()),
        ("warn_snapshot_timestamp_data_types", warner.warn_of_types()),
    ];
    Value::from_pairs(raising.chain(others))
}

/// Tells warnings, or raises those that `--warn-error` makes mistakes.
#[derive(Clone)]
struct Warner {
    observer: Arc<dyn Observer>,
    flags: Arc<Flags>,
}

impl Warner {
    fn warn(self) -> Value {
        function("warn", move |site, mut args| {
            let message = plain(&mut args)?;
            args.finish()?;
            self.tell(site, "JinjaLogWarning", &message)?;
            Ok(Value::from(""))
        })
    }

    fn warn_of_types(self) -> Value {
        function(
            "warn_snapshot_timestamp_data_types",
            move |site, mut args| {
                let snapshot = repr::str(&args.required("snapshot_time_data_type")?);
                let updated = repr::str(&args.required("updated_at_data_type")?);
                args.finish()?;
                let message = format!(
                    "Data type of snapshot table timestamp columns ({snapshot}) doesn't match derived \
                 column 'updated_at' ({updated}). Please update snapshot config 'updated_at'."
                );
                self.tell(site, "SnapshotTimestampWarning", &message)?;
                Ok(none())
            },
        )
    }

    fn tell(&self, site: &CallSite, event: &'static str, message: &str) -> Result<(), Error> {
        let warning = Diagnostic::warning("jinja-warning", message).event(event);
        match self.flags.warn_error.judge(warning) {
            Some(found) if found.severity == Severity::Error => Err(fail_with(found)),
            Some(_) => {
                say(&self.observer, site, Level::Warn, &Value::from(message));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The message as it is given; the node that may follow says nothing that is not known.
fn plain(args: &mut Args) -> Result<String, Error> {
    let message = args.required("msg")?;
    args.optional("node");
    Ok(repr::str(&message))
}

fn column_type_missing(args: &mut Args) -> Result<String, Error> {
    let names = repr::str(&args.required("column_names")?);
    Ok(format!(
        "Contracted models require data_type to be defined for each column. Please ensure that \
         the column name and data_type are defined within the YAML configuration for the {names} \
         column(s)."
    ))
}

fn missing_config(args: &mut Args) -> Result<String, Error> {
    let model = args.required("model")?;
    let name = repr::str(&args.required("name")?);
    let id = attribute(&model, "unique_id")?;
    Ok(format!(
        "Model '{id}' does not define a required config parameter '{name}'."
    ))
}

fn missing_materialization(args: &mut Args) -> Result<String, Error> {
    let model = args.required("model")?;
    let adapter = repr::str(&args.required("adapter_type")?);
    attribute(&model, "config")?;
    let name = attribute(&model.get_attr("config")?, "materialized")?;
    let searched = match adapter.as_str() {
        "default" => "'default'".to_string(),
        other => format!("'default' and '{other}'"),
    };
    Ok(format!(
        "No materialization '{name}' was found for adapter {adapter}! (searched types {searched})"
    ))
}

fn missing_relation(args: &mut Args) -> Result<String, Error> {
    let relation = repr::str(&args.required("relation")?);
    args.optional("model");
    Ok(format!("Relation {relation} not found!"))
}

fn ambiguous_alias(args: &mut Args) -> Result<String, Error> {
    let (first, second) = (args.required("node_1")?, args.required("node_2")?);
    let name = match args.optional("duped_name").filter(|name| !name.is_none()) {
        Some(name) => repr::str(&name),
        None => {
            let part = |name| attribute(&first, name);
            [part("database")?, part("schema")?, part("alias")?].join(".")
        }
    };
    Ok(format!(
        "dbt found two resources with the database representation \"{name}\".\n\
         dbt cannot create two resources with identical database representations. To fix this,\n\
         change the configuration of one of these resources:\n- {}\n- {}",
        id_and_path(&first)?,
        id_and_path(&second)?
    ))
}

fn ambiguous_catalog_match(args: &mut Args) -> Result<String, Error> {
    let id = repr::str(&args.required("unique_id")?);
    let shown = |found: Value| {
        let metadata = found.get_attr("metadata").unwrap_or_default();
        let part = |name| attribute(&metadata, name).unwrap_or("None".to_string());
        format!("{}.{}", part("schema"), part("name"))
    };
    let first = shown(args.required("match_1")?);
    let second = shown(args.required("match_2")?);
    Ok(format!(
        "dbt found two relations in your warehouse with similar database identifiers. dbt\n\
         is unable to determine which of these relations was created by the model \"{id}\".\n\
         In order for dbt to correctly generate the catalog, one of the following relations must \
         be deleted or renamed:\n\n - {first}\n - {second}"
    ))
}

fn cache_inconsistent(args: &mut Args) -> Result<String, Error> {
    let message = repr::str(&args.required("message")?).replace('\n', "\n  ");
    Ok(format!(
        "Internal Error\n  Cache inconsistency detected: {message}"
    ))
}

fn not_a_dict(args: &mut Args) -> Result<String, Error> {
    let object = repr::str(&args.required("obj")?);
    Ok(format!(
        "The object (\"{object}\") was used as a dictionary. This capability has been removed \
         from objects of this type."
    ))
}

fn package_not_found(args: &mut Args) -> Result<String, Error> {
    args.required("node")?;
    let description = repr::str(&args.required("node_description")?);
    let package = repr::str(&args.required("required_pkg")?);
    Ok(format!(
        "Error while parsing {description}.\nThe required package \"{package}\" was not found. \
         Is the package installed?\nHint: You may need to run `dbt deps`."
    ))
}

fn duplicate_patch(args: &mut Args) -> Result<String, Error> {
    let patch = args.required("patch_1")?;
    let existing = repr::str(&args.required("existing_patch_path")?);
    let name = attribute(&patch, "name")?;
    let path = attribute(&patch, "original_file_path")?;
    Ok(format!(
        "dbt found two schema.yml entries for the same resource named {name}. Resources and their \
         associated columns may only be described a single time. To fix this, remove the resource \
         entry for {name} in one of these files:\n - {path}\n{existing}"
    ))
}

fn duplicate_name(args: &mut Args) -> Result<String, Error> {
    let (first, second) = (args.required("node_1")?, args.required("node_2")?);
    let name = attribute(&first, "name")?;
    let kind = attribute(&first, "resource_type")?;
    let (action, called) = match kind.as_str() {
        "macro" => ("calling", format!("\"{name}\"")),
        "source" => (
            "looking for",
            format!(
                "source(\"{}\", \"{name}\")",
                attribute(&first, "source_name")?
            ),
        ),
        _ => ("looking for", format!("ref(\"{name}\")")),
    };
    Ok(format!(
        "dbt found two {kind}s with the name \"{name}\".\n\nSince these resources have the same \
         name, dbt will be unable to find the correct resource\nwhen {action} {called}.\n\nTo fix \
         this, change the name of one of these resources:\n- {}\n- {}",
        id_and_path(&first)?,
        id_and_path(&second)?
    ))
}

fn invalid_properties(args: &mut Args) -> Result<String, Error> {
    let path = repr::str(&args.required("path")?);
    let issue = repr::str(&args.required("issue")?);
    Ok(format!(
        "The yml property file at {path} is invalid because {issue}. Please consult the \
         documentation for more information on yml property file syntax:\n\n\
         https://docs.getdbt.com/reference/configs-and-properties"
    ))
}

fn relation_wrong_type(args: &mut Args) -> Result<String, Error> {
    let relation = args.required("relation")?;
    let expected = repr::str(&args.required("expected_type")?);
    args.optional("model");
    let (name, kind) = (repr::str(&relation), attribute(&relation, "type")?);
    Ok(format!(
        "Trying to create {expected} {name}, but it currently exists as a {kind}. Either drop \
         {name} manually, or run dbt with `--full-refresh` and dbt will drop it for you."
    ))
}

fn id_and_path(node: &Value) -> Result<String, Error> {
    let id = attribute(node, "unique_id")?;
    Ok(format!("{id} ({})", attribute(node, "original_file_path")?))
}

/// An attribute as text.
fn attribute(value: &Value, name: &str) -> Result<String, Error> {
    match value.get_attr(name) {
        Ok(found) if !found.is_undefined() => Ok(repr::str(&found)),
        _ => Err(fail(format!(
            "'{}' object has no attribute '{name}'",
            type_name(value)
        ))),
    }
}
