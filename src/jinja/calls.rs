//! Which macros a macro calls, read off its text: for the manifest and for change detection.

use crate::jinja::registry::Macro;
use crate::jinja::registry::Registry;
use crate::jinja::scan;
use crate::jinja::scan::TagKind;

impl Registry {
    /// Ids of the macros that a macro calls, in the order of their first call, without itself.
    /// A dispatch counts as a call of the macro it would find now.
    pub fn called_by(&self, found: &Macro) -> Vec<&str> {
        let text = &found.file.text[found.block.body.clone()];
        let mut ids: Vec<&str> = Vec::new();
        for tag in scan::tags(text).filter(|tag| is_code(tag.kind)) {
            for call in Calls::of(&text[tag.inner.clone()]) {
                let called = self.meant(&call, &found.package);
                if let Some(called) = called.map(|called| called.unique_id.as_str())
                    && called != found.unique_id
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
            Some(("adapter", "dispatch")) => {
                let adapters = self.search.adapters.iter().map(String::as_str);
                adapters.chain(["default"]).find_map(|adapter| {
                    let name = format!("{adapter}__{}", call.first_text);
                    let own = self.in_package(&self.search.root, &name);
                    own.or_else(|| self.find(package, &name))
                })
            }
            Some((owner, name)) => self.in_package(owner, name),
        };
        found.map(|found| &**found)
    }
}

fn is_code(kind: TagKind) -> bool {
    matches!(kind, TagKind::Block | TagKind::Print)
}

/// `name(`, `package.name(`, `adapter.dispatch('text'`.
struct Call<'t> {
    path: &'t str,
    /// The first argument, where that is a plain text.
    first_text: &'t str,
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
                    let first_text = quoted(arguments.trim_start()).0;
                    return Some(Call { path, first_text });
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
{% macro b() %}{{ 'a()' }}{# a() #}{% for x in default__a() %}{% endfor %}{{ x | c(1) }}{{ b() }}{% endmacro %}";
        let file = SourceFile::new("macros/m.sql", "macros/m.sql", text);
        let files = [MacroFile {
            package: "p".to_string(),
            path: "macros/m.sql".to_string(),
            file,
        }];
        let search = Search {
            root: "p".to_string(),
            adapters: vec!["duckdb".to_string()],
            ..Search::default()
        };
        let registry = Registry::new(search, &files, &Bag::new());
        let rows = [
            ("a", vec!["macro.p.default__a"]),
            ("default__a", vec!["macro.p.a", "macro.p.b"]),
            ("b", vec!["macro.p.default__a"]),
        ];
        for (name, expected) in rows {
            let found = registry.in_package("p", name).unwrap();
            assert_eq!(registry.called_by(found), expected, "{name}");
        }
    }
}
