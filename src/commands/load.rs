//! Files to graph, the same for every command that needs the project.

use crate::adapter;
use crate::adapter::Adapter;
use crate::adapter::Credentials;
use crate::adapter::session::Shared;
use crate::analyse;
use crate::artifacts::Metadata;
use crate::artifacts::TargetFolder;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::past;
use crate::commands::reading::Reading;
use crate::commands::records::Records;
use crate::commands::tell;
use crate::commands::templates;
use crate::compile;
use crate::compile::Ahead;
use crate::compile::Deferral;
use crate::compile::Kept;
use crate::compile::Paths;
use crate::compile::QueryComment;
use crate::compile::World;
use crate::config::settings::Comment;
use crate::config::settings::Quoting;
use crate::graph;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja::Engine;
use crate::jinja::Globals;
use crate::jinja::Missing;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::node::Resource;
use crate::plan::Plan;
use crate::project;
use crate::project::Project;
use crate::report::say;
use crate::run;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::OnFailure;
use crate::select;
use crate::select::EarlierNodes;
use crate::select::Request;
use crate::select::Selectors;
use crate::sql::Parts;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A project that was read, and the graph made of it.
pub(super) struct Loaded {
    pub project: Project,
    pub credentials: Credentials,
    pub graph: Graph,
    pub selectors: Selectors,
    pub engine: Arc<Engine>,
    pub globals: FxHashMap<String, Arc<Globals>>,
    pub docs: Vec<DocBlock>,
    pub macro_docs: Vec<MacroDoc>,
    /// What tells what was found in the files from anything else; `None` where it was not kept.
    pub state: Option<u32>,
    pub past: past::Files,
}

/// A project with its warehouse at hand. Connections open with the first statement.
pub(super) struct Opened {
    pub world: Arc<World>,
    pub records: Records,
    pub warehouse: Shared,
    pub threads: usize,
    pub target_name: String,
}

/// Reads the project's files and where it connects to.
pub(super) fn settings(desk: &Desk) -> Result<(Project, Credentials), Told> {
    let bag = Bag::new();
    let read = read_settings(desk, &bag);
    desk.tell(&bag)?;
    read.ok_or(Told)
}

/// `None` when a mistake leaves nothing to go on with; the bag then has it.
fn read_settings(desk: &Desk, bag: &Bag) -> Option<(Project, Credentials)> {
    let options = project::Options::from_flags(&desk.flags);
    let project = project::load(&options, &desk.context, bag)?;
    let credentials = project.profile.credentials.clone();
    Some((project, credentials))
}

/// Mistakes after which every further one may only be their echo.
const FIRST_OF_ALL: [&str; 3] = ["missing-packages", "duplicate-package", "dbt-version"];

/// Reads the project; every mistake in it is told before this gives up.
pub(super) fn project(desk: &Desk) -> Result<Loaded, Told> {
    let bag = Bag::new();
    let read = read_settings(desk, &bag);
    if read.is_none() || FIRST_OF_ALL.iter().any(|code| bag.holds(code)) {
        desk.tell(&bag)?;
    }
    let (mut project, credentials) = read.ok_or(Told)?;
    project.read(&templates::sources(&project), &bag);
    let engine = Engine::new(templates::registry(
        desk,
        &project,
        credentials.kind(),
        &bag,
    ));
    engine.check(&bag);
    let reading = Reading {
        desk,
        globals: &templates::globals(desk, &project, &credentials, Missing::IsNone),
        project: &mut project,
        credentials: &credentials,
        engine: &engine,
    };
    let (parsed, aside) = reading.parsed(&bag).split();
    let declared = graph::Declared {
        nodes: parsed.nodes,
        groups: parsed.groups,
        root_package: &project.root.name,
        restricted: restricted(&project),
    };
    let graph = graph::link(declared, &bag);
    match run::builds_in_batches(&engine, &project.root.name, &desk.flags) {
        true => graph::microbatch::check(&graph, &bag),
        false => graph::microbatch::warn_of_own_strategy(&graph, &bag),
    }
    graph::deprecated::report(&graph, desk.context.now(), &bag);
    let selectors = project.selectors.as_ref();
    let selectors = selectors.map_or_else(Selectors::default, |tree| Selectors::read(tree, &bag));
    desk.tell(&bag)?;
    let state = aside.keep(desk, &project, &credentials, &engine, &graph);
    tell(desk, &say::found(&counts(&graph, &engine)));
    let (docs, macro_docs) = aside.docs();
    Ok(Loaded {
        globals: templates::globals(desk, &project, &credentials, Missing::IsError),
        credentials,
        graph,
        selectors,
        engine,
        docs,
        macro_docs,
        state,
        past: past::read(desk, &project)?,
        project,
    })
}

impl Loaded {
    /// The nodes that the call is about: the selected ones, or the query given with `--inline`.
    pub(super) fn select(&self, desk: &Desk) -> Result<Vec<Index>, Told> {
        let bag = Bag::new();
        let found = if desk.flags.inline.is_some() {
            let is_inline =
                |index: &Index| self.graph.node(*index).resource == Resource::SqlOperation;
            self.graph.indices().filter(is_inline).collect()
        } else if let Some(again) = &desk.again {
            let found = again.ids.iter();
            let found = found.filter_map(|id| self.graph.find(id).or_else(|| gone(id, &bag)));
            found.collect()
        } else {
            let compared = self.comparison(desk);
            let nodes = compared.as_ref().map(|nodes| nodes as &dyn EarlierNodes);
            let past = self.past.for_selection(nodes);
            let request = Request::new(&desk.flags, &self.selectors, past);
            select::pick(&self.graph, &request, &bag)
        };
        desk.tell(&bag)?;
        self.past.check(desk, &self.project)?;
        Ok(found)
    }

    /// Everything for the artifacts, without a warehouse.
    pub(super) fn close(
        self,
        desk: &Desk,
        selected: &[Index],
        deferral: Deferral,
    ) -> (Arc<World>, Records) {
        let paths = Paths {
            target: self.project.target_path.clone(),
        };
        let selectors = self.selectors.to_json();
        let about = Metadata::new(&desk.context);
        let state = self.state.map(|state| {
            let rest = serde_json::json!([state, selectors, about.env()]);
            rest.to_string().into_bytes()
        });
        let records = Records {
            state,
            folder: Arc::new(
                TargetFolder::new(&self.project.root.root, &paths).hiding(desk.context.secrets()),
            ),
            about,
            selectors,
            adapter_type: self.credentials.kind(),
            assets: self.project.root.settings.paths.assets.clone(),
            docs: self.docs,
            macro_docs: self.macro_docs,
        };
        let settings = &self.project.root.settings;
        let credentials = &self.credentials;
        let selected = selected
            .iter()
            .map(|index| self.graph.node(*index).unique_id.as_str().to_string());
        let world = World {
            selected: selected.collect(),
            deferral,
            dialect: credentials.dialect(),
            quoting: quoting(settings.quoting, credentials.dialect().quoting),
            query_comment: QueryComment {
                template: match &settings.query_comment.comment {
                    Comment::Usual => None,
                    Comment::Off => Some(String::new()),
                    Comment::Own(template) => Some(template.clone()),
                },
                append: settings.query_comment.append.unwrap_or(false),
                profile_name: credentials.profile_name.clone(),
                target_name: credentials.target_name.clone(),
            },
            database: credentials.database.clone(),
            schema: credentials.schema.clone(),
            paths,
            sample: desk.flags.sample,
            flags: desk.flags.clone(),
            observer: desk.observer.clone(),
            graph: self.graph,
            engine: self.engine,
            globals: self.globals,
            kept: Kept::default(),
        };
        let world = Arc::new(world);
        // The process ends soon after it: to free its millions of texts one by one would be a
        // twentieth of a parse.
        std::mem::forget(world.clone());
        (world, records)
    }

    /// The project with its warehouse.
    pub(super) fn open(self, desk: &Desk, selected: &[Index]) -> Result<Opened, Told> {
        let deferral = self.deferral(desk)?;
        let opened: Arc<dyn Adapter> =
            adapter::open(&self.credentials, &self.project.root.root, &desk.context)
                .map_err(|error| desk.stop(error.diagnostic()))?;
        let threads = desk.flags.threads.unwrap_or(self.credentials.threads);
        let target_name = self.credentials.target_name.clone();
        let mut warehouse = Shared::new(opened, desk.observer.clone());
        let (world, records) = self.close(desk, selected, deferral);
        warehouse.quoting = world.quoting;
        if desk.flags.log_cache_events {
            warehouse.cache.tell_to(desk.observer.clone());
        }
        Ok(Opened {
            world,
            records,
            warehouse,
            threads,
            target_name,
        })
    }
}

impl Opened {
    /// A call with the texts that depend on the project alone; what is wrong with their SQL is told
    /// before anything runs.
    pub(super) fn call_ahead<'a>(&'a self, desk: &'a Desk, plan: &Plan) -> Result<Call<'a>, Told> {
        let bag = Bag::new();
        let ahead = compile::ahead(&self.world, &plan.rendered());
        analyse::note(&self.world, &ahead, &*self.warehouse.adapter, &bag);
        desk.tell(&bag)?;
        Ok(Call {
            ahead,
            ..self.call(desk)
        })
    }

    pub(super) fn call<'a>(&'a self, desk: &'a Desk) -> Call<'a> {
        Call {
            world: &self.world,
            ahead: Ahead::default(),
            warehouse: self.warehouse.clone(),
            context: &desk.context,
            recorder: self.records.folder.clone(),
            threads: self.threads,
            on_failure: if desk.flags.fail_fast {
                OnFailure::Stop
            } else {
                OnFailure::KeepGoing
            },
            earlier_batches: desk
                .again
                .as_ref()
                .map_or_else(FxHashMap::default, |again| again.batches.clone()),
            cancelled: desk.cancelled.clone(),
        }
    }
}

/// A node of an earlier call that is not there any more.
fn gone(id: &str, bag: &Bag) -> Option<Index> {
    let kind = id.split('.').next().unwrap_or_default();
    let message = format!("Couldn't find {kind} '{id}' -- does it exist or is it disabled?");
    let hint = "an earlier call left it undone; run the other nodes by name instead";
    bag.add(Diagnostic::error("gone-node", message).hint(hint));
    None
}

/// Whether a person named this node: tests and relatives that came along are not printed.
pub(super) fn is_asked_for(desk: &Desk, result: &NodeResult) -> bool {
    let words = &desk.flags.select;
    words.is_empty()
        || words
            .iter()
            .any(|word| word.contains(&result.end.node.name))
}

/// Whom a line of output is about.
pub(super) fn subject<'a>(world: &World, result: &'a NodeResult) -> say::Subject<'a> {
    let index = world.graph.find(result.unique_id.as_str());
    let inline =
        index.is_some_and(|index| world.graph.node(index).resource == Resource::SqlOperation);
    say::Subject {
        name: &result.end.node.name,
        unique_id: result.unique_id.as_str(),
        inline,
    }
}

/// Packages that keep their models to themselves.
fn restricted(project: &Project) -> FxHashSet<String> {
    let packages = project.packages();
    packages
        .filter(|package| package.settings.restrict_access)
        .map(|package| package.name.clone())
        .collect()
}

fn counts(graph: &Graph, engine: &Engine) -> Vec<(&'static str, usize)> {
    let of = |resource: Resource| {
        graph
            .nodes()
            .filter(|node| node.resource == resource)
            .count()
    };
    vec![
        ("model", of(Resource::Model)),
        ("snapshot", of(Resource::Snapshot)),
        ("analysis", of(Resource::Analysis)),
        ("seed", of(Resource::Seed)),
        ("operation", of(Resource::Operation)),
        ("data test", of(Resource::Test)),
        ("source", of(Resource::Source)),
        ("exposure", of(Resource::Exposure)),
        ("metric", of(Resource::Metric)),
        ("macro", engine.registry().macros().count()),
        ("group", graph.groups().len()),
        ("semantic model", of(Resource::SemanticModel)),
        ("saved query", of(Resource::SavedQuery)),
        ("unit test", of(Resource::UnitTest)),
    ]
}

/// The project's choice over the warehouse's habit.
fn quoting(chosen: Quoting, usual: Parts) -> Parts {
    Parts {
        database: chosen.database.unwrap_or(usual.database),
        schema: chosen.schema.unwrap_or(usual.schema),
        identifier: chosen.identifier.unwrap_or(usual.identifier),
    }
}
