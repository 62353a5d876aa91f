//! What the result of a parse depends on besides the files that it reads: the program, the settings of
//! the project and its packages, the target, variables, and the environment as far as it was asked.

use crate::adapter::Credentials;
use crate::base::Context;
use crate::base::fs;
use crate::cache::listing::Sum;
use crate::cache::listing::sum;
use crate::config::Flags;
use crate::project::Project;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// This call, as far as it decides what a parse finds.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    pub context: &'a Context,
    pub flags: &'a Flags,
    pub project: &'a Project,
    pub credentials: &'a Credentials,
}

/// Variables of the environment that were asked for, each with the sum of its value, or without one
/// where it was not set. Values may be secret, so they are not kept.
pub(super) type Asked = BTreeMap<String, Option<Sum>>;

impl Circumstances<'_> {
    /// When this call looks at the disk, in nanoseconds since 1970.
    pub(super) fn now(&self) -> i128 {
        self.context.started_at.as_nanosecond()
    }

    /// What has to be the same for anything of an earlier call to hold.
    pub(super) fn sum(&self) -> Sum {
        let mut text = String::new();
        // A fixed string formats without fail.
        let _ = write!(
            text,
            "{:?} {:?} {} {:?}",
            self.context.executable.as_deref().map(fs::stamp),
            self.project.root.root,
            self.project.profile.name,
            self.project.projects,
        );
        let facts = [
            Value::Object(self.credentials.target()),
            Value::Object(self.flags.vars.clone()),
            Value::from(self.credentials.kind()),
            Value::from(self.credentials.database.as_str()),
            Value::from(self.credentials.schema.as_str()),
            Value::from(self.flags.store_failures),
            Value::from(self.flags.debug),
        ];
        for fact in facts {
            let _ = write!(text, "\0{fact}");
        }
        for package in self.project.packages() {
            let own = package.settings.file.text();
            let _ = write!(text, "\0{}\0{:?}\0{own}", package.name, package.root);
        }
        sum(text.as_bytes())
    }

    /// What templates see as `flags`.
    pub(super) fn flags_sum(&self) -> Sum {
        let shown = Value::Object(self.flags.jinja_map());
        sum(shown.to_string().as_bytes())
    }

    /// The variables that this call asked for, and those that earlier ones did.
    pub(super) fn asked(&self, earlier: &Asked) -> Asked {
        let now = self.context.env_asked();
        let names = earlier.keys().cloned().chain(now);
        names
            .map(|name| (self.value(&name), name))
            .map(|(sum, name)| (name, sum))
            .collect()
    }

    /// Whether all variables have the values that an earlier call saw.
    pub(super) fn answers(&self, asked: &Asked) -> bool {
        asked.iter().all(|(name, sum)| self.value(name) == *sum)
    }

    fn value(&self, name: &str) -> Option<Sum> {
        let value = self.context.var(name)?;
        Some(sum(format!("{name}={value}").as_bytes()))
    }
}
