//! Numbers of things in words: `1 model`, `2 data tests`, `3 analyses`.

/// A number with its noun, in dbt's plural.
pub(super) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {}", plural(noun)),
    }
}

/// `5 models, 1 seed`; kinds of which there are none are left out.
pub(super) fn listed(counts: &[(&str, usize)]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(noun, number)| counted(*number, noun))
        .collect();
    parts.join(", ")
}

fn plural(noun: &str) -> String {
    match noun {
        "test" => "data tests".to_string(),
        "analysis" => "analyses".to_string(),
        "saved query" => "saved queries".to_string(),
        "partial success" => "partial successes".to_string(),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        let counts = [
            ("model", 2),
            ("seed", 1),
            ("analysis", 0),
            ("test", 3),
            ("test", 1),
        ];
        assert_eq!(listed(&counts), "2 models, 1 seed, 3 data tests, 1 test");
        assert_eq!(counted(0, "partial success"), "0 partial successes");
    }
}
