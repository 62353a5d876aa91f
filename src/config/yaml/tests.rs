//! Cases for the YAML loader: values, places, double keys, and what a broken text is told.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::config::yaml::Yaml;
use crate::config::yaml::parse;
use serde_json::json;

fn load(text: &str) -> (Option<Yaml>, Vec<Diagnostic>) {
    let bag = Bag::new();
    let yaml = parse(&SourceFile::new("s.yml", "s.yml", text), &bag);
    (yaml, bag.take())
}

/// The whole message on one line.
fn shown(found: &Diagnostic) -> String {
    let place = found.place.as_ref().map_or(String::new(), Place::to_string);
    let hint = found.hint.as_deref().unwrap_or("-");
    let marked = found
        .place
        .as_ref()
        .map_or("", |p| &p.file.text()[p.start..p.end]);
    format!("{place} [{marked}] {} | {hint}", found.message)
}

#[test]
fn documents_hold_what_pyyaml_says() {
    let rows = [
        ("", json!(null)),
        ("# only a comment", json!(null)),
        ("\u{feff}a: 1", json!({"a": 1})),
        ("%YAML 1.1\n--- # c\n  1e3\n", json!("1e3")),
        ("on: 1\n'1': 2", json!({"true": 1, "1": 2})),
        ("a:b", json!("a:b")),
        ("a: b#c #d", json!({"a": "b#c"})),
        (
            "a: 'it''s'\nb: \"x\\ty\"",
            json!({"a": "it's", "b": "x\ty"}),
        ),
        (
            "a: |\n  x\n   y\nb: >-\n  x\n  y\n",
            json!({"a": "x\n y\n", "b": "x y"}),
        ),
        ("a: two\n  lines", json!({"a": "two lines"})),
        (
            "on: yes\n2: a\n~: b",
            json!({"true": true, "2": "a", "null": "b"}),
        ),
        (
            "- '010'\n- 010\n- \"yes\"\n- !!str 5\n- !!int \"5\"",
            json!(["010", 8, "yes", "5", 5]),
        ),
        (
            "a: &x 010\nb: *x\nc: &y '010'\nd: *y\n'e': *y",
            json!({"a": 8, "b": 8, "c": "010", "d": "010", "e": "010"}),
        ),
        (
            "a: &l [yes, 'no']\nb: *l\nc: [*l, *l]",
            json!({"a": [true, "no"], "b": [true, "no"], "c": [[true, "no"], [true, "no"]]}),
        ),
        (
            "a: &e\nb: *e\nc: ''",
            json!({"a": null, "b": null, "c": ""}),
        ),
        (
            "{a: , b: ~, c: [1, ]}",
            json!({"a": null, "b": null, "c": [1]}),
        ),
        (
            "a: 2020-01-01\nb: 2020-01-01 10:00:00",
            json!({"a": "2020-01-01", "b": "2020-01-01T10:00:00"}),
        ),
        (
            "b: &b {x: 1, y: 2}\nc:\n  y: 3\n  <<: *b\n  z: 4",
            json!({"b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3, "z": 4}}),
        ),
        (
            "- &b {x: 1, y: 2}\n- &d {x: 5, w: 1}\n- <<: [*b, *d]\n  q: 1",
            json!([{"x": 1, "y": 2}, {"x": 5, "w": 1}, {"x": 1, "w": 1, "y": 2, "q": 1}]),
        ),
        ("%YAML 1.2\n---\na: yes\n...\n", json!({"a": true})),
        (
            "a: 18446744073709551615\r\nb: -1\r\n",
            json!({"a": 18_446_744_073_709_551_615_u64, "b": -1}),
        ),
    ];
    for (text, expected) in rows {
        let (yaml, found) = load(text);
        assert!(found.is_empty(), "{text:?}: {:?}", found);
        let yaml = yaml.unwrap().to_json();
        assert_eq!(yaml.to_string(), expected.to_string(), "{text:?}");
    }
}

#[test]
fn every_value_knows_its_place() {
    let text = "é: &a 'x'\nb: *a # c\n\"c\": [*a, two words , *a]\nd:\n  - {e: 010 } # }\n  - |\n   t\n\nf:";
    let yaml = load(text).0.unwrap();
    let marked = |y: &Yaml| {
        let place = y.place();
        format!("{place} {}", &text[place.start..place.end])
    };
    let [a, b, c, d, f] = yaml.entries() else {
        panic!("five keys")
    };
    assert_eq!(marked(&a.0), "s.yml:1:1 é");
    assert_eq!(marked(&a.1), "s.yml:1:4 &a 'x'");
    assert_eq!(marked(&b.1), "s.yml:2:4 *a");
    assert_eq!(marked(&c.0), "s.yml:3:1 \"c\"");
    assert_eq!(marked(&c.1), "s.yml:3:6 [*a, two words , *a]");
    let items: Vec<_> = c.1.as_list().unwrap().iter().map(marked).collect();
    assert_eq!(
        items,
        ["s.yml:3:7 *a", "s.yml:3:11 two words", "s.yml:3:23 *a"]
    );
    let items: Vec<_> = d.1.as_list().unwrap().iter().map(marked).collect();
    assert_eq!(items, ["s.yml:5:5 {e: 010 }", "s.yml:6:5 |\n   t"]);
    let e = d.1.as_list().unwrap()[0].get("e").unwrap();
    assert_eq!(marked(e), "s.yml:5:9 010");
    assert_eq!(marked(&f.0), "s.yml:9:1 f");
    assert_eq!(marked(&f.1), "s.yml:9:3 ");
}

#[test]
fn the_last_of_equal_keys_counts_and_is_reported() {
    let (yaml, found) = load("a: 1\nb: 2\na: 3\n");
    assert_eq!(yaml.unwrap().to_json().to_string(), r#"{"a":3,"b":2}"#);
    assert_eq!(found.len(), 1);
    assert_eq!(
        shown(&found[0]),
        "s.yml:3:1 [a] Duplicate key 'a' | remove one of the two"
    );
    assert_eq!(found[0].event, Some("DuplicateYAMLKeysDeprecation"));
    assert_eq!(found[0].related[0].0.to_string(), "s.yml:1:1");
    let many: String = (0..30).map(|n| format!("k{}: {n}\n", n % 29)).collect();
    let (yaml, found) = load(&many);
    assert_eq!(yaml.unwrap().get("k0").and_then(Yaml::as_int), Some(29));
    assert_eq!(found.len(), 1);
}

#[test]
fn broken_text_is_explained() {
    let rows = [
        (
            "a: {{ x }}",
            "s.yml:1:4 [{{ x }}] a value that starts with `{{` has to be quoted | write `a: \"{{ x }}\"`",
        ),
        (
            "a:\n  - {{ var(\"x\") }}_y\n",
            "s.yml:2:5 [{{] a value that starts with `{{` has to be quoted | write `- '{{ var(\"x\") }}'_y`",
        ),
        (
            "a:\n\tb: 1",
            "s.yml:2:1 [\t] a tab indents this line | indent with spaces; YAML does not allow tabs there",
        ),
        (
            "a: \"x\nb: 1\n",
            "s.yml:1:4 [\"] this quote is never closed | add the closing quote",
        ),
        (
            "a: [1, 2\nb: 1\n",
            "s.yml:1:4 [[] this list is not closed properly | separate its items with `,` and close it with `]`",
        ),
        (
            "a: {x: 1\nb: 1\n",
            "s.yml:1:4 [{] this mapping is not closed properly | separate its entries with `,` and close it with `}`",
        ),
        (
            "a: @x",
            "s.yml:1:4 [@] a value cannot start with `@` | put the value in quotes",
        ),
        (
            "a: b: c",
            "s.yml:1:5 [:] a `:` is not allowed here | put a value that contains `: ` in quotes",
        ),
        (
            "a: 1\n b: 2",
            "s.yml:2:3 [:] a `:` is not allowed here | check the indentation of this line and of the one before it",
        ),
        (
            "a: 1\nb:2\nc: 3",
            "s.yml:2:1 [b:2] this line is no `key: value` | write a space after the colon: `b: 2`",
        ),
        (
            "a: 1\nb\nc: 3",
            "s.yml:2:1 [b] this line is no `key: value` | write `b: ` and its value, or indent the line if it continues the one before",
        ),
        (
            "a:\n  - b\n  c: 1",
            "s.yml:3:3 [c: 1] this line does not fit in here | the list around it has items that start with `- `; start this line with `- ` or indent it differently",
        ),
        (
            "a:\n    b: 1\n  c: 1",
            "s.yml:3:3 [c: 1] this line does not fit in here | align it with the other keys of its mapping",
        ),
        (
            "a: - b",
            "s.yml:1:1 [a: - b] this line does not fit in here | put the first `- ` of a list on a line of its own",
        ),
        (
            "a: *x",
            "s.yml:1:4 [*x] this alias has no anchor before it | mark the value it stands for with `&name`",
        ),
        (
            "a: 1\n---\nb: 2",
            "s.yml:2:1 [---] a file holds one document only | remove the `---` line, or split the file",
        ),
        (
            "a: b\u{7}",
            "s.yml:1:5 [\u{7}] control character U+0007 | remove it; YAML allows only printable characters",
        ),
        (
            "a: !env X",
            "s.yml:1:4 [!env] the tag `!env` has no meaning here | remove the tag, or put the whole value in quotes",
        ),
        (
            "[a, b]: 1",
            "s.yml:1:1 [[a, b]] a list cannot be a key | put the key in quotes if it is meant as a text",
        ),
        (
            "a: 1\n<<: 2",
            "s.yml:2:1 [<<] `<<` needs a mapping or a list of mappings to merge | write `<<: *name`, where `&name` marks a mapping",
        ),
    ];
    for (text, expected) in rows {
        let (yaml, found) = load(text);
        assert!(yaml.is_none(), "{text:?}");
        let shown: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(shown, [expected], "{text:?}");
    }
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string();
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        text += &format!("a{n}: &a{n} [{items}]\n");
    }
    let (yaml, found) = load(&text);
    assert!(yaml.is_none());
    assert_eq!(found[0].message, "repetition limit exceeded");
}
