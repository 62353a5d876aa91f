//! `lipsum`: text that means nothing, for a page or column that waits for its own.
//! Promise: the same call gives the same text, where Jinja2's is another one each time.

use crate::jinja::Args;
use minijinja::Error;
use minijinja::value::Value;

#[rustfmt::skip]
const WORDS: [&str; 32] = [
    "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "do",
    "eiusmod", "tempor", "incididunt", "ut", "labore", "et", "dolore", "magna", "aliqua", "enim",
    "minim", "veniam", "quis", "nostrud", "exercitation", "ullamco", "laboris", "nisi", "aliquip",
    "ex", "ea", "commodo",
];

/// `lipsum(n, html, min, max)`: `n` paragraphs of `min` to `max - 1` words each.
pub(super) fn lipsum(mut args: Args) -> Result<Value, Error> {
    let count = args.optional_int("n")?.unwrap_or(5);
    let html = args.optional("html").is_none_or(|html| html.is_true());
    let min = args.optional_int("min")?.unwrap_or(20);
    let max = args.optional_int("max")?.unwrap_or(100);
    args.finish()?;
    let span = (max - min).max(1);
    let paragraphs = (0..count).map(|at| paragraph(at, min + at * 37 % span));
    Ok(Value::from(match html {
        true => joined(paragraphs.map(|text| format!("<p>{text}</p>")), "\n"),
        false => joined(paragraphs, "\n\n"),
    }))
}

fn joined(paragraphs: impl Iterator<Item = String>, between: &str) -> String {
    paragraphs.collect::<Vec<_>>().join(between)
}

/// Sentences of eight words; each paragraph begins at another word.
fn paragraph(number: i64, words: i64) -> String {
    let mut text = String::new();
    for at in 0..words {
        let word = WORDS[((number * 5 + at) % WORDS.len() as i64) as usize];
        if at % 8 > 0 {
            text.push(' ');
            text.push_str(word);
            continue;
        }
        text.push_str(if at > 0 { ". " } else { "" });
        text.push_str(&word[..1].to_uppercase());
        text.push_str(&word[1..]);
    }
    text.push('.');
    text
}
