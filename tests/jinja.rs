//! The template engine: macros, scopes, values that change, and mistakes with their places.

use sqlmill::base::Bag;
use sqlmill::base::SourceFile;
use sqlmill::jinja::CallSite;
use sqlmill::jinja::Engine;
use sqlmill::jinja::MacroFile;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::RenderError;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Search;
use sqlmill::jinja::Template;
use sqlmill::jinja::Value;
use sqlmill::jinja::dict;
use sqlmill::jinja::engine::STACK_SIZE;
use sqlmill::jinja::fail;
use sqlmill::jinja::function;
use sqlmill::jinja::list;
use sqlmill::jinja::python::repr::repr;
use std::sync::Arc;
use std::sync::Mutex;

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
        ..Search::default()
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
            "a {% set x = [1, f(2] %}",
            "models/m.sql:1:19",
            "this `(` is never closed",
        ),
        (
            "{{ a b }}",
            "models/m.sql:1:6",
            "unexpected `b`, expected `}}`",
        ),
        (
            "{% if 1 %}x",
            "models/m.sql:1:1",
            "this `if` block is never closed",
        ),
        ("x\n{{ 1 + }}", "models/m.sql:2:8", "unexpected `}}`"),
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

#[test]
fn a_typo_is_met_with_the_nearest_name() {
    let macros = "{% macro surrogate_key() %}{% endmacro %}";
    for (template, hint) in [
        ("{{ surogate_key() }}", "did you mean `surrogate_key`?"),
        ("{{ anwser.x }}", "did you mean `answer`?"),
    ] {
        let error = render(macros, template).expect_err(template);
        assert_eq!(error.diagnostic().hint.as_deref(), Some(hint), "{template}");
    }
}

#[test]
fn return_in_a_call_block_ends_the_macro_that_was_called() {
    let macros = "{% macro outer() %}[{{ caller() }}]{% endmacro %}";
    let template = "{% call outer() %}{{ return(5) }}{% endcall %}!";
    assert_eq!(text(macros, template), "5!");
    let error = render("", "{{ return(5) }}").expect_err("there is no macro to end");
    assert_eq!(error.message, "`return` works only inside of a macro");
}

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

#[test]
fn a_scope_hears_of_each_macro_and_how_deep_it_was_called() {
    #[derive(Debug, Default)]
    struct Listener(Mutex<Vec<(String, usize)>>);
    impl Scope for Listener {
        fn get(&self, _: &str) -> Option<Value> {
            None
        }
        fn package(&self) -> &str {
            "shop"
        }
        fn entered(&self, macro_id: &str, depth: usize) {
            let mut heard = self.0.lock().expect("no listener panics");
            heard.push((macro_id.to_string(), depth));
        }
    }
    let macros = "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ caller() if caller }}{% endmacro %}";
    let engine = engine(&[("shop", macros)]);
    let listener = Arc::new(Listener::default());
    let scope: Arc<dyn Scope> = listener.clone();
    let template = Template::text("m.sql", "{{ a() }}{% call b() %}{{ a() }}{% endcall %}");
    engine
        .render(&template, &scope)
        .expect("the template is fine");
    let heard = listener.0.lock().expect("no listener panics");
    let heard: Vec<_> = heard
        .iter()
        .map(|(id, depth)| (id.as_str(), *depth))
        .collect();
    let (a, b) = ("macro.shop.a", "macro.shop.b");
    assert_eq!(heard, [(a, 1), (b, 2), (b, 1), (a, 2), (b, 3)]);
}

#[test]
fn many_threads_render_at_once() {
    let engine = engine(&[("shop", "{% macro m(n) %}{{ n * 2 }}{% endmacro %}")]);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let scope: Arc<dyn Scope> = Arc::new(Names::new("shop"));
                for n in 0..50 {
                    let template = Template::text("m.sql", &format!("{{{{ m({n}) }}}}"));
                    let found = engine.render(&template, &scope).expect("it is fine");
                    assert_eq!(found, (n * 2).to_string());
                }
            });
        }
    });
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
                // The two parsers have their own words.
                Err(error) if error.code == "jinja-syntax" && expected.starts_with("! ") => {
                    continue;
                }
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

const ROWS: [(&str, &str); 6] = [
    (
        "expressions",
        include_str!("jinja_differential/expressions.txt"),
    ),
    ("mistakes", include_str!("jinja_differential/mistakes.txt")),
    (
        "statements",
        include_str!("jinja_differential/statements.txt"),
    ),
    ("syntax", include_str!("jinja_differential/syntax.txt")),
    ("values", include_str!("jinja_differential/values.txt")),
    (
        "whitespace",
        include_str!("jinja_differential/whitespace.txt"),
    ),
];
