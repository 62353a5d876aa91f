//! From entries to packages: which there are, in which version, and where their files come from.
//! Entries of packages count like those of the project, so that all agree on one version.
//! Promise: of one place there is one package, and no two have the same name.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::project::packages::choose;
use crate::project::packages::choose::Compatibility;
use crate::project::packages::choose::Wanted;
use crate::project::packages::fetch;
use crate::project::packages::git;
use crate::project::packages::http::Client;
use crate::project::packages::hub::Hub;
use crate::project::packages::names;
use crate::project::packages::spec;
use crate::project::packages::spec::Origin;
use crate::project::packages::spec::Spec;
use crate::project::render::Renderer;
use std::collections::VecDeque;
use std::path::Path;
use std::path::PathBuf;

/// The project that packages are resolved for, and where they are fetched from.
#[derive(Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
    pub(super) renderer: &'a Renderer,
    /// What `~` stands for.
    pub(super) user_home: Option<&'a Path>,
    pub(super) client: &'a Client<'a>,
    pub(super) hub: &'a Hub<'a>,
    pub(super) compatibility: Compatibility,
}

/// A package that is ready to be installed.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) name: String,
    pub(super) spec: Spec,
    pub(super) content: Content,
}

/// Where the files of a package are now.
#[derive(Debug)]
pub(super) enum Content {
    /// In a folder that stays there.
    Folder(PathBuf),
    /// In a folder of our own that goes away with this value.
    Unpacked(fetch::Unpacked),
    /// The same, with the package in a folder below the repository's.
    Checkout {
        repository: git::Checkout,
        folder: PathBuf,
    },
    /// On a server still.
    Release {
        number: String,
        tarball: String,
        sha1: Option<String>,
        /// The newest version there is.
        latest: String,
    },
}

/// An entry, and the packages on whose behalf it is asked for, the outermost first.
struct Asked {
    spec: Spec,
    trail: Vec<String>,
}

/// What is known of one package so far.
struct Known {
    key: String,
    wanted: Wanted,
    resolved: Resolved,
}

/// Everything that entries ask for, themselves and through the packages they name.
pub(super) fn declared(home: &Home<'_>, specs: &[Spec], bag: &Bag) -> Option<Vec<Resolved>> {
    let trail = Vec::new();
    let mut waiting: VecDeque<Asked> = asked(specs.to_vec(), &trail).collect();
    let mut known: Vec<Known> = Vec::new();
    while let Some(Asked { spec, mut trail }) = waiting.pop_front() {
        let key = key(home, &spec.origin);
        if trail.contains(&key) {
            bag.add(circle(&spec, &trail, &key));
            return None;
        }
        let at = known.iter().position(|known| known.key == key);
        let own = match at {
            Some(at) => home.again(&mut known[at], &spec, bag)?,
            None => {
                let (found, own) = home.first(key.clone(), spec, bag)?;
                known.push(found);
                own
            }
        };
        trail.push(key);
        waiting.extend(asked(own, &trail));
    }
    let resolved: Vec<Resolved> = known.into_iter().map(|known| known.resolved).collect();
    names::check(home.name, &resolved, bag)?;
    Some(resolved)
}

/// What a lock file lists: complete as it is.
pub(super) fn locked(home: &Home<'_>, specs: &[Spec], bag: &Bag) -> Option<Vec<Resolved>> {
    let resolved: Option<Vec<Resolved>> = specs
        .iter()
        .map(|spec| {
            let mut wanted = home.wanted(spec, bag)?;
            wanted.compatibility = Compatibility::Ignored;
            let (name, content) = home.content(spec, &wanted, bag)?;
            Some(Resolved {
                name,
                spec: spec.clone(),
                content,
            })
        })
        .collect();
    resolved.filter(|resolved| names::check(home.name, resolved, bag).is_some())
}

fn asked<'t>(specs: Vec<Spec>, trail: &'t [String]) -> impl Iterator<Item = Asked> + 't {
    specs.into_iter().map(|spec| Asked {
        spec,
        trail: trail.to_vec(),
    })
}

impl Home<'_> {
    /// A package that nobody has asked for yet, and what it asks for itself.
    fn first(&self, key: String, spec: Spec, bag: &Bag) -> Option<(Known, Vec<Spec>)> {
        let wanted = self.wanted(&spec, bag)?;
        let (name, content) = self.content(&spec, &wanted, bag)?;
        let known = Known {
            key,
            wanted,
            resolved: Resolved {
                name,
                spec,
                content,
            },
        };
        let own = self.entries(&known.resolved, bag)?;
        Some((known, own))
    }

    /// One more entry for a package: its version changes where the entry is stricter.
    /// Returns what the package asks for, as far as that is new.
    fn again(&self, known: &mut Known, spec: &Spec, bag: &Bag) -> Option<Vec<Spec>> {
        if let (Some(one), Some(other)) = (
            known.resolved.spec.origin.repository(),
            spec.origin.repository(),
        ) && one.revision != other.revision
        {
            let revisions = [one.revision, other.revision].map(|r| r.unwrap_or("HEAD"));
            bag.add(two_revisions(
                &known.resolved.spec,
                spec,
                one.shown,
                revisions,
            ));
            return None;
        }
        let Content::Release { number, .. } = &known.resolved.content else {
            return Some(Vec::new());
        };
        let number = number.clone();
        let more = self.wanted(spec, bag)?;
        known.wanted.bounds.extend(more.bounds);
        known.wanted.prereleases |= more.prereleases;
        let (_, content) = self.content(spec, &known.wanted, bag)?;
        known.resolved.content = content;
        match &known.resolved.content {
            Content::Release { number: now, .. } if *now == number => Some(Vec::new()),
            _ => self.entries(&known.resolved, bag),
        }
    }

    /// The package's name and where its files are; fetched as far as that needs.
    fn content(&self, spec: &Spec, wanted: &Wanted, bag: &Bag) -> Option<(String, Content)> {
        let found = match &spec.origin {
            Origin::Local { path } => Ok(Content::Folder(self.local_folder(path))),
            Origin::Tarball { address, sha1, .. } => self.tarball(address, sha1.as_deref()),
            Origin::Hub { package, .. } => {
                let release = self.release(package, wanted, spec, bag);
                return release
                    .map_err(|wrong| bag.add(wrong.or_at(spec.place.clone())))
                    .ok();
            }
            Origin::Git { .. } | Origin::Private { .. } => self.checkout(spec),
        };
        match found {
            Ok(content) => {
                let own_name = names::of(content.folder()?, spec, bag)?;
                // A tarball is installed under the name that its entry gives.
                let name = match &spec.origin {
                    Origin::Tarball { name, .. } => name.clone(),
                    _ => own_name,
                };
                Some((name, content))
            }
            Err(wrong) => {
                bag.add(wrong.or_at(spec.place.clone()));
                None
            }
        }
    }

    /// The bounds that an entry sets; a version that is none is told.
    fn wanted(&self, spec: &Spec, bag: &Bag) -> Option<Wanted> {
        let (versions, prereleases) = match &spec.origin {
            Origin::Hub {
                versions,
                prereleases,
                ..
            } => (versions.as_slice(), *prereleases),
            _ => (&[][..], false),
        };
        let bounds = versions.iter().map(|text| choose::bound(text, &spec.place));
        match bounds.collect() {
            Ok(bounds) => Some(Wanted {
                bounds,
                prereleases,
                compatibility: self.compatibility,
            }),
            Err(wrong) => {
                bag.add(*wrong);
                None
            }
        }
    }

    fn local_folder(&self, path: &str) -> PathBuf {
        let expanded = match (path.strip_prefix("~/"), self.user_home) {
            (Some(rest), Some(user_home)) => user_home.join(rest),
            _ => self.folder.join(path),
        };
        fs::canonical(&expanded)
    }

    fn tarball(&self, address: &str, sha1: Option<&str>) -> Result<Content, Box<Diagnostic>> {
        let packed = fetch::tarball(self.client, self.folder, address)?;
        if let Some(sha1) = sha1
            && let Err(found) = packed.check(sha1)
        {
            let message = format!("`{address}` has the SHA-1 sum {found}, and `sha1` says {sha1}");
            return Err(Diagnostic::error("package-checksum", message)
                .hint("the archive has changed since; look at it before you change `sha1`")
                .into());
        }
        packed.unpack(self.folder).map(Content::Unpacked)
    }

    fn checkout(&self, spec: &Spec) -> Result<Content, Box<Diagnostic>> {
        let source = spec.origin.repository();
        let source = source.expect("only packages in a repository are checked out");
        let repository = git::checkout(&source, self.folder)?;
        let root = repository.folder.path();
        let folder = source
            .subdirectory
            .map_or(root.to_path_buf(), |below| root.join(below));
        if !fs::is_dir(&folder) {
            let below = source.subdirectory.unwrap_or_default();
            let message = format!("`{}` has no folder `{below}`", source.shown);
            return Err(Diagnostic::error("package-git", message)
                .hint("`subdirectory` is the folder of the dbt_project.yml, from the repository's root")
                .into());
        }
        Ok(Content::Checkout { repository, folder })
    }

    fn release(
        &self,
        package: &str,
        wanted: &Wanted,
        spec: &Spec,
        bag: &Bag,
    ) -> Result<(String, Content), Box<Diagnostic>> {
        let record = self.hub.record(package)?;
        if let Some(successor) = &record.successor {
            bag.add(moved(package, successor).at(spec.place.clone()));
        }
        let release = wanted.choose(package, &record)?;
        let all = self.compatibility == Compatibility::Ignored;
        let latest = record.latest(|release| all || release.is_compatible);
        let content = Content::Release {
            number: release.number.clone(),
            tarball: release.tarball.clone(),
            sha1: release.sha1.clone(),
            latest: latest.unwrap_or(release).number.clone(),
        };
        Ok((release.name.clone(), content))
    }

    /// What a package asks for itself.
    fn entries(&self, package: &Resolved, bag: &Bag) -> Option<Vec<Spec>> {
        match (&package.spec.origin, &package.content) {
            (Origin::Hub { package: id, .. }, Content::Release { number, .. }) => {
                let record = self.hub.record(id).ok()?;
                let release = record.releases.iter().find(|r| r.number == *number)?;
                Some(spec::listed(&release.packages, &package.spec.place, bag))
            }
            (_, content) => {
                let own = spec::declared_in(content.folder()?, self.renderer, bag)?;
                Some(own.specs)
            }
        }
    }
}

impl Content {
    /// `None` while the files are on a server.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Content::Folder(folder) | Content::Checkout { folder, .. } => Some(folder),
            Content::Unpacked(unpacked) => Some(&unpacked.folder),
            Content::Release { .. } => None,
        }
    }
}

/// What makes two entries speak of the same package.
fn key(home: &Home<'_>, origin: &Origin) -> String {
    if let Some(repository) = origin.repository() {
        let address = repository
            .shown
            .trim_end_matches('/')
            .trim_end_matches(".git");
        let below = repository.subdirectory.map(|below| format!("/{below}"));
        return format!("{address}{}", below.unwrap_or_default());
    }
    match origin {
        Origin::Hub { package, .. } => package.clone(),
        Origin::Tarball { address, .. } => address.clone(),
        Origin::Local { path } => home.local_folder(path).display().to_string(),
        Origin::Git { address, .. } | Origin::Private { address, .. } => address.clone(),
    }
}

fn circle(spec: &Spec, trail: &[String], key: &str) -> Diagnostic {
    let from = trail.iter().position(|step| step == key).unwrap_or(0);
    let mut steps = trail[from..].to_vec();
    steps.push(key.to_string());
    let message = format!("packages ask for each other: {}", steps.join(" -> "));
    Diagnostic::error("package-cycle", message)
        .at(spec.place.clone())
        .hint("one of them has to stop asking for the other")
}

fn two_revisions(one: &Spec, other: &Spec, shown: &str, revisions: [&str; 2]) -> Diagnostic {
    let message = format!(
        "git dependencies should contain exactly one version. {shown} contains: {{'{}', '{}'}}",
        revisions[0], revisions[1]
    );
    Diagnostic::error("package-version", message)
        .at(other.place.clone())
        .related(one.place.clone(), "asked for here in the other one")
        .hint("give the same `revision` in both entries")
}

fn moved(package: &str, successor: &str) -> Diagnostic {
    let message = format!(
        "The `{package}` package is deprecated in favor of `{successor}`. \
         Please update your `packages.yml` configuration to use `{successor}` instead"
    );
    Diagnostic::warning("package-moved", message).event("PackageRedirectDeprecation")
}
