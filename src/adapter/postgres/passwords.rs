//! The password file: `host:port:database:user:password` on each line, as libpq reads it.

use crate::adapter::credentials::PostgresProfile;
use crate::base::Context;
use crate::base::fs;
use std::path::PathBuf;

/// The password of the first line that fits; `None` without a file, or where others may read it.
pub(super) fn look_up(profile: &PostgresProfile, context: &Context) -> Option<String> {
    let path = match context.var("PGPASSFILE").filter(|path| !path.is_empty()) {
        Some(path) => context.cwd.join(path),
        None => usual_path(context)?,
    };
    if !fs::is_private(&path) {
        return None;
    }
    let text = fs::read_text(&path, "password file").ok()?;
    // A local socket goes by this name there.
    let host = match profile.host.starts_with(['/', '@']) {
        true => "localhost",
        false => profile.host.as_str(),
    };
    let port = profile.port.to_string();
    let asked = [host, &port, &profile.database, &profile.user];
    text.lines().find_map(|line| password(line, asked))
}

fn usual_path(context: &Context) -> Option<PathBuf> {
    match (cfg!(windows), context.var("APPDATA")) {
        (true, Some(folder)) => Some(PathBuf::from(folder).join("postgresql").join("pgpass.conf")),
        _ => Some(context.home.as_ref()?.join(".pgpass")),
    }
}

fn password(line: &str, asked: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for wanted in asked {
        let (field, behind) = field(rest)?;
        if rest[..rest.len() - behind.len() - 1] != *"*" && field != wanted {
            return None;
        }
        rest = behind;
    }
    let password = field(rest).map_or_else(|| unescaped(rest), |(password, _)| password);
    Some(password)
}

/// What stands before the next colon, and what behind it; a backslash keeps the next character.
fn field(text: &str) -> Option<(String, &str)> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ':' => return Some((unescaped(&text[..at]), &text[at + 1..])),
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_whole_or_by_stars() {
        let asked = ["h", "5432", "d:b", "u"];
        let rows = [
            ("h:5432:d\\:b:u:secret", Some("secret")),
            ("*:*:*:u:s\\:e\\\\c", Some("s:e\\c")),
            ("*:*:*:u:a:ignored", Some("a")),
            ("\\*:*:*:u:a", None),
            ("h:5433:*:u:a", None),
            ("# h:5432:*:u:a", None),
            ("h:5432", None),
        ];
        for (line, expected) in rows {
            assert_eq!(password(line, asked).as_deref(), expected, "{line}");
        }
    }
}
