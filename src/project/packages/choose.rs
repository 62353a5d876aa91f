//! Which release of a hub package meets everything that is asked of it.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::config::version;
use crate::config::version::Bound;
use crate::config::version::Requirement;
use crate::project::packages::hub::Record;
use crate::project::packages::hub::Release;

const CODE: &str = "package-version";

/// Whether releases that refuse our dbt version count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compatibility {
    Needed,
    Ignored,
}

/// All that the entries of one package ask of its version.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) bounds: Vec<Requirement>,
    pub(super) prereleases: bool,
    pub(super) compatibility: Compatibility,
}

/// Reads one bound; a mistake in it is told at the entry.
pub(super) fn bound(text: &str, place: &Place) -> Result<Requirement, Box<Diagnostic>> {
    Requirement::parse(text.trim()).ok_or_else(|| {
        let hint = match text.contains(',') {
            true => {
                let parts: Vec<String> = text
                    .split(',')
                    .map(|p| format!("\"{}\"", p.trim()))
                    .collect();
                format!("write a list: `version: [{}]`", parts.join(", "))
            }
            false => "a version has three numbers, as in `1.1.0` or `\">=1.1.0\"`".to_string(),
        };
        let message = format!("\"{text}\" is not a valid semantic version");
        Diagnostic::error(CODE, message)
            .at(place.clone())
            .hint(hint)
            .into()
    })
}

impl Wanted {
    /// The newest release within all bounds.
    pub(super) fn choose<'r>(
        &self,
        package: &str,
        record: &'r Record,
    ) -> Result<&'r Release, Box<Diagnostic>> {
        if !version::can_be_met(&self.bounds) {
            return Err(self.contradiction(package).into());
        }
        let offered = || record.releases.iter().filter(|r| self.counts(r));
        offered()
            .rev()
            .find(|release| self.bounds.iter().all(|b| b.allows(&release.version)))
            .ok_or_else(|| {
                let offered: Vec<&str> = offered().map(|r| r.number.as_str()).collect();
                self.no_match(package, &offered).into()
            })
    }

    /// Prereleases count when they are asked for, be it by a bound that names one.
    fn counts(&self, release: &Release) -> bool {
        let is_stable = |label: &str| label.is_empty();
        let named = || {
            self.bounds
                .iter()
                .any(|b| !is_stable(&b.version.prerelease))
        };
        (is_stable(&release.version.prerelease) || self.prereleases || named())
            && (release.is_compatible || self.compatibility == Compatibility::Ignored)
    }

    fn contradiction(&self, package: &str) -> Diagnostic {
        let options: Vec<String> = self
            .bounds
            .iter()
            .map(|bound| format!("'{bound}'"))
            .collect();
        let message = format!(
            "Version error for package {package}: Could not find a satisfactory version from options: [{}]",
            options.join(", ")
        );
        Diagnostic::error(CODE, message).hint(
            "packages that you ask for may ask for it too; loosen your own bound or change their versions",
        )
    }

    fn no_match(&self, package: &str, offered: &[&str]) -> Diagnostic {
        let quoted: Vec<String> = offered.iter().map(|number| format!("'{number}'")).collect();
        let (kind, title) = match self.compatibility {
            Compatibility::Needed => ("matching compatible", "Compatible"),
            Compatibility::Ignored => ("matching", "Available"),
        };
        let message = format!(
            "Could not find a {kind} version for package {package}\n  \
             Requested range: {}\n  {title} versions: [{}]",
            self.range(),
            quoted.join(", ")
        );
        let wrong = Diagnostic::error(CODE, message);
        match self.compatibility {
            Compatibility::Needed => wrong.hint(
                "versions that do not accept this dbt version are not shown; \
                 with `--no-version-check` they count too",
            ),
            Compatibility::Ignored => wrong,
        }
    }

    /// The tightest bounds of both sides; an exact version is both.
    fn range(&self) -> String {
        let is_upper = |b: &&Requirement| matches!(b.bound, Bound::Below | Bound::AtMost);
        if let Some(exact) = self.bounds.iter().find(|b| b.bound == Bound::Exactly) {
            return format!("{exact}, {exact}");
        }
        let order = |a: &&Requirement, b: &&Requirement| a.version.cmp(&b.version);
        let lower = self.bounds.iter().filter(|b| !is_upper(b)).max_by(order);
        let upper = self.bounds.iter().filter(is_upper).min_by(order);
        let sides: Vec<String> = [lower, upper]
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        sides.join(", ")
    }
}
