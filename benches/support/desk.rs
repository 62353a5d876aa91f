//! A generated project with all that is needed to parse it, put together as the commands do.

use super::generate;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::json;
use sqlmill::base::Bag;
use sqlmill::base::Context;
use sqlmill::base::Observer;
use sqlmill::base::event::Silent;
use sqlmill::config::Flags;
use sqlmill::config::flags::Command;
use sqlmill::config::flags::Layer;
use sqlmill::jinja;
use sqlmill::jinja::Engine;
use sqlmill::jinja::Globals;
use sqlmill::jinja::MacroFile;
use sqlmill::jinja::Missing;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::Value;
use sqlmill::jinja::builtin;
use sqlmill::node::Node;
use sqlmill::parse;
use sqlmill::parse::Inputs;
use sqlmill::project;
use sqlmill::project::Project;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) struct Desk {
    pub(crate) flags: Arc<Flags>,
    pub(crate) engine: Arc<Engine>,
    project: Project,
    globals: FxHashMap<String, Arc<Globals>>,
    /// Goes away with the value.
    _folder: TempDir,
}

impl Desk {
    /// A project of so many nodes; `words` are those of `--select`, and behind `--exclude` of that.
    pub(crate) fn new(nodes: usize, command: Command, words: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder for temporary files");
        generate::project(folder.path(), nodes).expect("the project is written");
        let flags = flags(&folder, command, words);
        let context = Arc::new(Context::fixed(folder.path()));
        let bag = Bag::new();
        let options = project::Options::from_flags(&flags);
        let mut project = project::load(&options, &context, &bag).expect("the project is in order");
        project.read_all(&bag);
        let engine = Engine::new(registry(&project, &bag));
        let globals = globals(&context, &flags, &project);
        assert!(!bag.has_errors(), "{:?}", bag.take());
        Desk {
            flags,
            engine,
            project,
            globals,
            _folder: folder,
        }
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        let credentials = &self.project.profile.credentials;
        Inputs {
            project: &self.project,
            engine: &self.engine,
            globals: &self.globals,
            dialect: credentials.dialect(),
            database: &credentials.database,
            schema: &credentials.schema,
            inline: None,
            created_at: 0.0,
            flags: &self.flags,
        }
    }

    /// All nodes of the project.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let bag = Bag::new();
        let parsed = parse::all(&self.inputs(), &bag);
        assert!(!bag.has_errors(), "{:?}", bag.take());
        parsed.nodes
    }

    /// The names that a model's code uses.
    pub(crate) fn names(&self) -> Names {
        let name = |_: &jinja::CallSite, mut args: jinja::Args<'_>| {
            let name = args.required_str("name")?;
            args.finish()?;
            Ok(Value::from(format!("\"main\".\"{name}\"")))
        };
        let config = |_: &jinja::CallSite, mut args: jinja::Args<'_>| {
            args.required_str("materialized")?;
            args.finish()?;
            Ok(Value::from(""))
        };
        Names::new(generate::PROJECT)
            .with("ref", jinja::function("ref", name))
            .with("config", jinja::function("config", config))
    }
}

fn flags(folder: &TempDir, command: Command, words: &[&str]) -> Arc<Flags> {
    let mut parts = words.split(|word| *word == "--exclude");
    let mut layer = Layer::new();
    layer.insert("project_dir", json!(folder.path()));
    layer.insert("profiles_dir", json!(folder.path()));
    layer.insert("select", json!(parts.next().unwrap_or_default()));
    layer.insert("exclude", json!(parts.next().unwrap_or_default()));
    Arc::new(Flags::new(command, "sqlmill", &[layer]))
}

fn registry(project: &Project, bag: &Bag) -> Registry {
    let kind = project.profile.credentials.kind();
    let search = builtin::search(generate::PROJECT, &[kind], Vec::new());
    let mut files = builtin::macro_files(&search);
    files.extend(project.root.files.macros.iter().map(|file| MacroFile {
        package: generate::PROJECT.to_string(),
        path: file.path.clone(),
        file: file.source.clone(),
    }));
    Registry::new(search, &files, bag)
}

fn globals(
    context: &Arc<Context>,
    flags: &Arc<Flags>,
    project: &Project,
) -> FxHashMap<String, Arc<Globals>> {
    let observer: Arc<dyn Observer> = Arc::new(Silent);
    let shared = jinja::globals(&jinja::Shared {
        context,
        observer: &observer,
        flags,
        project_name: generate::PROJECT,
        target: &project.profile.credentials.target(),
        config: &Map::new(),
    });
    let vars = project.vars_of(&project.root);
    let own = Arc::new(shared.with_vars(vars, Missing::IsNone));
    FxHashMap::from_iter([(generate::PROJECT.to_string(), own)])
}
