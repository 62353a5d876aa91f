//! PLACEHOLDER for colleague "project": replace this file; parse/, compile/ and commands/ lean on these names
//! (Project::packages/package, Package, Files, ProjectFile {source, path below its package, below its kind folder},
//! ProjectSettings::{file,on_run_start,on_run_end,quoting,tree(Resource)->rendered JSON map of models:/seeds:/...,resource_folders}).
use crate::base::SourceFile;
use crate::node::Resource;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;
#[derive(Debug)]
pub struct ProjectFile {
    pub source: Arc<SourceFile>,
    pub path: String,
    pub below: String,
}
#[derive(Debug, Default)]
pub struct Files {
    pub models: Vec<ProjectFile>,
    pub seeds: Vec<ProjectFile>,
    pub snapshots: Vec<ProjectFile>,
    pub tests: Vec<ProjectFile>,
    pub analyses: Vec<ProjectFile>,
    pub macros: Vec<ProjectFile>,
    pub docs: Vec<ProjectFile>,
    pub properties: Vec<ProjectFile>,
}
#[derive(Debug, Clone, Copy, Default)]
pub struct Quoting {
    pub database: Option<bool>,
    pub schema: Option<bool>,
    pub identifier: Option<bool>,
}
#[derive(Debug)]
pub struct ProjectSettings {
    pub file: Arc<SourceFile>,
    pub on_run_start: Vec<String>,
    pub on_run_end: Vec<String>,
    pub quoting: Quoting,
}
impl ProjectSettings {
    pub fn tree(&self, _r: Resource) -> Option<&Map<String, Value>> {
        None
    }
    pub fn resource_folders(&self) -> Vec<String> {
        vec![]
    }
}
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub root: PathBuf,
    pub shown_prefix: String,
    pub settings: ProjectSettings,
    pub files: Files,
}
#[derive(Debug)]
pub struct Project {
    pub root: Package,
    pub others: Vec<Package>,
}
impl Project {
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        std::iter::once(&self.root).chain(&self.others)
    }
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages().find(|p| p.name == name)
    }
}
