//! Names: which macro of which package a call means.

use crate::engine;
use sqlmill::jinja::CallSite;
use sqlmill::jinja::Names;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use sqlmill::jinja::fail;
use sqlmill::jinja::function;
use std::sync::Arc;

#[test]
fn names_are_found_as_dbt_finds_them() {
    let files = [
        (
            "shop",
            "{% macro default__who() %}shop{% endmacro %}{% macro concat(x) %}mine{% endmacro %}",
        ),
        (
            "utils",
            "{% macro who() %}{{ pick('who', 'utils') }}{% endmacro %}
             {% macro default__who() %}utils{% endmacro %}
             {% macro default__only() %}utils-only{% endmacro %}
             {% macro duckdb__only() %}utils-duckdb{% endmacro %}
             {% macro plain() %}plain{% endmacro %}
             {% macro inner() %}{{ plain() }}{% endmacro %}",
        ),
        (
            "dbt",
            "{% macro concat(x) %}dbt{% endmacro %}{% macro default__hash() %}default{% endmacro %}",
        ),
        (
            "dbt_duckdb",
            "{% macro duckdb__hash() %}duckdb{% endmacro %}",
        ),
    ];
    let engine = engine(&files);
    let pick = function("pick", |site: &CallSite, mut args| {
        let name = args.required_str("macro_name")?;
        let namespace = args.optional_str("macro_namespace")?;
        args.finish()?;
        let registry = site.engine.registry();
        let found = registry.dispatch(site.scope.package(), &name, namespace.as_deref());
        let found = found.map_err(fail)?.clone();
        let called = site
            .engine
            .call(&found, Vec::new(), Vec::new(), &site.scope);
        called.map_err(|error| fail(error.message))
    });
    for (package, template, expected) in [
        ("shop", "{{ utils.who() }}", "shop"),
        ("shop", "{{ pick('only', 'utils') }}", "utils-duckdb"),
        ("shop", "{{ pick('who') }}", "shop"),
        (
            "shop",
            "{{ pick('hash', 'dbt') }}{{ dbt.duckdb__hash() }}",
            "duckdbduckdb",
        ),
        ("shop", "{{ concat(1) }} {{ dbt.concat(1) }}", "mine dbt"),
        ("utils", "{{ plain() }} {{ inner() }}", "plain plain"),
        (
            "shop",
            "{{ utils['plain']() }} {{ utils.get('plain')() }} {{ context.utils.plain() }}",
            "plain plain plain",
        ),
        (
            "shop",
            "{{ context['concat'](1) }} {{ context.get('nope', 'no') }} {{ 'pick' in context }}",
            "mine no True",
        ),
        (
            "shop",
            "{{ plain is defined }} {{ utils.plain is defined }} {{ utils.nope is defined }} {{ utils is mapping }}",
            "False True False True",
        ),
        ("shop", "{{ utils.inner() }}", "! 'plain' is undefined"),
        (
            "shop",
            "{{ utils.nope() }}",
            "! 'dict object' has no attribute 'nope'",
        ),
        (
            "shop",
            "{{ pick('nope', 'utils') }}",
            "! In dispatch: No macro named 'nope' found within namespace: 'utils'\n    Searched for: \
             'shop.duckdb__nope', 'shop.default__nope', 'utils.duckdb__nope', 'utils.default__nope'",
        ),
        (
            "shop",
            "{{ pick('nope', 'zzz') }}",
            "! In dispatch: No macro named 'nope' found within namespace: 'zzz'\n    Searched for: \
             'duckdb__nope', 'default__nope'",
        ),
    ] {
        let scope: Arc<dyn Scope> = Arc::new(Names::new(package).with("pick", pick.clone()));
        let found = engine.render(&Template::text("m.sql", template), &scope);
        let found = found.unwrap_or_else(|error| format!("! {error}"));
        assert_eq!(found, expected, "{template}");
    }
}

#[test]
fn a_materialization_is_the_nearest_one_for_the_warehouse() {
    let declare = |package: &'static str, name: &str, adapter: &str| {
        let head = match adapter {
            "default" => "default".to_string(),
            adapter => format!("adapter='{adapter}'"),
        };
        let text = format!("{{% materialization {name}, {head} %}}x{{% endmaterialization %}}");
        (package, text)
    };
    for (name, declared, expected) in [
        (
            "t",
            vec![("dbt", "default"), ("shop", "default")],
            Some("shop.materialization_t_default"),
        ),
        (
            "t",
            vec![("dbt_duckdb", "duckdb"), ("shop", "default")],
            Some("shop.materialization_t_default"),
        ),
        (
            // dbt's adapter has this one of its own, which fits better than one for all.
            "table",
            vec![("dbt_duckdb", "duckdb"), ("shop", "default")],
            Some("dbt_duckdb.materialization_table_duckdb"),
        ),
        (
            "t",
            vec![("dbt_duckdb", "duckdb"), ("shop", "duckdb")],
            Some("shop.materialization_t_duckdb"),
        ),
        (
            "t",
            vec![("dbt", "default"), ("utils", "duckdb")],
            Some("dbt.materialization_t_default"),
        ),
        (
            "t",
            vec![("utils", "duckdb"), ("shop", "default")],
            Some("utils.materialization_t_duckdb"),
        ),
        ("t", vec![("utils", "snowflake")], None),
    ] {
        let files: Vec<_> = declared.iter().map(|(p, a)| declare(p, name, a)).collect();
        let files: Vec<_> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
        let engine = engine(&files);
        let found = engine.registry().materialization(name);
        let found = found.map(|found| found.unique_id.trim_start_matches("macro.").to_string());
        assert_eq!(found.as_deref(), expected, "{declared:?}");
    }
}
