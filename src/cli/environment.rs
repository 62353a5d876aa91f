//! What the environment says about flags: `DBT_NAME`, and `DBT_ENGINE_NAME` before it.

use crate::base::Context;
use crate::cli::values;
use crate::config::flags::Command;
use crate::config::flags::Layer;
use crate::config::flags::table::flags_of;

/// The values of all variables that set a flag of this command; empty variables count as not set.
pub(super) fn read(context: &Context, command: Command) -> Result<Layer, String> {
    let mut layer = Layer::new();
    for flag in flags_of(command).filter(|flag| flag.accepted) {
        for variable in flag.variables().into_iter().flatten() {
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
