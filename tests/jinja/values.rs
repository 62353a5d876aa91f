//! Values: lists that change, types in YAML files, arguments as Python binds them.

use crate::engine;
use crate::text;
use sqlmill::jinja::CallSite;
use sqlmill::jinja::Names;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use sqlmill::jinja::Value;
use sqlmill::jinja::dict;
use sqlmill::jinja::function;
use sqlmill::jinja::list;
use sqlmill::jinja::python::repr::repr;
use std::sync::Arc;

#[test]
fn lists_and_dicts_change() {
    for (template, expected) in [
        (
            "{% set l = [3, 1] %}{% set m = l %}{% do m.append(2) %}{% do l.sort() %}{{ l }}",
            "[1, 2, 3]",
        ),
        (
            "{% set d = {'a': 1} %}{% do d.update({'b': [2]}) %}{% do d.setdefault('c', []).append(1) %}{{ d }}",
            "{'a': 1, 'b': [2], 'c': [1]}",
        ),
        (
            "{% for i in [1, 2] %}{% set l = [] %}{% do l.append(i) %}{{ l }}{% endfor %}",
            "[1][2]",
        ),
        (
            "{% set l = [1] %}{% for i in l %}{% if i < 3 %}{% do l.append(i + 1) %}{% endif %}{% endfor %}{{ l }}",
            "[1, 2]",
        ),
        (
            "{{ [1] + [2] == [1, 2] }} {{ 'a' in {'a': 1} }} {{ [1, 2, 3][::-1] }} {{ (1, 2) }}",
            "True True [3, 2, 1] (1, 2)",
        ),
        (
            "{% set ns = namespace(x=[]) %}{% do ns.x.append(1) %}{% set ns.y = 2 %}{{ ns.x }}{{ ns.y }}",
            "[1]2",
        ),
        (
            "{% set l = [1, 2] %}{% do l.insert(0, 0) %}{{ l.pop() }}{{ l.pop(0) }}{{ l }}{{ l.index(1) }}",
            "20[1]0",
        ),
        (
            "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'x' ~ 1 }} {{ 7 // 2 }} {{ -7 % 3 }} {{ 4 / 2 }}",
            "True False x1 3 2 2.0",
        ),
    ] {
        assert_eq!(text("", template), expected, "{template}");
    }
}

#[test]
fn values_of_yaml_files_are_text_unless_they_ask_for_a_type() {
    let engine = engine(&[]);
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop"));
    for (template, expected) in [
        ("{{ 1 + 1 }}", "'2'"),
        ("plain", "'plain'"),
        ("{{ '1' | as_number }}", "1"),
        ("{{ '1' | as_number }}b", "'1b'"),
        ("{{ 'True' | as_bool }}", "True"),
        ("{{ '[1]' | as_native }}", "[1]"),
        ("{{ 1 | as_text }}", "'1'"),
        ("{{ none }}", "'None'"),
    ] {
        let value = engine.render_native(&Template::text("p.yml", template), &scope);
        let value = value.unwrap_or_else(|error| panic!("{template}: {error}"));
        assert_eq!(repr(&value), expected, "{template}");
    }
    let wrong = engine.render_native(&Template::text("p.yml", "{{ 'x' | as_number }}"), &scope);
    let wrong = wrong.expect_err("`x` is no number");
    assert_eq!(
        wrong.message,
        "Could not convert value 'x' into type 'number'"
    );
    let value = engine.expression("[1, 'a'] + [2]", &scope);
    assert_eq!(
        value.map(|value| repr(&value)).ok().as_deref(),
        Some("[1, 'a', 2]")
    );
}

#[test]
fn functions_bind_their_arguments_as_python_does() {
    let f = function("f", |_: &CallSite, mut args| {
        let a = args.required("a")?;
        let b = args.optional("b");
        let rest = args.rest();
        let named = args.keywords();
        args.finish()?;
        Ok(list([a, b.unwrap_or_default(), list(rest), dict(named)]))
    });
    let g = function("g", |_: &CallSite, mut args| {
        args.required_int("n")?;
        args.optional_str("s")?;
        args.finish()?;
        Ok(Value::from("ok"))
    });
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop").with("f", f).with("g", g));
    let engine = engine(&[]);
    for (template, expected) in [
        ("{{ f(1) }}", "[1, Undefined, [], {}]"),
        ("{{ f(1, 2, 3, z=4) }}", "[1, 2, [3], {'z': 4}]"),
        ("{{ f(b=2, a=1) }}", "[1, 2, [], {}]"),
        ("{{ f(*[1, 2], **{'c': 3}) }}", "[1, 2, [], {'c': 3}]"),
        (
            "{{ f() }}",
            "! f() missing 1 required positional argument: 'a'",
        ),
        (
            "{{ f(1, a=2) }}",
            "! f() got multiple values for argument 'a'",
        ),
        ("{{ g(1) }}{{ g(n=1, s='x') }}", "okok"),
        ("{{ g('a') }}", "! g() argument 'n' must be int, not str"),
        (
            "{{ g(1, 'a', 2) }}",
            "! g() takes 2 positional arguments but 3 were given",
        ),
        (
            "{{ g(1, t=2) }}",
            "! g() got an unexpected keyword argument 't'",
        ),
    ] {
        let found = engine.render(&Template::text("m.sql", template), &scope);
        let found = found.unwrap_or_else(|error| format!("! {error}"));
        assert_eq!(found, expected, "{template}");
    }
}
