//! One draft for each node that has a file: models, seeds, snapshots, analyses, singular tests.

use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::base::fs;
use crate::jinja::scan;
use crate::node::Detail;
use crate::node::Model;
use crate::node::Resource;
use crate::parse::functions;
use crate::parse::nodes::Draft;
use crate::parse::patches::Patches;
use crate::parse::properties::Patch;
use crate::parse::site::Site;
use crate::project::Package;
use crate::project::ProjectFile;
use sha2::Digest;
use sha2::Sha256;
use std::sync::Arc;

pub(super) fn drafts<'a>(site: &'a Site<'_>, patches: &'a Patches) -> Vec<Draft<'a>> {
    let mut drafts = Vec::new();
    for package in site.packages() {
        let files = &package.files;
        drafts.extend(
            site.wanted(&files.models)
                .filter_map(|file| model(site, package, file, patches)),
        );
        drafts.extend(
            site.wanted(&files.analyses)
                .map(|file| query(site, package, file, Resource::Analysis, patches)),
        );
        drafts.extend(
            site.wanted(&files.seeds)
                .map(|file| seed(site, package, file, patches)),
        );
        drafts.extend(
            site.wanted(&files.functions)
                .filter_map(|file| functions::draft(site, package, file, patches)),
        );
        for file in site.wanted(&files.snapshots) {
            snapshots(site, package, file, patches, &mut drafts);
        }
        let singular = site.wanted(&files.tests).filter(|file| !is_generic(file));
        drafts.extend(singular.map(|file| query(site, package, file, Resource::Test, patches)));
    }
    drafts.extend(site.inline().map(|text| inline(site, text)));
    drafts.extend(
        patches
            .snapshots()
            .map(|patch| yaml_snapshot(site, patch, patches)),
    );
    drafts
}

/// Files below a `generic` folder of tests hold macros, not queries.
pub fn is_generic(file: &ProjectFile) -> bool {
    file.below
        .split('/')
        .rev()
        .skip(1)
        .any(|folder| folder == "generic")
}

fn model<'a>(
    site: &Site<'_>,
    package: &'a Package,
    file: &'a ProjectFile,
    patches: &'a Patches,
) -> Option<Draft<'a>> {
    let is_python = file.below.ends_with(".py");
    if is_python && file.source.text().trim().is_empty() {
        return None;
    }
    let mut draft = query(site, package, file, Resource::Model, patches);
    if is_python {
        draft.language = "python";
    }
    let mut model = Model {
        access: "protected".to_string(),
        ..Model::default()
    };
    if let Some(patch) = draft.patch {
        model.constraints = patch.constraints.clone();
        model.deprecation_date = patch.deprecation_date.clone();
        model.time_spine = patch.time_spine.clone();
        if let Some(version) = &patch.version {
            let text = version
                .version
                .as_str()
                .map_or_else(|| version.version.to_string(), str::to_string);
            draft.name = patch.name.clone();
            draft.unique_id = format!("model.{}.{}.v{text}", package.name, patch.name);
            draft.fqn.pop();
            draft.fqn.extend([patch.name.clone(), format!("v{text}")]);
            model.version = Some(Box::new(version.version.clone()));
            model.latest_version = Some(Box::new(version.latest.clone()));
        }
    }
    draft.detail = Detail::Model(Box::new(model));
    Some(draft)
}

/// A node whose whole file is one query.
pub(super) fn query<'a>(
    site: &Site<'_>,
    package: &'a Package,
    file: &'a ProjectFile,
    resource: Resource,
    patches: &'a Patches,
) -> Draft<'a> {
    let name = stem(&file.below).to_string();
    let code = trimmed(file.source.text());
    let mut fqn = fqn(&package.name, &file.below);
    let detail = match resource {
        Resource::Test => Detail::Test(Box::default()),
        _ => Detail::Analysis,
    };
    if resource == Resource::Analysis {
        fqn.insert(1, "analysis".to_string());
    }
    Draft {
        resource,
        package: &package.name,
        unique_id: format!("{}.{}.{name}", resource.as_str(), package.name),
        fqn,
        path: if resource == Resource::Analysis {
            format!("analysis/{}", file.below)
        } else {
            file.below.clone()
        },
        original_file_path: file.path.clone(),
        file: file.source.clone(),
        raw_code: Arc::from(&file.source.text()[code.clone()]),
        checksum: sha256(file.source.text()[code.clone()].as_bytes()),
        first_line: file.source.line_col(code.start).0,
        code: Some(code),
        language: "sql",
        patch: patches.of(resource, &package.name, &name, site.bag),
        detail,
        inherited_tags: Vec::new(),
        description: None,
        name,
    }
}

fn seed<'a>(
    site: &Site<'_>,
    package: &'a Package,
    file: &'a ProjectFile,
    patches: &'a Patches,
) -> Draft<'a> {
    let name = stem(&file.below).to_string();
    let (checksum, known_by_path) = seed_checksum(site, file);
    Draft {
        resource: Resource::Seed,
        package: &package.name,
        unique_id: format!("seed.{}.{name}", package.name),
        fqn: fqn(&package.name, &file.below),
        path: file.below.clone(),
        original_file_path: file.path.clone(),
        file: file.source.clone(),
        code: None,
        first_line: 1,
        raw_code: Arc::from(""),
        checksum,
        language: "sql",
        patch: patches.of(Resource::Seed, &package.name, &name, site.bag),
        detail: Detail::Seed {
            root_path: package.root.display().to_string(),
            known_by_path,
        },
        inherited_tags: Vec::new(),
        description: None,
        name,
    }
}

/// The snapshots of one file: one for each `{% snapshot %}` block.
fn snapshots<'a>(
    site: &Site<'_>,
    package: &'a Package,
    file: &'a ProjectFile,
    patches: &'a Patches,
    drafts: &mut Vec<Draft<'a>>,
) {
    for block in scan::blocks(&file.source, &[scan::Kind::Snapshot], site.bag) {
        let name = file.source.text()[block.header.clone()].trim().to_string();
        let inner = trimmed(&file.source.text()[block.body.clone()]);
        let code = block.body.start + inner.start..block.body.start + inner.end;
        let mut fqn = fqn(&package.name, &file.below);
        fqn.push(name.clone());
        drafts.push(Draft {
            resource: Resource::Snapshot,
            package: &package.name,
            unique_id: format!("snapshot.{}.{name}", package.name),
            fqn,
            path: file.below.clone(),
            original_file_path: file.path.clone(),
            file: file.source.clone(),
            raw_code: Arc::from(&file.source.text()[block.body.clone()]),
            checksum: sha256(trimmed_text(file.source.text()).as_bytes()),
            first_line: file.source.line_col(code.start).0,
            code: Some(code),
            language: "sql",
            patch: patches.of(Resource::Snapshot, &package.name, &name, site.bag),
            detail: Detail::Snapshot,
            inherited_tags: Vec::new(),
            description: None,
            name,
        });
    }
}

/// A snapshot of another relation as it is, declared in YAML.
fn yaml_snapshot<'a>(site: &Site<'_>, patch: &'a Patch, patches: &'a Patches) -> Draft<'a> {
    let relation = patch
        .relation
        .as_ref()
        .map(|r| r.printed().into_owned())
        .unwrap_or_default();
    let raw_code = format!("select * from {{{{ {relation} }}}}");
    let shown = patch
        .patch_path
        .split_once("://")
        .map_or("", |(_, path)| path);
    Draft {
        resource: Resource::Snapshot,
        package: &patch.package,
        unique_id: format!("snapshot.{}.{}", patch.package, patch.name),
        fqn: {
            let mut fqn = fqn(
                &patch.package,
                site.below_kind_folder(&patch.package, shown),
            );
            *fqn.last_mut().expect("a fqn has a package and a name") = patch.name.clone();
            fqn
        },
        path: format!(
            "{}/{}.sql",
            site.below_kind_folder(&patch.package, shown),
            patch.name
        ),
        original_file_path: shown.to_string(),
        file: patch.file.clone(),
        checksum: sha256(patch.file.text().trim().as_bytes()),
        raw_code: Arc::from(raw_code),
        code: None,
        first_line: patch.place.line_col().0,
        language: "sql",
        patch: patches.of(Resource::Snapshot, &patch.package, &patch.name, site.bag),
        detail: Detail::Snapshot,
        inherited_tags: Vec::new(),
        description: None,
        name: patch.name.clone(),
    }
}

/// The query given with `--inline`.
fn inline<'a>(site: &'a Site<'_>, text: &str) -> Draft<'a> {
    let name = "inline_query".to_string();
    let package = site.root_package();
    let file = SourceFile::new("inline query", "inline_query.sql", text);
    Draft {
        resource: Resource::SqlOperation,
        package,
        unique_id: format!("sql_operation.{package}.{name}"),
        fqn: vec![package.to_string(), "sql".to_string(), name.clone()],
        path: format!("sql/{name}.sql"),
        original_file_path: "from remote system.sql".to_string(),
        code: Some(0..file.text().len()),
        first_line: 1,
        file,
        raw_code: Arc::from(text),
        checksum: sha256(text.as_bytes()),
        language: "sql",
        patch: None,
        detail: Detail::SqlOperation,
        inherited_tags: Vec::new(),
        description: None,
        name,
    }
}

/// Package, folders and name.
pub(super) fn fqn(package: &str, below: &str) -> Vec<String> {
    let mut fqn = vec![package.to_string()];
    let mut parts: Vec<&str> = below.split('/').collect();
    parts.pop();
    fqn.extend(parts.into_iter().map(str::to_string));
    fqn.push(stem(below).to_string());
    fqn
}

/// File name without folders and ending.
pub fn stem(below: &str) -> &str {
    let name = below.rsplit('/').next().unwrap_or(below);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The stretch of a text without white space around it: dbt reads, renders and sums that.
fn trimmed(text: &str) -> std::ops::Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

fn trimmed_text(text: &str) -> &str {
    text.trim()
}

/// Seeds over a megabyte are known by their path alone, as in dbt, so that a call stays quick.
const LARGE_SEED_BYTES: usize = 1024 * 1024;

/// The sum of a seed's rows, or its path; and whether it is the path.
fn seed_checksum(site: &Site<'_>, file: &ProjectFile) -> (String, bool) {
    let source = &file.source;
    let read = fs::read_bytes(&source.path, "seed")
        .map_err(|error| Box::new(Diagnostic::error("unreadable-file", error.to_string())))
        .and_then(|bytes| SourceFile::from_bytes(&source.shown, &source.path, bytes));
    match read {
        Ok(seed) if seed.text().len() > LARGE_SEED_BYTES => (file.path.clone(), true),
        Ok(seed) => (sha256(seed.text().as_bytes().trim_ascii()), false),
        Err(found) => {
            site.bag.add(*found);
            (String::new(), false)
        }
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
