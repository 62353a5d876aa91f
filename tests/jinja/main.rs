//! The template engine: macros, scopes, values that change, and mistakes with their places.

mod differential;
mod macros;
mod mistakes;
mod names;
mod values;

use sqlmill::base::Bag;
use sqlmill::base::SourceFile;
use sqlmill::jinja::Engine;
use sqlmill::jinja::MacroFile;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::RenderError;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Search;
use sqlmill::jinja::Template;
use sqlmill::jinja::engine::STACK_SIZE;
use std::sync::Arc;

fn engine(files: &[(&str, &str)]) -> Arc<Engine> {
    let bag = Bag::new();
    let files: Vec<MacroFile> = files
        .iter()
        .map(|(package, text)| MacroFile {
            package: package.to_string(),
            path: "macros/a.sql".to_string(),
            file: SourceFile::new(format!("{package}/macros/a.sql"), "a.sql", *text),
        })
        .collect();
    let search = Search {
        root: "shop".to_string(),
        adapters: vec!["duckdb".to_string()],
        internal: vec!["dbt_duckdb".to_string(), "dbt".to_string()],
        dispatch: Vec::new(),
        ..Search::default()
    };
    let engine = Engine::new(Registry::new(search, &files, &bag));
    engine.check(&bag);
    let mistakes: Vec<String> = bag.take().into_iter().map(|d| d.message).collect();
    assert_eq!(mistakes, Vec::<String>::new());
    engine
}

/// Renders on a thread with the stack that the engine's recursion limit is made for.
fn render(macros: &str, template: &str) -> Result<String, RenderError> {
    std::thread::scope(|threads| {
        std::thread::Builder::new()
            .stack_size(STACK_SIZE)
            .spawn_scoped(threads, || render_here(macros, template))
            .expect("a thread can be started")
            .join()
            .expect("rendering does not panic")
    })
}

fn render_here(macros: &str, template: &str) -> Result<String, RenderError> {
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop").with("answer", 42));
    let template = Template::text("models/m.sql", template);
    engine(&[("shop", macros)]).render(&template, &scope)
}

fn text(macros: &str, template: &str) -> String {
    render(macros, template).unwrap_or_else(|error| panic!("{template}: {error:?}"))
}
