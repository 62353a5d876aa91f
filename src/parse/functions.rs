//! Functions of the warehouse: a file below the function folders with the body, and an entry of
//! `functions:` with the arguments and what it returns.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::config::NodeConfig;
use crate::config::yaml::Yaml;
use crate::node::Detail;
use crate::node::Function;
use crate::node::Resource;
use crate::node::function::Argument;
use crate::node::function::Returns;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::nodes::Draft;
use crate::parse::patches::Patches;
use crate::parse::site::Site;
use crate::project::Package;
use crate::project::ProjectFile;

/// What an entry of `functions:` says beyond the settings of any node.
pub(super) fn signature(yaml: &Yaml, bag: &Bag) -> Function {
    let arguments = yaml
        .get("arguments")
        .map_or(&[][..], |list| fields::list(list, "arguments", bag));
    let returns = yaml.get("returns").filter(|returns| !returns.is_null());
    let returns = match returns {
        Some(returns) => Returns {
            data_type: needed(returns, "data_type", "`returns`", bag),
            description: fields::text(returns, "description", bag),
        },
        None => {
            let message = "a function needs `returns` with the type of its result";
            let found = Diagnostic::error("function-shape", message).at(yaml.place());
            bag.add(found.hint("add `returns: {data_type: ...}`"));
            Returns::default()
        }
    };
    Function {
        arguments: arguments.iter().map(|item| argument(item, bag)).collect(),
        returns,
    }
}

/// The draft of one function.
pub(super) fn draft<'a>(
    site: &Site<'_>,
    package: &'a Package,
    file: &'a ProjectFile,
    patches: &'a Patches,
) -> Option<Draft<'a>> {
    let mut draft = files::query(site, package, file, Resource::Function, patches);
    if file.below.ends_with(".py") {
        draft.language = "python";
    }
    let Some(function) = draft.patch.and_then(|patch| patch.function.clone()) else {
        let message = format!(
            "function `{}` is described in no properties file",
            draft.name
        );
        let found = Diagnostic::error("function-shape", message).at(Place::whole(&file.source));
        site.bag.add(found.hint(format!(
            "add `- name: {}` below `functions:`, with `arguments` and `returns`",
            draft.name
        )));
        return None;
    };
    draft.detail = Detail::Function(function);
    Some(draft)
}

const TYPES: [&str; 3] = ["scalar", "aggregate", "table"];
const VOLATILITIES: [&str; 3] = ["deterministic", "stable", "non-deterministic"];

/// Settings of a function that say what no function is.
pub(super) fn wrong_settings(place: &Place, config: &NodeConfig) -> Vec<Diagnostic> {
    let settings = [("type", TYPES), ("volatility", VOLATILITIES)];
    let wrong = settings.into_iter().filter_map(|(key, known)| {
        let value = config.get(key).filter(|value| !value.is_null())?;
        let text = value.as_str().unwrap_or_default();
        (!known.contains(&text)).then(|| {
            let message = format!("`{key}` of a function is one of {}", known.join(", "));
            let near = nearest(text, known);
            Diagnostic::error("function-setting", message)
                .at(place.clone())
                .note(format!("found {value}"))
                .maybe_hint(near.map(|near| format!("did you mean `{near}`?")))
        })
    });
    wrong.collect()
}

fn argument(item: &Yaml, bag: &Bag) -> Argument {
    Argument {
        name: needed(item, "name", "an argument", bag),
        data_type: needed(item, "data_type", "an argument", bag),
        description: fields::text(item, "description", bag),
        default_value: item
            .get("default_value")
            .filter(|value| !value.is_null())
            .map(Yaml::to_json),
    }
}

fn needed(yaml: &Yaml, key: &str, of: &str, bag: &Bag) -> String {
    let found = fields::text(yaml, key, bag);
    found.unwrap_or_else(|| {
        let message = format!("{of} of a function needs a `{key}`");
        bag.add(Diagnostic::error("function-shape", message).at(yaml.place()));
        String::new()
    })
}
