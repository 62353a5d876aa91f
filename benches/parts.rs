//! What the parts of a call cost, each alone: render one model, parse 5,000 nodes, link and order 10,000,
//! choose among 10,000, plan after one change. `cargo bench` compares with the runs before;
//! `bench/compare.py` measures whole calls.

mod support;

use criterion::BatchSize;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use rustc_hash::FxHashSet;
use sqlmill::base::Bag;
use sqlmill::config::flags::Command;
use sqlmill::graph;
use sqlmill::graph::Declared;
use sqlmill::graph::Graph;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use sqlmill::node::Node;
use sqlmill::parse;
use sqlmill::plan;
use sqlmill::plan::Purpose;
use sqlmill::plan::TestEdges;
use sqlmill::select;
use sqlmill::select::Past;
use sqlmill::select::Request;
use sqlmill::select::Selectors;
use std::hint::black_box;
use std::sync::Arc;
use support::desk::Desk;
use support::generate;

criterion_group!(
    benches,
    render_one_model,
    parse_5000_nodes,
    link_and_order_10000_nodes,
    select_on_10000_nodes,
    plan_after_one_change
);
criterion_main!(benches);

fn render_one_model(bench: &mut Criterion) {
    let desk = Desk::new(3, Command::Parse, &[]);
    let template = Template::text("models/mart_0.sql", generate::MART);
    let scope: Arc<dyn Scope> = Arc::new(desk.names());
    assert!(desk.engine.render(&template, &scope).is_ok());
    bench.bench_function("render one model", |bench| {
        bench.iter(|| desk.engine.render(black_box(&template), &scope));
    });
}

fn parse_5000_nodes(bench: &mut Criterion) {
    let desk = Desk::new(5_000, Command::Parse, &[]);
    bench.bench_function("parse 5,000 nodes", |bench| {
        bench.iter_with_large_drop(|| parse::all(&desk.inputs(), &Bag::new()));
    });
}

fn link_and_order_10000_nodes(bench: &mut Criterion) {
    let nodes = Desk::new(10_000, Command::Parse, &[]).nodes();
    bench.bench_function("link and order 10,000 nodes", |bench| {
        let work = |nodes: Vec<Node>| {
            let graph = linked(nodes);
            let order = graph.topological();
            (graph, order)
        };
        bench.iter_batched(|| nodes.clone(), work, BatchSize::PerIteration);
    });
}

fn select_on_10000_nodes(bench: &mut Criterion) {
    let words = ["+tag:daily,mart_1*+", "--exclude", "test_type:generic"];
    let desk = Desk::new(10_000, Command::List, &words);
    let graph = linked(desk.nodes());
    let selectors = Selectors::default();
    assert!(!pick(&desk, &graph, &selectors).is_empty());
    bench.bench_function("select on 10,000 nodes", |bench| {
        bench.iter(|| pick(&desk, &graph, &selectors));
    });
}

fn plan_after_one_change(bench: &mut Criterion) {
    let desk = Desk::new(10_000, Command::Build, &["stage_0+"]);
    let graph = linked(desk.nodes());
    let chosen = pick(&desk, &graph, &Selectors::default());
    assert!(!chosen.is_empty());
    bench.bench_function("plan after one change", |bench| {
        bench.iter(|| plan::build(&graph, black_box(&chosen), Purpose::Build(TestEdges::Hold)));
    });
}

fn linked(nodes: Vec<Node>) -> Graph {
    let declared = Declared {
        nodes,
        groups: Vec::new(),
        root_package: generate::PROJECT,
        restricted: FxHashSet::default(),
    };
    graph::link(declared, &Bag::new())
}

fn pick(desk: &Desk, graph: &Graph, selectors: &Selectors) -> Vec<graph::Index> {
    select::pick(
        graph,
        &Request::new(&desk.flags, selectors, Past::NONE),
        &Bag::new(),
    )
}
