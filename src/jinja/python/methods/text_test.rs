//! The questions one can ask a `str`: `isdigit`, `isupper`, ...

use super::text_split::is_space;
use crate::jinja::python::args::bind;
use crate::jinja::python::repr;
use minijinja::Error;
use minijinja::value::Value;

/// First digit of each run of ten decimal digits outside ASCII.
const DIGIT_RUNS: [u32; 22] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0xff10,
];

/// `None` where this file has no such method.
pub(super) fn call(s: &str, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let all = |test: fn(char) -> bool| !s.is_empty() && s.chars().all(test);
    let answer = match name {
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => s.is_ascii(),
        "isdecimal" => all(is_decimal),
        "isdigit" => all(|c| is_decimal(c) || is_raised_digit(c)),
        "isidentifier" => is_identifier(s),
        "islower" => is_cased(s, char::is_lowercase, char::is_uppercase),
        "isnumeric" => all(char::is_numeric),
        "isprintable" => s.chars().all(repr::is_printable),
        "isspace" => all(is_space),
        "istitle" => is_title(s),
        "isupper" => is_cased(s, char::is_uppercase, char::is_lowercase),
        _ => return None,
    };
    Some(bind(name, [], args).map(|_| Value::from(answer)))
}

fn is_decimal(c: char) -> bool {
    let code = u32::from(c);
    c.is_ascii_digit()
        || DIGIT_RUNS
            .iter()
            .any(|run| (*run..run + 10).contains(&code))
}

/// Superscripts and subscripts: digits, but no decimal ones.
fn is_raised_digit(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉')
}

fn is_identifier(s: &str) -> bool {
    let mut chars = s.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// At least one letter of the case, and none of the other.
fn is_cased(s: &str, wanted: fn(char) -> bool, unwanted: fn(char) -> bool) -> bool {
    s.chars().any(wanted) && !s.chars().any(unwanted)
}

fn is_title(s: &str) -> bool {
    let mut in_word = false;
    let mut any = false;
    for c in s.chars() {
        let fits = match (c.is_uppercase(), c.is_lowercase()) {
            (true, _) => !in_word,
            (_, true) => in_word,
            _ => true,
        };
        if !fits {
            return false;
        }
        in_word = c.is_uppercase() || c.is_lowercase();
        any |= in_word;
    }
    any
}
