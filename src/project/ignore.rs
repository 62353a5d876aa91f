//! `.dbtignore`: files that are no part of a project, in the spelling of `.gitignore`.

use globset::GlobBuilder;
use globset::GlobSet;
use globset::GlobSetBuilder;

#[derive(Debug, Default)]
pub(super) struct Ignore {
    globs: GlobSet,
    /// For each glob: whether a match takes the file back in (`!pattern`).
    takes_back: Vec<bool>,
}

impl Ignore {
    /// Reads the file's text; a pattern that makes no sense matches nothing.
    pub(super) fn parse(text: &str) -> Self {
        let mut globs = GlobSetBuilder::new();
        let mut takes_back = Vec::new();
        for line in text.lines() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (back, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            for glob in spellings(pattern) {
                let built = GlobBuilder::new(&glob).literal_separator(true).build();
                if let Ok(glob) = built {
                    globs.add(glob);
                    takes_back.push(back);
                }
            }
        }
        Ignore {
            globs: globs.build().unwrap_or_default(),
            takes_back,
        }
    }

    /// Whether the last pattern that matches a path, relative to the project, leaves it out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        if self.takes_back.is_empty() {
            return false;
        }
        let last = self.globs.matches(path).into_iter().max();
        last.is_some_and(|at| !self.takes_back[at])
    }

    /// Whether nothing below a folder can be part of the project.
    pub(super) fn closes(&self, folder: &str) -> bool {
        !self.takes_back.contains(&true) && self.leaves_out(&format!("{folder}/\u{1}"))
    }
}

/// A pattern without `/` is meant at any depth; a match of a folder means all that is in it.
fn spellings(pattern: &str) -> Vec<String> {
    let only_folders = pattern.ends_with('/');
    let pattern = pattern.trim_end_matches('/').trim_start_matches('\\');
    let anchored = pattern.contains('/');
    let pattern = pattern.trim_start_matches('/');
    let start = if anchored { "" } else { "**/" };
    let mut spellings = vec![format!("{start}{pattern}/**")];
    if !only_folders {
        spellings.push(format!("{start}{pattern}"));
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out_as_in_gitignore() {
        let ignore = Ignore::parse(
            "# drafts\n\nold/\n*.tmp.sql\n/models/top.sql\nmodels/a/**\nb/*.sql\n!keep.tmp.sql\n",
        );
        let rows = [
            ("models/old/x.sql", true),
            ("old/deep/x.sql", true),
            ("models/old", false),
            ("models/x.tmp.sql", true),
            ("models/keep.tmp.sql", false),
            ("models/top.sql", true),
            ("models/sub/models/top.sql", false),
            ("models/a/b/c.sql", true),
            ("b/x.sql", true),
            ("b/c/x.sql", false),
            ("models/x.sql", false),
        ];
        for (path, out) in rows {
            assert_eq!(ignore.leaves_out(path), out, "{path}");
        }
        assert!(Ignore::parse("old/").closes("models/old"));
        assert!(!Ignore::parse("*.sql").closes("models"));
        assert!(!Ignore::default().leaves_out("x"));
    }
}
