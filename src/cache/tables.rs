//! What many records share, kept once in the cache: files by their number, maps of settings by theirs.

use crate::base::SourceFile;
use crate::cache::bytes::Damaged;
use crate::cache::bytes::In;
use crate::cache::bytes::Out;
use crate::cache::bytes::Result;
use crate::cache::stored::Stored;
use crate::project::Project;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Tables {
    files: Vec<Arc<SourceFile>>,
    maps: Vec<Arc<Map<String, Value>>>,
    /// By address, while the cache is written: both kinds are shared by whoever has the same.
    numbers: FxHashMap<usize, usize>,
}

impl Tables {
    /// Gives a file its number, unless it has one.
    pub(super) fn add_file(&mut self, file: &Arc<SourceFile>) {
        let next = self.files.len();
        if *self.numbers.entry(address(file)).or_insert(next) == next {
            self.files.push(file.clone());
        }
    }

    pub(super) fn add_map(&mut self, map: &Arc<Map<String, Value>>) {
        let next = self.maps.len();
        if *self.numbers.entry(address(map)).or_insert(next) == next {
            self.maps.push(map.clone());
        }
    }

    pub(super) fn number_of_file(&self, file: &Arc<SourceFile>) -> usize {
        self.numbers[&address(file)]
    }

    /// `None` for a map that was not added.
    pub(super) fn number_of_map(&self, map: &Arc<Map<String, Value>>) -> Option<usize> {
        self.numbers.get(&address(map)).copied()
    }

    pub(super) fn file(&self, number: usize) -> Option<Arc<SourceFile>> {
        self.files.get(number).cloned()
    }

    pub(super) fn map(&self, number: usize) -> Option<Arc<Map<String, Value>>> {
        self.maps.get(number).cloned()
    }

    pub(super) fn put(&self, out: &mut Out<'_>) {
        self.files.len().put(out);
        for file in &self.files {
            let own = file.is_embedded().then(|| file.text().to_string());
            (file.shown.clone(), own).put(out);
            file.path.to_string_lossy().into_owned().put(out);
        }
        self.maps.len().put(out);
        self.maps.iter().for_each(|map| (**map).put(out));
    }

    /// Files of the project are those that it has listed, so that each is read once at most.
    pub(super) fn take(from: &mut In<'_>, project: &Project) -> Result<Self> {
        let listed = listed(project);
        let count = from.count()?;
        let files = (0..count)
            .map(|_| file(from, &listed))
            .collect::<Result<_>>();
        let files = files?;
        let count = from.count()?;
        let maps = (0..count).map(|_| Ok(Arc::new(Stored::take(from)?)));
        Ok(Tables {
            files,
            maps: maps.collect::<Result<_>>()?,
            numbers: FxHashMap::default(),
        })
    }
}

fn address<T>(shared: &Arc<T>) -> usize {
    Arc::as_ptr(shared) as usize
}

fn listed(project: &Project) -> FxHashMap<&str, &Arc<SourceFile>> {
    let packages = project.packages();
    let files = packages.flat_map(|package| {
        let files = package.files.all().map(|file| &file.source);
        files.chain([&package.settings.file])
    });
    files.map(|file| (file.shown.as_str(), file)).collect()
}

fn file(from: &mut In<'_>, listed: &FxHashMap<&str, &Arc<SourceFile>>) -> Result<Arc<SourceFile>> {
    let (shown, own): (String, Option<String>) = Stored::take(from)?;
    let path = PathBuf::from(String::take(from)?);
    Ok(match (own, listed.get(shown.as_str())) {
        (Some(text), _) => SourceFile::embedded(shown, text),
        (None, Some(file)) => (*file).clone(),
        (None, None) if path.is_absolute() => SourceFile::unread(shown, path),
        (None, None) => return Err(Damaged),
    })
}
