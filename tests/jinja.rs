//! The template engine: macros, scopes, values that change, and mistakes with their places.

use sqlmill::base::Bag;
use sqlmill::base::SourceFile;
use sqlmill::jinja::Engine;
use sqlmill::jinja::MacroFile;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::RenderError;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Search;
use sqlmill::jinja::Template;
use sqlmill::jinja::engine::STACK_SIZE;
use std::sync::Arc;

fn engine(files: &[(&str, &str)]) -> Arc<Engine> {
    let bag = Bag::new();
    let files: Vec<MacroFile> = files
        .iter()
        .map(|(package, text)| MacroFile {
            package: package.to_string(),
            path: "macros/a.sql".to_string(),
            file: SourceFile::new(format!("{package}/macros/a.sql"), "a.sql", *text),
        })
        .collect();
    let search = Search {
        root: "shop".to_string(),
        adapters: vec!["duckdb".to_string()],
        internal: vec!["dbt_duckdb".to_string(), "dbt".to_string()],
        dispatch: Vec::new(),
    };
    let engine = Engine::new(Registry::new(search, &files, &bag));
    engine.check(&bag);
    let mistakes: Vec<String> = bag.take().into_iter().map(|d| d.message).collect();
    assert_eq!(mistakes, Vec::<String>::new());
    engine
}

/// Renders on a thread with the stack that the engine's recursion limit is made for.
fn render(macros: &str, template: &str) -> Result<String, RenderError> {
    std::thread::scope(|threads| {
        std::thread::Builder::new()
            .stack_size(STACK_SIZE)
            .spawn_scoped(threads, || render_here(macros, template))
            .expect("a thread can be started")
            .join()
            .expect("rendering does not panic")
    })
}

fn render_here(macros: &str, template: &str) -> Result<String, RenderError> {
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop").with("answer", 42));
    let template = Template::text("models/m.sql", template);
    engine(&[("shop", macros)]).render(&template, &scope)
}

fn text(macros: &str, template: &str) -> String {
    render(macros, template).unwrap_or_else(|error| panic!("{template}: {error:?}"))
}

#[test]
fn macros_return_text_or_any_value() {
    let macros = "
        {% macro plain(a) %}[{{ a }}]{% endmacro %}
        {% macro first(items) %}{% for i in items %}{% if i > 1 %}{{ return(i) }}{% endif %}{% endfor %}{% endmacro %}
        {% macro fact(n) %}{% if n < 2 %}{% do return(1) %}{% endif %}{{ return(n * fact(n - 1)) }}{% endmacro %}
        {% macro nothing() %}{% do return(none) %}{% endmacro %}
        {% macro more(a, b=a ~ '!', c=[]) %}{% do c.append(b) %}{{ a }} {{ b }} {{ c }} {{ varargs }} {{ kwargs }}{% endmacro %}";
    for (template, expected) in [
        ("{{ plain(1) }}", "[1]"),
        ("{{ first([1, 2, 3]) + 1 }}", "3"),
        ("{{ fact(10) }}", "3628800"),
        ("{{ nothing() is none }}", "True"),
        (
            "{{ more(1) }}{{ more(2) }}",
            "1 1! ['1!'] () {}2 2! ['2!'] () {}",
        ),
        (
            "{{ more(1, 2, [3], 4, 5, z=6) }}",
            "1 2 [3, 2] (4, 5) {'z': 6}",
        ),
        ("{% set m = plain %}{{ m(2) }}{{ shop.plain(3) }}", "[2][3]"),
        ("{{ answer }}", "42"),
    ] {
        assert_eq!(text(macros, template), expected, "{template}");
    }
}

#[test]
fn call_blocks_see_what_is_around_them() {
    let macros = "
        {% macro twice() %}{{ caller() }}-{{ caller() }}{% endmacro %}
        {% macro each(items) %}{% for i in items %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}
        {% macro inner(x) %}{% set y = 7 %}{% call twice() %}{{ x }}{{ y }}{% endcall %}{% endmacro %}";
    for (template, expected) in [
        (
            "{% set a = 1 %}{% call twice() %}{{ a }}{{ answer }}{% endcall %}",
            "142-142",
        ),
        (
            "{% call(v, n) each('ab') %}{{ n }}{{ v }} {% endcall %}",
            "1a 2b ",
        ),
        ("{{ inner(5) }}", "57-57"),
        (
            "{% for r in [1, 2] %}{% call twice() %}{{ r }}{{ loop.index0 }}{% endcall %};{% endfor %}",
            "10-10;21-21;",
        ),
        (
            "{% set l = [] %}{% call twice() %}{% do l.append(1) %}{% endcall %}{{ l }}",
            "-[1, 1]",
        ),
    ] {
        assert_eq!(text(macros, template), expected, "{template}");
    }
}

#[test]
fn macros_inside_of_a_template_see_its_variables_when_called() {
    for (template, expected) in [
        (
            "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}",
            "2",
        ),
        (
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}b{% endmacro %}{{ a() }}",
            "b",
        ),
        (
            "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
            "3210",
        ),
        (
            "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{% endmacro %}{{ m(1, 5, 6) }}",
            "15(6,)",
        ),
        ("{% macro m() %}x{% endmacro %}{{ apply(m) }}", "<x>"),
    ] {
        let macros = "{% macro apply(f) %}<{{ f() }}>{% endmacro %}";
        assert_eq!(text(macros, template), expected, "{template}");
    }
}

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
fn a_mistake_names_the_place_in_the_template_and_the_way_to_it() {
    let macros = "{% macro outer() %}\n  {{ inner(1) }}\n{% endmacro %}\n\n{% macro inner(x) %}\n  {{ nope.foo }}\n{% endmacro %}";
    let error = render(macros, "select\n  {{ outer() }}").expect_err("`nope` is not known");
    let diagnostic = error.diagnostic();
    assert_eq!(diagnostic.message, "'nope' is undefined");
    let place = diagnostic.place.map(|place| place.to_string());
    assert_eq!(place.as_deref(), Some("models/m.sql:2:6"));
    let related: Vec<String> = diagnostic
        .related
        .iter()
        .map(|(place, text)| format!("{place} {text}"))
        .collect();
    assert_eq!(
        related,
        [
            "shop/macros/a.sql:2:6 in macro `outer`",
            "shop/macros/a.sql:6:6 in macro `inner`"
        ]
    );
}

#[test]
fn mistakes_in_a_template_are_said_in_known_words() {
    for (template, place, message) in [
        ("{{ nope() }}", "models/m.sql:1:4", "'nope' is undefined"),
        (
            "{{ nope.foo() }}",
            "models/m.sql:1:4",
            "'nope' is undefined",
        ),
        (
            "a {{ {}.foo() }}",
            "models/m.sql:1:6",
            "'dict object' has no attribute 'foo'",
        ),
        ("{{ 1|foo }}", "models/m.sql:1:4", "No filter named 'foo'."),
        (
            "{{ one(1, 2) }}",
            "models/m.sql:1:4",
            "macro 'one' takes not more than 1 argument(s)",
        ),
        (
            "{{ one(z=2) }}",
            "models/m.sql:1:4",
            "macro 'one' takes no keyword argument 'z'",
        ),
        (
            "{{ again() }}",
            "models/m.sql:1:4",
            "maximum recursion depth exceeded",
        ),
        (
            "{% if 1 %}x",
            "models/m.sql:1:1",
            "this `if` block is never closed",
        ),
        (
            "x\n{{ 1 + }}",
            "models/m.sql:2:8",
            "unexpected end of variable block",
        ),
    ] {
        let macros =
            "{% macro one(a) %}{% endmacro %}{% macro again() %}{{ again() }}{% endmacro %}";
        let error = render(macros, template).expect_err(template);
        let found = error.diagnostic();
        assert_eq!(found.message, message, "{template}");
        let at = found.place.map(|place| place.to_string());
        assert_eq!(at.as_deref(), Some(place), "{template}");
    }
}

/// Every row of `tests/jinja_differential`: what Jinja2 made of a template, this engine makes too,
/// except where the row has a third part. `scripts/jinja_reference.py` writes the expectations.
#[test]
fn templates_give_what_jinja2_gives() {
    let engine = engine(&[]);
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop"));
    let mut wrong = Vec::new();
    for (topic, text) in ROWS {
        for row in text.split("\n====\n").filter(|row| !row.trim().is_empty()) {
            let parts: Vec<&str> = row.split("\n----\n").collect();
            let (template, expected) = (parts[0], parts[parts.len() - 1]);
            let found = match engine.render(&Template::text("t.sql", template), &scope) {
                Ok(text) => text
                    .replace('\\', "\\\\")
                    .replace('\n', "\\n")
                    .replace('\t', "\\t"),
                Err(error) => format!("! {error}"),
            };
            if found != expected {
                wrong.push(format!(
                    "{topic}: {template}\n  jinja2: {expected}\n  here:   {found}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

const ROWS: [(&str, &str); 5] = [
    (
        "expressions",
        include_str!("jinja_differential/expressions.txt"),
    ),
    ("mistakes", include_str!("jinja_differential/mistakes.txt")),
    (
        "statements",
        include_str!("jinja_differential/statements.txt"),
    ),
    ("values", include_str!("jinja_differential/values.txt")),
    (
        "whitespace",
        include_str!("jinja_differential/whitespace.txt"),
    ),
];
