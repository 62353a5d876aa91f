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
        let text = &found.file.text()[found.block.body.clone()];
        let mut ids: Vec<&str> = Vec::new();
        for tag in scan::tags(text).filter(|tag| is_code(tag.kind)) {
            for call in Calls::of(&text[tag.inner.clone()]) {
                let called = self.meant(&call, &found.package);
                if let Some(called) = called.map(|called| called.unique_id.as_str())
                    && (called != found.unique_id || call.has_package())
                    && !ids.contains(&called)
                {
                    ids.push(called);
                }
            }
        }
        ids
    }

    fn meant(&self, call: &Call<'_>, package: &str) -> Option<&Macro> {
        let found = match call.path.split_once('.') {
            None => self.find(package, call.path),
            Some(("adapter", "dispatch")) => self.dispatched(call, package),
            Some((owner, name)) => self.in_package(owner, name),
        };
        found.map(|found| &**found)
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

fn is_code(kind: TagKind) -> bool {
    matches!(kind, TagKind::Block | TagKind::Print)
}

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

    /// Whether it names a macro together with its package.
    fn has_package(&self) -> bool {
        self.path.contains('.') && self.path != "adapter.dispatch"
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
            if first == '|' {
                // What follows is a filter, whatever macros are called.
                let after = self.rest[1..].trim_start();
                self.rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                continue;
            }
            if first == '"' || first == '\'' {
                let (_, after) = quoted(self.rest);
                self.rest = after;
            } else if first.is_alphanumeric() || first == '_' {
                let len = self.rest.find(|c| !is_path(c)).unwrap_or(self.rest.len());
                let (path, after) = self.rest.split_at(len);
                self.rest = after;
                if let Some(arguments) = after.trim_start().strip_prefix('(') {
                    return Some(Call::of(path, arguments));
                }
            } else {
                self.rest = &self.rest[first.len_utf8()..];
            }
        }
    }
}

fn is_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
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
{% macro d() %}{{ p.d() }}{{ adapter.dispatch('e', macro_namespace='q')() }}{% endmacro %}";
        let other = "{% macro default__e() %}{% endmacro %}";
        let files = [("p", text), ("q", other), ("dbt", other)].map(|(package, text)| MacroFile {
            package: package.to_string(),
            path: "macros/m.sql".to_string(),
            file: SourceFile::new("macros/m.sql", "macros/m.sql", text),
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
            ("d", vec!["macro.p.d", "macro.q.default__e"]),
            ("default__a", vec!["macro.p.a", "macro.p.b"]),
            ("b", vec!["macro.p.default__a"]),
        ];
        for (name, expected) in rows {
            let found = registry.in_package("p", name).unwrap();
            assert_eq!(registry.called_by(found), expected, "{name}");
        }
    }
}
