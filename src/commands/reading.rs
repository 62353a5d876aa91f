//! How much of a project a call has to read: what an earlier call found, as far as it holds, or all.

use crate::adapter::Credentials;
use crate::artifacts::parse_cache;
use crate::base::Bag;
use crate::base::SourceFile;
use crate::cache::Cache;
use crate::cache::Circumstances;
use crate::cache::Contents;
use crate::cache::Held;
use crate::cache::Inline;
use crate::cache::Renewal;
use crate::commands::desk::Desk;
use crate::graph::Graph;
use crate::jinja::Engine;
use crate::jinja::Globals;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::parse;
use crate::parse::Parsed;
use crate::project::Project;
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A project about to be parsed.
pub(super) struct Reading<'a> {
    pub desk: &'a Desk,
    pub project: &'a mut Project,
    pub credentials: &'a Credentials,
    pub engine: &'a Arc<Engine>,
    pub globals: &'a FxHashMap<String, Arc<Globals>>,
}

/// What was found, and what of it a later call may want to know.
pub(super) struct Found {
    pub parsed: Parsed,
    renewal: Renewal,
    worth: Worth,
    /// Of the cache that all of this came out of.
    state: Option<u32>,
}

/// Whether a cache should be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    Nothing,
    Writing,
}

impl Reading<'_> {
    pub(super) fn parsed(mut self, bag: &Bag) -> Found {
        let Some((state, cache)) = self.earlier() else {
            return self.whole(bag);
        };
        let inline = match self.desk.flags.inline {
            Some(_) => Inline::Given,
            None => Inline::None,
        };
        let (held, renewal) = cache.hold(&self.circumstances(), self.engine, inline);
        match held {
            Held::Nothing => self.whole(bag),
            Held::All(parsed) => {
                bag.extend(parsed.told.iter().cloned());
                bag.extend(parsed.overall.iter().cloned());
                let worth = worth(usize::MAX, &parsed, &renewal);
                Found {
                    parsed: *parsed,
                    renewal,
                    worth,
                    state,
                }
            }
            Held::Part(part) => {
                let found = Bag::new();
                let wanted = self.project.sources();
                let wanted: Vec<Arc<SourceFile>> = wanted
                    .filter(|file| part.files.contains(&file.shown))
                    .cloned()
                    .collect();
                self.project.read(&wanted, &found);
                let parsed = parse::again(&self.inputs(), &part.files, part.rest, &found);
                match parsed {
                    Some(parsed) if part.promise.is_kept(&parsed, self.project) => {
                        bag.extend(found.take());
                        let worth = worth(part.files.len(), &parsed, &renewal);
                        Found {
                            parsed,
                            renewal,
                            worth,
                            state: None,
                        }
                    }
                    _ => self.whole(bag),
                }
            }
        }
    }

    fn whole(&mut self, bag: &Bag) -> Found {
        self.project.read_all(bag);
        Found {
            parsed: parse::all(&self.inputs(), bag),
            renewal: Renewal::default(),
            worth: Worth::Writing,
            state: None,
        }
    }

    /// The cache of an earlier call and its state, where there is one for calls like this.
    fn earlier(&self) -> Option<(Option<u32>, Cache)> {
        if !self.desk.flags.partial_parse {
            return None;
        }
        let bytes = parse_cache::read(&folder(self.project))?;
        let cache = Cache::read(&bytes, &self.circumstances())?;
        Some((Cache::state(&bytes), cache))
    }

    fn circumstances(&self) -> Circumstances<'_> {
        circumstances(self.desk, self.project, self.credentials)
    }

    fn inputs(&self) -> parse::Inputs<'_> {
        parse::Inputs {
            project: self.project,
            engine: self.engine,
            globals: self.globals,
            dialect: self.credentials.dialect(),
            database: &self.credentials.database,
            schema: &self.credentials.schema,
            inline: self.desk.flags.inline.as_deref(),
            created_at: self.desk.context.now().as_microsecond() as f64 / 1e6,
            flags: &self.desk.flags,
        }
    }
}

/// Few files are soon read again, as long as they stay few beside all others.
fn worth(files: usize, parsed: &Parsed, renewal: &Renewal) -> Worth {
    const SMALL_PROJECT: usize = 2000;
    let nodes = parsed.nodes.len();
    match renewal.is_due && (nodes < SMALL_PROJECT || files > nodes / 16) {
        true => Worth::Writing,
        false => Worth::Nothing,
    }
}

/// What goes into the cache beside the nodes, kept while those are linked.
pub(super) struct Aside {
    parsed: Parsed,
    renewal: Renewal,
    worth: Worth,
    state: Option<u32>,
}

impl Found {
    /// The result without its nodes and groups, which the graph takes over, and these.
    pub(super) fn split(mut self) -> (Parsed, Aside) {
        let linked = Parsed {
            nodes: std::mem::take(&mut self.parsed.nodes),
            groups: std::mem::take(&mut self.parsed.groups),
            ..Parsed::default()
        };
        let aside = Aside {
            parsed: self.parsed,
            renewal: self.renewal,
            worth: self.worth,
            state: self.state,
        };
        (linked, aside)
    }
}

impl Aside {
    /// Leaves the cache for the next call, and gives the state that it then has. That it cannot be
    /// written costs time only.
    pub(super) fn keep(
        &self,
        desk: &Desk,
        project: &Project,
        credentials: &Credentials,
        engine: &Engine,
        graph: &Graph,
    ) -> Option<u32> {
        let is_wanted = desk.flags.partial_parse && desk.flags.inline.is_none();
        if self.worth == Worth::Nothing || !is_wanted {
            return self.state;
        }
        let contents = Contents {
            nodes: graph.nodes().chain(graph.disabled()).collect(),
            groups: graph.groups(),
            docs: &self.parsed.docs,
            macro_docs: &self.parsed.macro_docs,
            told: &self.parsed.told,
            overall: &self.parsed.overall,
            uses: &self.parsed.uses,
            tangled: &self.parsed.tangled,
        };
        let now = circumstances(desk, project, credentials);
        parse_cache::write(&folder(project), |file| {
            contents.write(file, &now, engine, &self.renewal)
        })
    }

    /// Docs blocks and descriptions of macros, for the artifacts.
    pub(super) fn docs(self) -> (Vec<DocBlock>, Vec<MacroDoc>) {
        (self.parsed.docs, self.parsed.macro_docs)
    }
}

fn circumstances<'a>(
    desk: &'a Desk,
    project: &'a Project,
    credentials: &'a Credentials,
) -> Circumstances<'a> {
    Circumstances {
        context: &desk.context,
        flags: &desk.flags,
        project,
        credentials,
    }
}

fn folder(project: &Project) -> PathBuf {
    project.root.root.join(&project.target_path)
}
