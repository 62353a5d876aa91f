//! Wildcards as shells and Python's fnmatch know them: `*`, `?`, `[abc]`, `[a-z]`, `[!a]`.
//! Letters count as written. A `[` that is never closed stands for itself.

/// A text with wildcards, read once and compared with many names.
#[derive(Debug)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Debug, PartialEq)]
enum Token {
    Char(char),
    Any,
    Run,
    OneOf {
        ranges: Vec<(char, char)>,
        is_inverted: bool,
    },
}

/// Whether a text says more than itself.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', ']'])
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut tokens = Vec::with_capacity(chars.len());
        let mut at = 0;
        while at < chars.len() {
            let (token, len) = token(&chars[at..]);
            if token != Token::Run || tokens.last() != Some(&Token::Run) {
                tokens.push(token);
            }
            at += len;
        }
        Pattern { tokens }
    }

    /// Whether the whole text fits.
    pub(super) fn fits(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut at = 0;
        // Where to take up again after the last `*`: its follower, and the text it has not eaten yet.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            if let Some(Token::Run) = self.tokens.get(at) {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            match (self.tokens.get(at), rest.next()) {
                (None, None) => return true,
                (Some(token), Some(c)) if token.fits(c) => at += 1,
                _ => {
                    let Some((follower, eaten)) = &mut retry else {
                        return false;
                    };
                    if eaten.next().is_none() {
                        return false;
                    }
                    (at, rest) = (*follower, eaten.clone());
                }
            }
        }
    }
}

impl Token {
    fn fits(&self, c: char) -> bool {
        match self {
            Token::Char(own) => *own == c,
            Token::Any | Token::Run => true,
            Token::OneOf {
                ranges,
                is_inverted,
            } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *is_inverted,
        }
    }
}

/// The first token and how many characters it takes.
fn token(chars: &[char]) -> (Token, usize) {
    match chars[0] {
        '*' => (Token::Run, 1),
        '?' => (Token::Any, 1),
        '[' => one_of(&chars[1..]).unwrap_or((Token::Char('['), 1)),
        c => (Token::Char(c), 1),
    }
}

/// The choice after a `[`; `None` where no `]` closes it. A `]` in first place is a member.
fn one_of(chars: &[char]) -> Option<(Token, usize)> {
    let is_inverted = chars.first() == Some(&'!');
    let start = usize::from(is_inverted);
    let len = chars.get(start + 1..)?.iter().position(|c| *c == ']')? + 1;
    let members = &chars[start..start + len];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < members.len() {
        match members[at..] {
            [low, '-', high, ..] => {
                ranges.push((low, high));
                at += 3;
            }
            [one, ..] => {
                ranges.push((one, one));
                at += 1;
            }
            [] => break,
        }
    }
    let token = Token::OneOf {
        ranges,
        is_inverted,
    };
    Some((token, start + len + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        let rows = [
            ("stg_*", "stg_orders", true),
            ("stg_*", "xstg_orders", false),
            ("*", "", true),
            ("a*b*c", "a.b.b.c", true),
            ("a*b*c", "a.b.b.d", false),
            ("*ab", "aab", true),
            ("?", "", false),
            ("?", "é", true),
            ("[abc]x", "bx", true),
            ("[!abc]x", "bx", false),
            ("[a-c]x", "bx", true),
            ("[]]", "]", true),
            ("[x", "[x", true),
            ("a**b", "ab", true),
            ("Ab", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(
                Pattern::new(pattern).fits(text),
                expected,
                "{pattern} {text}"
            );
        }
    }
}
