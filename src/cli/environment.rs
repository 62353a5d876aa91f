//! What the environment says about flags: `DBT_NAME`, and `DBT_ENGINE_NAME` before it.

use crate::base::Context;
use crate::base::Diagnostic;
use crate::cli::values;
use crate::config::flags::Command;
use crate::config::flags::Layer;
use crate::config::flags::table;
use crate::config::flags::table::Flag;
use crate::config::flags::table::flags_of;
use std::collections::HashSet;

/// Variables under their old names: old name, flag. They count before the new ones.
const RENAMED: [(&str, &str); 3] = [
    ("DBT_ARTIFACT_STATE_PATH", "state"),
    ("DBT_DEFER_TO_STATE", "defer"),
    ("DBT_FAVOR_STATE_MODE", "favor_state"),
];

/// What every variable of ours begins with, and no other should.
const RESERVED: &str = "DBT_ENGINE";

/// The values of all variables that set a flag of this command; empty variables count as not set.
pub(super) fn read(context: &Context, command: Command) -> Result<Layer, String> {
    let mut layer = Layer::new();
    for flag in flags_of(command).filter(|flag| flag.accepted) {
        let old = RENAMED.iter().find(|(_, name)| *name == flag.name);
        let old = old.map(|(variable, _)| variable.to_string());
        for variable in old
            .into_iter()
            .chain(flag.variables().into_iter().flatten())
        {
            let Some(text) = context.var(&variable).filter(|text| !text.is_empty()) else {
                continue;
            };
            let value = values::read(flag.kind, text)
                .map_err(|what| format!("invalid value of variable {variable}: {what}"))?;
            layer.insert(flag.name, value);
            break;
        }
    }
    Ok(layer)
}

/// Variables that have a newer name, and foreign ones that look like ours.
pub(super) fn notices(context: &Context) -> Vec<Diagnostic> {
    let is_set = |name: &str| context.var(name).is_some_and(|value| !value.is_empty());
    let old = RENAMED.iter().filter(|(old, _)| is_set(old));
    let renamed = old.map(|(old, flag)| {
        let new = format!("{RESERVED}_{}", flag.to_uppercase());
        Diagnostic::warning(
            "old-variable",
            format!("The environment variable `{old}` has been renamed as `{new}`"),
        )
        .hint(format!("set `{new}` and unset `{old}`"))
        .event("EnvironmentVariableRenamed")
        .field("old_name", *old)
        .field("new_name", new)
    });
    let ours: HashSet<String> = table::FLAGS
        .iter()
        .filter_map(Flag::variables)
        .flatten()
        .collect();
    let names = context.env.keys();
    let foreign = names.filter(|name| name.starts_with(RESERVED) && !ours.contains(*name));
    let foreign = foreign.map(|name| {
        Diagnostic::warning(
            "reserved-variable",
            format!(
                "Found custom environment variable `{name}` in the environment. The prefix `{RESERVED}` is reserved \
                 for dbt engine environment variables."
            ),
        )
        .hint("give it another name")
        .event("EnvironmentVariableNamespaceDeprecation")
        .field("env_var", name.as_str())
        .field("reserved_prefix", RESERVED)
    });
    renamed.chain(foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn engine_variables_come_first_and_empty_ones_do_not_count() {
        let mut context = Context::fixed("/shop");
        for (name, value) in [
            ("DBT_ENGINE_FULL_REFRESH", "1"),
            ("DBT_FULL_REFRESH", "0"),
            ("DBT_QUIET", ""),
            ("DBT_RESOURCE_TYPES", "model"),
        ] {
            context.env.insert(name.to_string(), value.to_string());
        }
        let layer = read(&context, Command::Run).unwrap();
        assert_eq!(layer, Layer::from([("full_refresh", json!(true))]));
        context
            .env
            .insert("DBT_FAIL_FAST".to_string(), "often".to_string());
        assert_eq!(
            read(&context, Command::Run).unwrap_err(),
            "invalid value of variable DBT_FAIL_FAST: 'often' is neither true nor false"
        );
    }
}
