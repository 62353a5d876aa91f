//! `pytz`: the zones of the time zone database.

use super::datetime::zone::Zone;
use crate::jinja::call::function;
use crate::jinja::fail;
use crate::jinja::python::repr;
use crate::jinja::values::list;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::Value;
use std::sync::Arc;

/// The value of `modules.pytz`.
pub fn module() -> Value {
    Value::from_object(Module)
}

/// Made name by name: listing all zones reads the database's folder.
#[derive(Debug)]
struct Module;

impl Object for Module {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "FixedOffset" => Some(fixed_offset()),
            "UTC" | "utc" => Some(Zone::PytzUtc.into()),
            "all_timezones" | "all_timezones_set" => Some(list(zone_names())),
            "timezone" => Some(timezone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "FixedOffset",
            "UTC",
            "all_timezones",
            "all_timezones_set",
            "timezone",
            "utc",
        ])
    }
}

fn timezone() -> Value {
    function("timezone", |_, mut args| {
        let name = args.required_str("zone")?;
        args.finish()?;
        let zone = Zone::region(&name).ok_or_else(|| fail(repr::quote(&name)))?;
        Ok(zone.into())
    })
}

fn fixed_offset() -> Value {
    function("FixedOffset", |_, mut args| {
        let minutes = args.required_int("minutes")?;
        args.finish()?;
        match minutes {
            0 => Ok(Zone::PytzUtc.into()),
            _ if minutes.abs() >= 24 * 60 => {
                Err(fail(format!("('absolute offset is too large', {minutes})")))
            }
            _ => Ok(Zone::PytzFixed { minutes }.into()),
        }
    })
}

fn zone_names() -> Vec<Value> {
    let names = jiff::tz::db().available();
    let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.sort();
    names.into_iter().map(Value::from).collect()
}
