//! Mistakes: their words, their places, and the way to them.

use crate::render;

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
