//! Which macros a macro calls, read off its text: for the manifest and for change detection.

use crate::jinja::registry::Macro;
use crate::jinja::registry::Registry;
use crate::jinja::scan;
use crate::jinja::scan::TagKind;
use std::sync::Arc;

impl Registry {
    /// Ids of the macros that a macro calls, in the order of their first call; without itself, unless
    /// it calls itself with its package. A dispatch counts as a call of the macro it would find now.
    pub fn called_by(&self, found: &Macro) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for call in code_of(found).flat_map(Calls::of) {
            for called in self.meant(&call, &found.package).into_iter().flatten() {
                let called = called.unique_id.as_str();
                if (called != found.unique_id || call.has_package()) && !ids.contains(&called) {
                    ids.push(called);
                }
            }
        }
        ids
    }

    /// What a call means. A dispatch means the macro of that name too, as dbt reads it.
    fn meant(&self, call: &Call<'_>, package: &str) -> [Option<&Arc<Macro>>; 2] {
        match call.parts() {
            (None, name) => [self.named(package, name), None],
            DISPATCH => [
                self.named(package, call.first_text),
                self.dispatched(call, package),
            ],
            (Some("adapter"), _) => [None, None],
            (Some(owner), name) => [self.in_package_or_any(owner, name), None],
        }
    }

    /// What a bare name means in a macro of a package.
    fn named(&self, package: &str, name: &str) -> Option<&Arc<Macro>> {
        match OF_THE_ENGINE.contains(&name) {
            true => None,
            false => self.in_package_or_any(package, name),
        }
    }

    /// The macro of a package, or else of that name: of the root project, of the last package that
    /// has one, of sqlmill. Whatever stands before the dot, as in `text.replace()`, dbt reads it so.
    fn in_package_or_any(&self, package: &str, name: &str) -> Option<&Arc<Macro>> {
        self.in_package(package, name)
            .or_else(|| self.overriding(name))
    }

    fn dispatched(&self, call: &Call<'_>, package: &str) -> Option<&Arc<Macro>> {
        let namespace = Some(call.second_text).filter(|text| !text.is_empty());
        if let Some(namespace) = namespace
            && let Ok(found) = self.dispatch(package, call.first_text, Some(namespace))
        {
            return Some(found);
        }
        let adapters = self.search.adapters.iter().map(String::as_str);
        adapters.chain(["default"]).find_map(|adapter| {
            let name = format!("{adapter}__{}", call.first_text);
            let own = self.in_package(&self.search.root, &name);
            own.or_else(|| self.find(package, &name))
        })
    }
}

/// The parameters with their defaults, then what stands in the tags of the body.
fn code_of(found: &Macro) -> impl Iterator<Item = &str> {
    let header = &found.file.text()[found.block.header.clone()];
    let parameters = header.find('(').map(|at| &header[at..]);
    let body = &found.file.text()[found.block.body.clone()];
    let tags = scan::tags(body).filter(|tag| is_code(tag.kind));
    parameters
        .into_iter()
        .chain(tags.map(|tag| &body[tag.inner]))
}

fn is_code(kind: TagKind) -> bool {
    matches!(kind, TagKind::Block | TagKind::Print)
}

/// Functions of every template: a macro of such a name is none that its callers depend on.
const OF_THE_ENGINE: [&str; 26] = [
    "builtins",
    "config",
    "context",
    "dbt_version",
    "diff_of_two_dicts",
    "env_var",
    "flags",
    "fromjson",
    "fromyaml",
    "invocation_id",
    "local_md5",
    "log",
    "modules",
    "print",
    "ref",
    "return",
    "run_started_at",
    "set",
    "set_strict",
    "source",
    "target",
    "tojson",
    "toyaml",
    "var",
    "zip",
    "zip_strict",
];

const DISPATCH: (Option<&str>, &str) = (Some("adapter"), "dispatch");

/// `name(`, `package.name(`, `adapter.dispatch('text', 'text'`.
struct Call<'t> {
    path: &'t str,
    /// The first argument, where that is a plain text; else empty.
    first_text: &'t str,
    /// The second one, where both are.
    second_text: &'t str,
}

impl<'t> Call<'t> {
    fn of(path: &'t str, arguments: &'t str) -> Self {
        let (first_text, after) = quoted(arguments.trim_start());
        let after = after.trim_start().strip_prefix(',').unwrap_or_default();
        let after = after.trim_start();
        let named = after.strip_prefix("macro_namespace").unwrap_or(after);
        let value = named.trim_start().trim_start_matches('=').trim_start();
        Call {
            path,
            first_text,
            second_text: quoted(value).0,
        }
    }

    /// What stands before the first dot, and the rest.
    fn parts(&self) -> (Option<&'t str>, &'t str) {
        match self.path.split_once('.') {
            Some((owner, name)) => (Some(owner.trim_end()), name.trim_start()),
            None => (None, self.path),
        }
    }

    /// Whether it names a macro together with its package.
    fn has_package(&self) -> bool {
        self.parts().0.is_some() && self.parts() != DISPATCH
    }
}

/// Walks over the code of one tag; texts in quotes are passed over.
struct Calls<'t> {
    rest: &'t str,
}

impl<'t> Calls<'t> {
    fn of(code: &'t str) -> Self {
        Calls { rest: code }
    }
}

impl<'t> Iterator for Calls<'t> {
    type Item = Call<'t>;

    fn next(&mut self) -> Option<Call<'t>> {
        loop {
            let first = self.rest.chars().next()?;
            if first == '|' || first == '.' {
                // What follows is a filter, or a method of a value, whatever macros are called.
                self.rest = after_name(&self.rest[1..]);
            } else if first == '"' || first == '\'' {
                let (_, after) = quoted(self.rest);
                self.rest = after;
            } else if first.is_alphanumeric() || first == '_' {
                let (path, after) = self.rest.split_at(path_len(self.rest));
                self.rest = match path {
                    "is" => after_name(after_not(after)),
                    _ => after,
                };
                if let Some(arguments) = after.trim_start().strip_prefix('(') {
                    return Some(Call::of(path, arguments));
                }
            } else {
                self.rest = &self.rest[first.len_utf8()..];
            }
        }
    }
}

fn after_name(text: &str) -> &str {
    let text = text.trim_start();
    text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
}

/// What follows `is` or `is not`: the name of a test.
fn after_not(text: &str) -> &str {
    let name = text.trim_start();
    name.strip_prefix("not ").unwrap_or(name)
}

/// How many bytes a name and what dots add to it have; white space may stand around a dot.
fn path_len(text: &str) -> usize {
    let mut after = after_name(text);
    while let Some(more) = after.trim_start().strip_prefix('.') {
        after = after_name(more);
    }
    text.len() - after.len()
}

/// The content of the quoted text that stands at the start, and what follows it.
/// Without a quote at the start, the content is empty.
fn quoted(text: &str) -> (&str, &str) {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return ("", text);
    };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (&text[1..at], &text[at + 1..]),
            _ => {}
        }
    }
    (&text[1..], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Bag;
    use crate::base::SourceFile;
    use crate::jinja::registry::MacroFile;
    use crate::jinja::registry::Search;

    #[test]
    fn calls_are_read_off_the_text() {
        let text = "\
{% macro a() %}{{ return(adapter.dispatch('a', 'p')()) }}{% endmacro %}
{% macro default__a() %}{{ a() }}{{ p.b() }}{{ other.c() }}{% set x = b %}{{ a() }}{% endmacro %}
{% macro b() %}{{ 'a()' }}{# a() #}{% for x in default__a() %}{% endfor %}{{ x | c(1) }}{{ b() }}{% endmacro %}
{% macro d() %}{{ p.d() }}{{ adapter.dispatch('e', macro_namespace='q')() }}{% endmacro %}
{% macro f(of=p.b(), text='d()', itself=a) %}{{ d() }}{% endmacro %}
{% macro ref() %}{{ builtins\n .ref() }}{% endmacro %}
{% macro g() %}{{ ref() }}{{ x.b() }}{{ q.d() }}{{ x.only_q() }}{% endmacro %}
{% macro h() %}{{ x().b() }}{{ x[0].b() }}{{ 'x'.b() }}{{ x.y.b() }}{{ adapter.b() }}{{ 1\n is b() }}{{ 1 is not b(2) }}{% endmacro %}";
        let more = "{% macro only_q() %}{% endmacro %}{% macro b() %}{% endmacro %}";
        let other = "{% macro default__e() %}{% endmacro %}{% macro e() %}{% endmacro %}";
        let files =
            [("p", text), ("q", other), ("q", more), ("dbt", other)].map(|(package, text)| {
                MacroFile {
                    package: package.to_string(),
                    path: "macros/m.sql".to_string(),
                    file: SourceFile::new("macros/m.sql", "macros/m.sql", text),
                }
            });
        let search = Search {
            root: "p".to_string(),
            adapters: vec!["duckdb".to_string()],
            internal: vec!["dbt".to_string()],
            ..Search::default()
        };
        let registry = Registry::new(search, &files, &Bag::new());
        let rows = [
            ("a", vec!["macro.p.default__a"]),
            ("d", vec!["macro.p.d", "macro.q.e", "macro.q.default__e"]),
            ("f", vec!["macro.p.b", "macro.p.d"]),
            ("ref", vec!["macro.p.ref"]),
            ("g", vec!["macro.p.b", "macro.p.d", "macro.q.only_q"]),
            ("h", vec![]),
            ("default__a", vec!["macro.p.a", "macro.p.b"]),
            ("b", vec!["macro.p.default__a"]),
        ];
        for (name, expected) in rows {
            let found = registry.in_package("p", name).unwrap();
            assert_eq!(registry.called_by(found), expected, "{name}");
        }
    }
}
