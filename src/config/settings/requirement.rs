//! `require-dbt-version`: whether a project or package accepts the dbt that we stand in for.

use crate::base::Bag;
use crate::base::DBT_VERSION;
use crate::base::Diagnostic;
use crate::config::settings::ProjectSettings;
use crate::config::settings::Written;
use crate::config::version;
use crate::config::version::Requirement;
use crate::config::version::Version;

const CODE: &str = "dbt-version";

impl ProjectSettings {
    /// Reports a requirement that is malformed, contradicts another, or rules us out.
    pub fn check_dbt_version(&self, bag: &Bag) {
        let written = &self.require_dbt_version;
        let Some(first) = written.first() else { return };
        let mut requirements = Vec::new();
        for item in written {
            for text in item.text.split(',') {
                match Requirement::parse(text.trim()) {
                    Some(requirement) => requirements.push(requirement),
                    None => return bag.add(malformed(item, text.trim())),
                }
            }
        }
        let ours = Version::parse(DBT_VERSION).expect("our own version is well formed");
        let told = if !version::can_be_met(&requirements) {
            "The package version requirement can never be satisfied for the"
        } else if requirements.iter().any(|r| !r.allows(&ours)) {
            "This version of dbt is not supported with the"
        } else {
            return;
        };
        let wanted: Vec<String> = requirements.iter().map(ToString::to_string).collect();
        bag.add(
            Diagnostic::error(CODE, format!("{told} '{}' package", self.name))
                .at(first.place.clone())
                .note(format!(
                    "needs {}, this is {DBT_VERSION}",
                    wanted.join(" and ")
                ))
                .hint("use another version of the package, or run with --no-version-check"),
        );
    }
}

fn malformed(item: &Written, text: &str) -> Diagnostic {
    let digits = text.trim_start_matches(['<', '>', '=', ' ']);
    let sign = text[..text.len() - digits.len()].trim();
    let mut numbers: Vec<&str> = digits.split('.').filter(|part| !part.is_empty()).collect();
    let is_short = numbers.len() < 3 && numbers.iter().all(|n| n.parse::<u64>().is_ok());
    let example = match is_short && !numbers.is_empty() {
        true => {
            numbers.resize(3, "0");
            format!("{sign}{}", numbers.join("."))
        }
        false => ">=1.8.0".to_string(),
    };
    Diagnostic::error(CODE, format!("\"{text}\" is not a valid semantic version"))
        .at(item.place.clone())
        .hint(format!("write all three numbers, as in `{example}`"))
}
