//! Macros: what they return, what call blocks see, and who hears of each call.

use crate::engine;
use crate::render;
use crate::text;
use sqlmill::jinja::Names;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use sqlmill::jinja::Value;
use std::sync::Arc;
use std::sync::Mutex;

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
fn return_in_a_call_block_ends_the_macro_that_was_called() {
    let macros = "{% macro outer() %}[{{ caller() }}]{% endmacro %}";
    let template = "{% call outer() %}{{ return(5) }}{% endcall %}!";
    assert_eq!(text(macros, template), "5!");
    let error = render("", "{{ return(5) }}").expect_err("there is no macro to end");
    assert_eq!(error.message, "`return` works only inside of a macro");
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
