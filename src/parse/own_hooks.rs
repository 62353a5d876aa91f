//! The hooks of one node (`pre-hook`, `post-hook`), read before they run: what they refer to is an
//! input of the node, so that it is built before.
//! Not here: hooks of a whole call (`hooks`).

use crate::base::Diagnostic;
use crate::config::NodeConfig;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::node::Resource;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Captured;
use crate::parse::nodes;
use crate::parse::nodes::Draft;
use crate::parse::site::Site;
use crate::parse::wrong_settings;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

const KEYS: [&str; 2] = ["pre-hook", "post-hook"];

/// What the hooks of a node said; nothing where it has none.
pub(super) fn capture(
    site: &Site<'_>,
    draft: &Draft<'_>,
    config: &NodeConfig,
) -> Result<Captured, Box<Diagnostic>> {
    if KEYS.iter().all(|key| config.list(key).is_empty()) {
        return Ok(Captured::default());
    }
    let own = CaptureScope::new(
        nodes::subject(site, draft),
        site.globals_of(draft.package),
        site.watch(&draft.file),
    );
    let scope: Arc<dyn Scope> = own.clone();
    for key in KEYS {
        for sql in config.list(key).iter().filter_map(text) {
            let place = wrong_settings::place(draft, key);
            let rendered = site.engine.render(&Template::made(&place, sql), &scope);
            match rendered {
                Err(error) if !nodes::is_found_when_run(&error) => {
                    return Err(Box::new(nodes::headed(error.diagnostic(), draft)));
                }
                _ => {}
            }
        }
    }
    let captured = own.captured();
    let names = captured.refs.len() + captured.sources.len() + captured.metrics.len();
    match draft.resource {
        Resource::Seed if names > 0 => Err(Box::new(seed_with_inputs(draft, config))),
        _ => Ok(captured),
    }
}

/// Both spellings of a hook in one call of `config()` leave open which one is meant.
pub(super) fn conflict(settings: &Map<String, Value>) -> Option<String> {
    KEYS.iter().find_map(|key| {
        let other = key.replace('-', "_");
        let both = settings.contains_key(*key) && settings.contains_key(&other);
        both.then(|| format!("Invalid config, has conflicting keys \"{other}\" and \"{key}\""))
    })
}

fn text(hook: &Value) -> Option<&str> {
    hook.get("sql")?.as_str()
}

fn seed_with_inputs(draft: &Draft<'_>, config: &NodeConfig) -> Diagnostic {
    let mut message = format!(
        "Seeds cannot depend on other nodes. dbt detected a seed with a pre- or post-hook\n\
         that calls 'ref', 'source', or 'metric', either directly or indirectly via other macros.\n\n\
         Error raised for '{}', which has these hooks defined: ",
        draft.unique_id
    );
    for key in KEYS {
        for sql in config.list(key).iter().filter_map(text) {
            message.push_str(&format!("\n- {}: \"{sql}\"", key.replace('-', "_")));
        }
    }
    Diagnostic::error("seed-with-inputs", message)
        .at(wrong_settings::place(draft, "post-hook"))
        .hint("let a model read the seed and do this, or name the table in the hook's SQL")
        .headline("Parsing Error")
}
