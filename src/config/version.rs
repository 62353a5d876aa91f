//! Versions such as `1.11.16` and requirements on them such as `>=1.8.0`, ordered as semantic
//! versioning says.

use std::cmp::Ordering;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    /// `rc1` of `1.0.0-rc1` or `1.0.0rc1`; empty for a release.
    pub prerelease: String,
}

/// One bound on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub bound: Bound,
    pub version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Exactly,
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Version {
    /// Reads `1.2.3`, `1.2.3-rc1` or `1.2.3rc1`, with or without build information (`+abc`).
    pub fn parse(text: &str) -> Option<Self> {
        let (text, build) = text.split_once('+').unwrap_or((text, "0"));
        if build.is_empty() || !build.chars().all(is_label) {
            return None;
        }
        let mut numbers = text.splitn(3, '.');
        let (major, minor, rest) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (patch, label) = rest.split_at(end);
        let prerelease = label.strip_prefix('-').unwrap_or(label);
        let fits = prerelease.chars().all(is_label) && (label.is_empty() || !prerelease.is_empty());
        if !fits {
            return None;
        }
        Some(Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.to_string(),
        })
    }
}

impl Requirement {
    /// Reads `>=1.2.3`; without a sign the version has to be met exactly.
    pub fn parse(text: &str) -> Option<Self> {
        let signs = [
            (">=", Bound::AtLeast),
            ("<=", Bound::AtMost),
            (">", Bound::Above),
            ("<", Bound::Below),
            ("=", Bound::Exactly),
        ];
        let found = signs
            .iter()
            .find_map(|(sign, bound)| Some((*bound, text.strip_prefix(sign)?)));
        let (bound, version) = found.unwrap_or((Bound::Exactly, text));
        Some(Requirement {
            bound,
            version: Version::parse(version)?,
        })
    }

    pub fn allows(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.bound {
            Bound::Exactly => order == Ordering::Equal,
            Bound::Above => order == Ordering::Greater,
            Bound::AtLeast => order != Ordering::Less,
            Bound::Below => order == Ordering::Less,
            Bound::AtMost => order != Ordering::Greater,
        }
    }
}

/// Whether some version meets all requirements.
pub fn can_be_met(requirements: &[Requirement]) -> bool {
    let lowest = requirements
        .iter()
        .filter(|r| !matches!(r.bound, Bound::Below | Bound::AtMost))
        .max_by(|a, b| a.version.cmp(&b.version));
    let highest = requirements
        .iter()
        .filter(|r| !matches!(r.bound, Bound::Above | Bound::AtLeast))
        .min_by(|a, b| a.version.cmp(&b.version));
    let (Some(lowest), Some(highest)) = (lowest, highest) else {
        return true;
    };
    match lowest.version.cmp(&highest.version) {
        Ordering::Less => requirements.iter().all(|r| {
            r.bound != Bound::Exactly || requirements.iter().all(|other| other.allows(&r.version))
        }),
        Ordering::Equal => requirements.iter().all(|r| r.allows(&lowest.version)),
        Ordering::Greater => false,
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |v: &Version| (v.major, v.minor, v.patch);
        numbers(self)
            .cmp(&numbers(other))
            .then_with(|| order_of_labels(&self.prerelease, &other.prerelease))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        match self.prerelease.is_empty() {
            true => Ok(()),
            false => write!(f, "-{}", self.prerelease),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.bound {
            Bound::Exactly => "=",
            Bound::Above => ">",
            Bound::AtLeast => ">=",
            Bound::Below => "<",
            Bound::AtMost => "<=",
        };
        write!(f, "{sign}{}", self.version)
    }
}

/// A release comes after its prereleases; labels compare part by part, numbers as numbers.
fn order_of_labels(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => label_parts(a).cmp(&label_parts(b)),
    }
}

/// `rc.10` and `rc10` as (number or 0, text) pairs.
fn label_parts(label: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    for part in label.split('.') {
        let digits = part
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(part.len());
        let (word, count) = part.split_at(digits);
        if !word.is_empty() {
            parts.push((0, word));
        }
        match count.parse() {
            Ok(number) => parts.push((number, "")),
            Err(_) if !count.is_empty() => parts.push((0, count)),
            Err(_) => {}
        }
    }
    parts
}

fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

fn number(text: &str) -> Option<u64> {
    let padded = text.len() > 1 && text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits && !padded).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let rising = [
            "0.9.9",
            "1.0.0-a1",
            "1.0.0-b2",
            "1.0.0-rc2",
            "1.0.0rc10",
            "1.0.0",
            "1.2.0",
            "1.11.16",
        ];
        for pair in rising.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|text| Version::parse(text).unwrap());
            assert!(a < b, "{a} < {b}");
        }
        for wrong in [
            "", "1", "1.0", "a.b.c", "01.0.0", "1.0.0-", "1.0.0 ", "1.0.-1",
        ] {
            assert_eq!(Version::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn requirements_allow_and_refuse() {
        let ours = Version::parse("1.11.16").unwrap();
        for (requirement, allowed) in [
            (">=1.0.0", true),
            ("<2.0.0", true),
            ("1.11.16", true),
            ("=1.11.16", true),
            (">1.11.16", false),
            ("<=1.11.15", false),
            (">=1.11.17-rc1", false),
            (">=1.11.16-rc1", true),
        ] {
            let parsed = Requirement::parse(requirement).unwrap();
            assert_eq!(parsed.allows(&ours), allowed, "{requirement}");
        }
        assert_eq!(Requirement::parse(">= 1.0.0"), None);
    }

    #[test]
    fn contradictions_are_seen() {
        let met = |all: &[&str]| {
            let parsed: Vec<_> = all.iter().map(|r| Requirement::parse(r).unwrap()).collect();
            can_be_met(&parsed)
        };
        assert!(met(&[]));
        assert!(met(&[">=1.0.0", "<2.0.0"]));
        assert!(met(&[">=1.0.0", "<=1.0.0"]));
        assert!(met(&["=1.5.0", ">1.0.0"]));
        assert!(!met(&[">2.0.0", "<1.0.0"]));
        assert!(!met(&[">=1.0.0", "<1.0.0"]));
        assert!(!met(&["1.0.0", "1.0.1"]));
        assert!(!met(&["=1.5.0", ">1.6.0"]));
    }
}
