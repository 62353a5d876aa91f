//! The index of public packages: which there are, in which versions, and what each version asks for.
//! Promise: each page is fetched once a call.

use crate::base::DBT_VERSION;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::version;
use crate::config::version::Requirement;
use crate::config::version::Version;
use crate::project::packages::http::Client;
use crate::project::packages::http::Failure;
use serde_json::Value;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const CODE: &str = "package-hub";

/// Names another index than the public one.
const ADDRESS_VARIABLE: &str = "DBT_PACKAGE_HUB_URL";

const ADDRESS: &str = "https://hub.getdbt.com";

pub(super) struct Hub<'a> {
    client: &'a Client<'a>,
    /// Without a slash at its end.
    address: String,
    names: OnceCell<Vec<String>>,
    records: RefCell<BTreeMap<String, Rc<Record>>>,
}

/// What the index says about one package.
#[derive(Debug)]
pub(super) struct Record {
    /// The oldest first.
    pub(super) releases: Vec<Release>,
    /// The package that is to be used in its place, where it has moved.
    pub(super) successor: Option<String>,
}

/// One version of a package.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) version: Version,
    /// The version as the index spells it.
    pub(super) number: String,
    /// Name of the project inside.
    pub(super) name: String,
    /// Entries of its own packages file.
    pub(super) packages: Value,
    pub(super) tarball: String,
    /// Sum of the tarball; `None` where the index has none.
    pub(super) sha1: Option<String>,
    /// Whether it accepts the dbt that we stand in for.
    pub(super) is_compatible: bool,
}

impl<'a> Hub<'a> {
    /// `address` is what the environment says, if anything.
    pub(super) fn new(client: &'a Client<'a>, address: Option<&str>) -> Self {
        Hub {
            client,
            address: address.unwrap_or(ADDRESS).trim_end_matches('/').to_string(),
            names: OnceCell::new(),
            records: RefCell::default(),
        }
    }

    /// The name of the variable that `new` wants the value of.
    pub(super) fn variable() -> &'static str {
        ADDRESS_VARIABLE
    }

    /// The record of a package that the index has to know.
    pub(super) fn record(&self, package: &str) -> Result<Rc<Record>, Box<Diagnostic>> {
        if let Some(record) = self.records.borrow().get(package) {
            return Ok(record.clone());
        }
        let names = self.names()?;
        if !names.iter().any(|name| name == package) {
            return Err(unknown(package, names).into());
        }
        let page = self.page(&format!("{package}.json"))?;
        let record = Rc::new(record(&page));
        let mut records = self.records.borrow_mut();
        records.insert(package.to_string(), record.clone());
        Ok(record)
    }

    fn names(&self) -> Result<&[String], Box<Diagnostic>> {
        if self.names.get().is_none() {
            let page = self.page("index.json")?;
            let names = page.as_array().into_iter().flatten();
            let names = names.filter_map(|name| Some(name.as_str()?.to_string()));
            self.names.get_or_init(|| names.collect());
        }
        Ok(self.names.get().map_or(&[], Vec::as_slice))
    }

    fn page(&self, name: &str) -> Result<Value, Box<Diagnostic>> {
        let address = format!("{}/api/v1/{name}", self.address);
        let bytes = self
            .client
            .get(&address)
            .map_err(|failure| unreachable(&address, &failure))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let message = format!("`{address}` is not a page of a package index: {error}");
            Diagnostic::error(CODE, message)
                .hint(format!("check the variable {ADDRESS_VARIABLE}"))
                .into()
        })
    }
}

impl Record {
    /// The newest release that counts, or the newest prerelease where there is nothing else.
    pub(super) fn latest(&self, counts: impl Fn(&Release) -> bool) -> Option<&Release> {
        let mut releases = self.releases.iter().rev().filter(|release| counts(release));
        let newest = releases.clone().next();
        releases
            .find(|release| release.version.prerelease.is_empty())
            .or(newest)
    }
}

fn record(page: &Value) -> Record {
    let versions = page["versions"].as_object().into_iter().flatten();
    let mut releases: Vec<Release> = versions
        .filter_map(|(number, entry)| release(number, entry))
        .collect();
    releases.sort_by(|a, b| a.version.cmp(&b.version));
    Record {
        releases,
        successor: successor(page),
    }
}

fn release(number: &str, entry: &Value) -> Option<Release> {
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_string)
    };
    Some(Release {
        version: Version::parse(number)?,
        number: number.to_string(),
        name: text(&entry["name"])?,
        packages: entry["packages"].clone(),
        tarball: text(&entry["downloads"]["tarball"])?,
        sha1: text(&entry["downloads"]["sha1"]),
        is_compatible: is_compatible(&entry["require_dbt_version"]),
    })
}

/// The fields are both empty where a package has not moved; one may be missing where only the
/// owner or only the name has changed.
fn successor(page: &Value) -> Option<String> {
    let field = |key: &str| page[key].as_str().filter(|text| !text.is_empty());
    let (owner, name) = (field("redirectnamespace"), field("redirectname"));
    if owner.is_none() && name.is_none() {
        return None;
    }
    let owner = owner.or(field("namespace"))?;
    let name = name.or(field("name"))?;
    Some(format!("{owner}/{name}"))
}

/// No requirement, or one that cannot be understood, excludes nobody.
fn is_compatible(requirements: &Value) -> bool {
    let ours = Version::parse(DBT_VERSION).expect("our own version is well formed");
    let texts: Vec<&str> = match requirements {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => text.split(',').collect(),
        _ => Vec::new(),
    };
    let requirements: Vec<Requirement> = texts
        .iter()
        .filter_map(|text| Requirement::parse(text.trim()))
        .collect();
    version::can_be_met(&requirements) && requirements.iter().all(|one| one.allows(&ours))
}

fn unknown(package: &str, names: &[String]) -> Diagnostic {
    let message = format!("Package {package} was not found in the package index");
    let offer = nearest(package, names.iter().map(String::as_str)).or(same_name(package, names));
    Diagnostic::error(CODE, message)
        .maybe_hint(offer.map(|offer| format!("did you mean `{offer}`?")))
}

/// A package of the same name and another owner.
fn same_name<'n>(package: &str, names: &'n [String]) -> Option<&'n str> {
    let name = |package: &'n str| package.rsplit('/').next();
    let wanted = package.rsplit('/').next();
    let mut names = names.iter().map(String::as_str);
    names.find(|known| name(known) == wanted)
}

fn unreachable(address: &str, failure: &Failure) -> Diagnostic {
    let message = format!("cannot read the package index at `{address}`: {failure}");
    let hint = match failure {
        Failure::Settings(_) => "mend the variable, or take it out of the environment",
        _ => {
            "packages that are installed already keep working; behind a proxy set HTTPS_PROXY, \
             and without a network name folders with `local:`"
        }
    };
    Diagnostic::error(CODE, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_package_may_have_moved() {
        let page = |owner: &str, name: &str| json!({"namespace": "fish", "name": "town", "redirectnamespace": owner, "redirectname": name});
        assert_eq!(successor(&page("", "")), None);
        assert_eq!(successor(&page("dbt", "")).as_deref(), Some("dbt/town"));
        assert_eq!(successor(&page("", "city")).as_deref(), Some("fish/city"));
    }

    #[test]
    fn the_newest_release_goes_before_a_newer_prerelease() {
        let entry = json!({"name": "x", "downloads": {"tarball": "x"}});
        let page = |numbers: &[&str]| {
            let versions: serde_json::Map<String, Value> = numbers
                .iter()
                .map(|number| (number.to_string(), entry.clone()))
                .collect();
            record(&json!({"versions": versions}))
        };
        let latest = |numbers: &[&str]| {
            page(numbers)
                .latest(|_| true)
                .map(|release| release.number.clone())
        };
        assert_eq!(
            latest(&["1.10.0", "1.9.0", "2.0.0-rc1"]).as_deref(),
            Some("1.10.0")
        );
        assert_eq!(
            latest(&["0.1.0-a1", "0.1.0-b1"]).as_deref(),
            Some("0.1.0-b1")
        );
        assert_eq!(latest(&["one"]), None);
    }

    #[test]
    fn requirements_of_a_release() {
        for (requirements, compatible) in [
            (json!([]), true),
            (json!([">=1.0.0", "<2.0.0"]), true),
            (json!([">=0.10.0", "<1.0.0"]), false),
            (json!(">=1.3.0,<2.0.0"), true),
            (json!(["soon"]), true),
            (json!(null), true),
        ] {
            assert_eq!(is_compatible(&requirements), compatible, "{requirements}");
        }
    }
}
