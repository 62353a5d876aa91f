//! Brings a model, seed or snapshot up to date by its materialization macro.

use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::base::Diagnostic;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::compile::Subject;
use crate::jinja;
use crate::jinja::Macro;
use crate::jinja::MacroKind;
use crate::jinja::Results;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use crate::run::Call;
use crate::run::blame;
use crate::run::python;
use crate::run::seed;
use crate::run::step::Done;
use minijinja::value::Value;
use std::sync::Arc;

pub(super) fn run(
    call: &Call<'_>,
    subject: &Subject,
    compiled: Option<&Compiled>,
    session: &SessionHandle,
) -> Result<Done, Box<Diagnostic>> {
    let kind = call.world.graph.node(subject.index).materialized();
    by(call, subject, kind, compiled, session)
}

/// The same by a materialization that is not the node's own.
pub(super) fn by(
    call: &Call<'_>,
    subject: &Subject,
    kind: &str,
    compiled: Option<&Compiled>,
    session: &SessionHandle,
) -> Result<Done, Box<Diagnostic>> {
    let node = call.world.graph.node(subject.index);
    let results = Results::default();
    let scope: Arc<dyn Scope> = scope(call, subject, compiled, session, &results);
    let engine = &call.world.engine;
    let Some(found) = engine.registry().materialization(kind) else {
        return Err(unknown(call, node, kind));
    };
    check_language(node, found)?;
    check_name(call, node)?;
    let value = engine
        .call(&found.clone(), Vec::new(), Vec::new(), &scope)
        .map_err(|error| blame::diagnostic(node, compiled, &error))?;
    note_relations(session, node, &value)?;
    let mut done = Done::default();
    if let Some(main) = results.get("main") {
        done.message = Some(main.response.message.clone());
        done.adapter_response = main.response.to_json();
    }
    Ok(done)
}

/// The names of a materialization: those of the node, and its SQL.
pub(super) fn scope(
    call: &Call<'_>,
    subject: &Subject,
    compiled: Option<&Compiled>,
    session: &SessionHandle,
    results: &Results,
) -> Arc<NodeScope> {
    let node = call.world.graph.node(subject.index);
    let mut scope = NodeScope::of(call.world, subject.clone(), Some(session));
    for (name, value) in results.functions() {
        scope = scope.with(name, value);
    }
    if let Some(compiled) = compiled {
        let code = Value::from(compiled.code.clone());
        scope = scope.with("sql", code.clone()).with("compiled_code", code);
    }
    let world = call.world.clone();
    let (own, kept) = (subject.clone(), compiled.cloned());
    let model = values::lazy(move || compile::model_value(&world, own.clone(), kept.as_ref()));
    let batch = subject.batch.as_deref();
    let hooks = |key: &str, is_their_turn: bool| {
        let written = node.config.list(key);
        let hooks = written.iter().filter(|_| is_their_turn);
        values::list(hooks.map(values::from_json))
    };
    if node.language == "python" {
        let submit = python::submit_function(call, subject.index, session);
        scope = scope.with("submit_python_job", submit);
    }
    scope
        .with("model", model)
        .with(
            "pre_hooks",
            hooks("pre-hook", batch.is_none_or(|batch| batch.is_first)),
        )
        .with(
            "post_hooks",
            hooks("post-hook", batch.is_none_or(|batch| batch.is_last)),
        )
        .with("write", write_function(call, subject))
        .with("load_agate_table", seed::load_function(node))
}

/// `write(text)`: keeps the statement that builds the node.
fn write_function(call: &Call<'_>, subject: &Subject) -> Value {
    let Subject { index, batch } = subject.clone();
    let (world, recorder) = (call.world.clone(), call.recorder.clone());
    jinja::function("write", move |_, mut args| {
        let payload = args.required_str("payload")?;
        args.finish()?;
        recorder.ran(world.graph.node(index), batch.as_deref(), &payload);
        Ok(Value::from(""))
    })
}

/// Tells the cache what the materialization made.
fn note_relations(
    session: &SessionHandle,
    node: &Node,
    value: &Value,
) -> Result<(), Box<Diagnostic>> {
    let relations = value
        .get_attr("relations")
        .ok()
        .filter(|list| !list.is_undefined());
    let Some(relations) = relations else {
        let message = format!(
            "The materialization (\"{}\") did not explicitly return a list of relations to add to the cache.",
            node.materialized()
        );
        return Err(compile::headed(
            Diagnostic::error("materialization-result", message),
            node,
        ));
    };
    for relation in values::items(&relations) {
        let relation = jinja::relation_of(&relation);
        // A function may have the name of a table.
        let is_table = |found: &Relation| found.kind != Some(RelationKind::Function);
        if let Some(relation) = relation.filter(is_table) {
            compile::lock(session).change_cache(|cache| cache.add(&relation));
        }
    }
    Ok(())
}

/// A materialization says which languages it can build from.
fn check_language(node: &Node, found: &Macro) -> Result<(), Box<Diagnostic>> {
    let MacroKind::Materialization {
        name,
        adapter,
        supported_languages,
    } = &found.kind
    else {
        return Ok(());
    };
    if supported_languages
        .iter()
        .any(|known| known == node.language)
    {
        return Ok(());
    }
    let known: Vec<String> = supported_languages
        .iter()
        .map(|l| format!("'{l}'"))
        .collect();
    let message = format!(
        "Materialization \"materialization_{name}_{adapter}\" only supports languages [{}]; got \"{}\"",
        known.join(", "),
        node.language
    );
    Err(compile::headed(
        Diagnostic::error("python-failed", message)
            .hint("build it as a table or incremental model"),
        node,
    ))
}

/// A warehouse would cut a longer name short without a word, and two names might become one.
fn check_name(call: &Call<'_>, node: &Node) -> Result<(), Box<Diagnostic>> {
    let Some(longest) = call.world.dialect.max_identifier_bytes else {
        return Ok(());
    };
    let name = &node.alias;
    if name.len() <= longest {
        return Ok(());
    }
    let message = format!("Relation name '{name}' is longer than {longest} characters");
    let found = Diagnostic::error("name-too-long", message)
        .hint("give it a shorter name in the warehouse: `alias`");
    Err(compile::headed(found, node))
}

fn unknown(call: &Call<'_>, node: &Node, kind: &str) -> Box<Diagnostic> {
    let registry = call.world.engine.registry();
    let known: Vec<&str> = registry.materializations();
    let near = crate::base::diagnostic::nearest(kind, known.iter().copied());
    let message = format!(
        "No materialization '{kind}' was found for adapter {}! (searched types 'default' and '{0}')",
        call.world.dialect.name
    );
    compile::headed(
        Diagnostic::error("unknown-materialization", message).hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        }),
        node,
    )
}
