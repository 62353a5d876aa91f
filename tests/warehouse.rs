//! `adapter`, `api` and query results, as macros use them.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use rustc_hash::FxHashMap;
use sqlmill::adapter::Adapter;
use sqlmill::adapter::AdapterError;
use sqlmill::adapter::Cell;
use sqlmill::adapter::Column;
use sqlmill::adapter::ErrorKind;
use sqlmill::adapter::Relation;
use sqlmill::adapter::RelationKind;
use sqlmill::adapter::Session;
use sqlmill::adapter::Table;
use sqlmill::adapter::scripted::Scripted;
use sqlmill::adapter::session::Shared;
use sqlmill::adapter::session::Task;
use sqlmill::adapter::table::TableColumn;
use sqlmill::base::Bag;
use sqlmill::base::SourceFile;
use sqlmill::base::event::Silent;
use sqlmill::jinja;
use sqlmill::jinja::Engine;
use sqlmill::jinja::MacroFile;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use sqlmill::jinja::Value;
use sqlmill::sql::dialect::DUCKDB;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// A project with some macros of its own.
struct Project {
    engine: Arc<Engine>,
    names: FxHashMap<&'static str, Value>,
}

impl Project {
    fn new(macros: &str) -> Self {
        let search = jinja::builtin::search("shop", &["duckdb"], Vec::new());
        let mut files = jinja::builtin::macro_files(&search);
        files.push(MacroFile {
            package: "shop".to_string(),
            file: SourceFile::new("macros/own.sql", "macros/own.sql", macros),
            path: "macros/own.sql".to_string(),
        });
        let bag = Bag::new();
        let registry = Registry::new(search, &files, &bag);
        assert!(!bag.has_errors(), "{:?}", bag.take());
        Project {
            engine: Engine::new(registry),
            names: FxHashMap::default(),
        }
    }

    /// Opens a session that templates use.
    fn on(mut self, adapter: Arc<dyn Adapter>) -> Self {
        let shared = Shared::new(adapter, Arc::new(Silent));
        let session = Arc::new(Mutex::new(Session::new(shared, Task::default())));
        jinja::add_warehouse_names(&mut self.names, &session);
        self.names.insert("execute", Value::from(true));
        self.names
            .insert("log", jinja::function("log", |_, _| Ok(Value::from(""))));
        self
    }

    /// Only captures; tells whether the warehouse would have been asked.
    fn capturing(mut self) -> (Self, Arc<AtomicBool>) {
        let touched = Arc::new(AtomicBool::new(false));
        let heard = touched.clone();
        let listener = Arc::new(move || heard.store(true, Ordering::SeqCst));
        jinja::add_capture_names(&mut self.names, &DUCKDB, listener);
        self.names.insert("execute", Value::from(false));
        (self, touched)
    }

    fn render(&self, template: &str) -> Result<String, String> {
        let names = Names::new("shop").with("target", target());
        let names = self.names.iter().fold(names, |names, (name, value)| {
            names.with(*name, value.clone())
        });
        let scope: Arc<dyn Scope> = Arc::new(names);
        let template = Template::text("test.sql", template);
        self.engine
            .render(&template, &scope)
            .map_err(|error| error.message)
    }

    fn shown(&self, template: &str) -> String {
        self.render(template).unwrap()
    }
}

fn target() -> Value {
    jinja::dict([("database", Value::from("db"))])
}

fn relation(name: &str) -> Relation {
    Relation::new(&DUCKDB, Some("db"), Some("main"), Some(name)).of_kind(RelationKind::Table)
}

fn rows(names: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = names.iter().map(|name| TableColumn::new(*name, ""));
    Table::new(columns.collect(), rows)
}

/// A warehouse that holds one table.
fn scripted() -> Scripted {
    Scripted::new(&DUCKDB).hold(
        relation("orders"),
        vec![Column::new("id", "INTEGER"), Column::new("name", "VARCHAR")],
    )
}

fn sent(scripted: &Scripted) -> Vec<String> {
    scripted
        .statements()
        .into_iter()
        .map(|s| s.sql.trim().to_string())
        .collect()
}

#[test]
fn nothing_is_asked_while_code_is_captured() {
    let (project, touched) = Project::new("").capturing();
    let plain = "{{ adapter.type() }} {{ adapter.quote('a') }} {{ api.Column('x', 'int').quoted }}";
    assert_eq!(project.shown(plain), "duckdb \"a\" \"x\"");
    assert!(!touched.load(Ordering::SeqCst));
    let asking = "{{ adapter.get_relation('db', 'main', 'orders') }} \
                  {{ adapter.get_columns_in_relation(api.Relation.create(identifier='x')) }} \
                  {{ run_query('select 1') }}";
    assert_eq!(project.shown(asking).trim_end(), "None []");
    assert!(touched.load(Ordering::SeqCst));
}

#[test]
fn relations_are_found_in_any_case() {
    let project = Project::new("").on(Arc::new(scripted()));
    assert_eq!(
        project.shown("{{ adapter.get_relation('db', 'main', 'ORDERS') }}"),
        "\"db\".\"main\".\"orders\""
    );
    assert_eq!(
        project.shown("{{ adapter.get_relation('db', 'main', 'nope') is none }}"),
        "True"
    );
    assert_eq!(
        project.shown("{{ adapter.already_exists('main', 'orders') }} {{ adapter.check_schema_exists('db', 'nope') }}"),
        "True False"
    );
    let columns = "{% for c in adapter.get_columns_in_relation(adapter.get_relation('db', 'main', 'orders')) %}\
                   {{ c.name }} {{ c.data_type }}, {% endfor %}";
    assert_eq!(
        project.shown(columns),
        "id INTEGER, name character varying(256), "
    );
}

#[test]
fn changes_go_through_macros_and_the_cache() {
    let scripted = scripted();
    let project = Project::new(
        "{% macro rename_relation(from_relation, to_relation) %}\
         {% call statement('rename') %}rename {{ from_relation.name }} {{ to_relation.name }}{% endcall %}\
         {% endmacro %}",
    )
    .on(Arc::new(scripted.clone()));
    let template = "{% set old = adapter.get_relation('db', 'main', 'orders') %}\
                    {% set new = old.incorporate(path={'identifier': 'sales'}) %}\
                    {% do adapter.rename_relation(old, new) %}\
                    {{ adapter.get_relation('db', 'main', 'orders') }} {{ adapter.get_relation('db', 'main', 'sales').type }}\
                    {% do adapter.drop_relation(new) %}{% do adapter.commit() %} \
                    {{ adapter.list_relations('db', 'main') }}";
    assert_eq!(project.shown(template), "None table []");
    assert_eq!(
        sent(&scripted),
        [
            "begin",
            "rename orders sales",
            "drop table if exists \"db\".\"main\".\"sales\" cascade",
            "commit"
        ]
    );
}

#[test]
fn a_users_list_of_relations_wins() {
    let scripted = scripted().answer(
        "listed",
        Ok(rows(
            &["database", "name", "schema", "type"],
            vec![vec![
                Cell::text("db"),
                Cell::text("mine"),
                Cell::text("main"),
                Cell::text("view"),
            ]],
        )),
    );
    let macros = "{% macro duckdb__list_relations_without_caching(schema_relation) %}\
                  {{ return(run_query('listed ' ~ schema_relation)) }}{% endmacro %}";
    let project = Project::new(macros).on(Arc::new(scripted.clone()));
    assert_eq!(
        project.shown("{{ adapter.get_relation('db', 'main', 'MINE').is_view }}"),
        "True"
    );
    assert_eq!(sent(&scripted), ["listed \"db\".\"main\""]);
}

#[test]
fn statements_leave_results() {
    let scripted = scripted().answer(
        "select",
        Ok(rows(
            &["n", "amount", "word"],
            vec![
                vec![Cell::Int(1), Cell::Float(1.5), Cell::text("a")],
                vec![Cell::Int(2), Cell::Float(2.0), Cell::Null],
            ],
        )),
    );
    let project = Project::new("").on(Arc::new(scripted));
    let template = "{% set r = run_query('select') %}\
                    {{ r.columns[0].values() }} {{ r.columns['amount'].values()[1] }} {{ r.rows[1]['word'] }} \
                    {{ r.column_names }} {{ r | length }} {% for row in r %}{{ row[0] }}{{ row.word }} {% endfor %}\
                    {% call statement('x') %}update{% endcall %}{{ load_result('x').response }}";
    assert_eq!(
        project.shown(template),
        "(1, 2) 2.0 None ('n', 'amount', 'word') 2 1a 2None OK"
    );
}

#[test]
fn only_the_main_result_is_handed_out_again() {
    let project = Project::new("").on(Arc::new(scripted()));
    let twice = |name: &str| {
        let template = "{% do store_result('NAME', 'OK') %}{% set first = load_result('NAME') %}\
                        {{ load_result('NAME').response }}";
        project.render(&template.replace("NAME", name))
    };
    assert_eq!(twice("main").unwrap(), "OK");
    assert_eq!(
        twice("other").unwrap_err(),
        "The 'statement' result named 'other' has already been loaded into a variable"
    );
}

#[test]
fn complaints_keep_the_warehouses_words() {
    let refused = AdapterError::new(ErrorKind::Binder, "Binder Error: no column\n\nLINE 1: x");
    let project = Project::new("").on(Arc::new(scripted().answer("broken", Err(refused))));
    assert_eq!(
        project.render("{% do run_query('broken') %}").unwrap_err(),
        "Binder Error: no column\n\nLINE 1: x"
    );
}

#[test]
fn mistakes_in_calls_are_told() {
    let project = Project::new("").on(Arc::new(scripted()));
    let rows = [
        ("{{ adapter.foo() }}", "'adapter' has no method 'foo'"),
        (
            "{{ adapter.drop_relation(api.Relation.create(database='d', schema='s', identifier='x')) }}",
            "Tried to drop relation \"d\".\"s\".\"x\", but its type is null.",
        ),
        (
            "{{ adapter.rename_relation(none, none) }}",
            "Attempted to rename null relation to null relation",
        ),
        (
            "{{ adapter.get_incremental_strategy_macro(context, 'nope') }}",
            "dbt could not find an incremental strategy macro with the name \"get_incremental_nope_sql\" in shop",
        ),
        (
            "{{ adapter.get_incremental_strategy_macro(context, 'insert_overwrite') }}",
            "The incremental strategy 'insert_overwrite' is not valid for this adapter",
        ),
        (
            "{{ adapter.get_hard_deletes_behavior({'hard_deletes': 'x'}) }}",
            "Invalid setting for property hard_deletes.",
        ),
    ];
    for (template, expected) in rows {
        assert_eq!(project.render(template).unwrap_err(), expected);
    }
}

#[test]
fn small_questions_have_answers() {
    let project = Project::new("").on(Arc::new(scripted()));
    let rows = [
        (
            "{{ adapter.quote_seed_column('a b', none) }} {{ adapter.quote_seed_column('ab', false) }}",
            "\"a b\" ab",
        ),
        ("{{ adapter.quote_as_configured('x', 'schema') }}", "\"x\""),
        (
            "{{ adapter.valid_incremental_strategies() }}",
            "['append', 'delete+insert', 'merge', 'microbatch']",
        ),
        (
            "{{ adapter.external_root() }} {{ adapter.is_motherduck() }}",
            ". False",
        ),
        (
            "{{ adapter.behavior.some_flag and true }} {{ adapter.behavior.some_flag.no_warn }}",
            "Off False",
        ),
        (
            "{{ adapter.get_hard_deletes_behavior({'invalidate_hard_deletes': true}) }}",
            "invalidate",
        ),
        (
            "{{ adapter.parse_index({'columns': ['a'], 'unique': true}).columns }}",
            "['a']",
        ),
        ("{% set q = adapter.quote %}{{ q('a') }}", "\"a\""),
        (
            "{{ adapter.dispatch('current_timestamp', 'dbt')() | trim }}",
            "now()",
        ),
        (
            "{{ api.Column.translate_type('string') }} {{ api.Column.numeric_type('numeric', 10, 2) }}",
            "TEXT numeric(10,2)",
        ),
        (
            "{{ api.Column.create('a', 'STRUCT(b INTEGER)').flatten()[0].name }}",
            "a.b",
        ),
        (
            "{{ api.Column.create('a', 'STRUCT(\"order\" INTEGER)[]').flatten()[0].name }}",
            "a.\"order\"",
        ),
    ];
    for (template, expected) in rows {
        assert_eq!(project.shown(template), expected, "{template}");
    }
}

#[test]
fn relations_change_by_copies() {
    let project = Project::new("").on(Arc::new(scripted()));
    let rows = [
        ("r is mapping and r.get('metadata').type", "DuckDBRelation"),
        ("[r]", "[<DuckDBRelation \"d\".\"s\".\"x\">]"),
        (
            "r.incorporate(path={'identifier': 'y'}, type='table').type",
            "table",
        ),
        ("r.include(database=false)", "\"s\".\"x\""),
        ("r.quote(identifier=false)", "\"d\".\"s\".x"),
        (
            "r.information_schema().replace(information_schema_view='tables')",
            "\"d\".INFORMATION_SCHEMA.tables",
        ),
        (
            "r == api.Relation.create('d', 's', 'x', type='view')",
            "True",
        ),
        (
            "api.Relation.create(identifier='x', type=api.Relation.get_relation_type('view')).is_view",
            "True",
        ),
        (
            "r.path.schema ~ r.name ~ r.is_view ~ r.quote_policy.schema",
            "sxTrueTrue",
        ),
    ];
    for (expression, expected) in rows {
        let template = format!(
            "{{% set r = api.Relation.create(database='d', schema='s', identifier='x', type='view') %}}{{{{ {expression} }}}}"
        );
        assert_eq!(project.shown(&template), expected, "{expression}");
    }
}

#[test]
fn results_sort_and_shrink() {
    let row = |n, word| vec![Cell::Int(n), Cell::text(word)];
    let given = rows(&["n", "w"], vec![row(1, "b"), row(2, "a"), row(1, "c")]);
    let project = Project::new("").on(Arc::new(scripted().answer("select", Ok(given))));
    let rows = [
        ("r.order_by('w').columns['n'].values()", "(2, 1, 1)"),
        (
            "r.order_by(['n', 'w'], reverse=true).columns[1].values()",
            "('a', 'c', 'b')",
        ),
        ("r.distinct('n').rows | length", "2"),
        ("r.select(['w']).column_names", "('w',)"),
        ("r.rename(column_names={'w': 'v'}).rows[0].v", "b"),
        ("r.columns['n'].values_distinct()", "(1, 2)"),
        ("r.rows[-1].dict()", "{'n': 1, 'w': 'c'}"),
        ("'some' if r.limit(0) else 'none'", "none"),
    ];
    for (expression, expected) in rows {
        let template = format!("{{% set r = run_query('select') %}}{{{{ {expression} }}}}");
        assert_eq!(project.shown(&template), expected, "{expression}");
    }
}

#[test]
fn types_of_results_write_values_to_json() {
    let given = rows(
        &["n", "f", "w"],
        vec![vec![Cell::Int(1), Cell::Float(0.5), Cell::text("b")]],
    );
    let project = Project::new("").on(Arc::new(scripted().answer("select", Ok(given))));
    let rows = [
        ("r.columns['n'].data_type.jsonify(3)", "3"),
        ("r.columns['f'].data_type.jsonify(r.rows[0].f)", "0.5"),
        ("r.columns.get('f').data_type.jsonify(2)", "2.0"),
        ("r.columns['f'].data_type.jsonify(none)", "None"),
        ("r.columns['w'].data_type.jsonify('b')", "b"),
        ("r.columns['n'].data_type.csvify(3) is string", "True"),
        ("r.column_types[1] | string", "Number"),
    ];
    for (expression, expected) in rows {
        let template = format!("{{% set r = run_query('select') %}}{{{{ {expression} }}}}");
        assert_eq!(project.shown(&template), expected, "{expression}");
    }
}

#[test]
fn results_are_cut_into_tables_by_a_column() {
    let row = |n, word| vec![Cell::Int(n), Cell::text(word)];
    let given = rows(&["n", "w"], vec![row(1, "b"), row(2, "a"), row(3, "b")]);
    let project = Project::new("").on(Arc::new(scripted().answer("select", Ok(given))));
    let rows = [
        ("g.keys()", "('b', 'a')"),
        ("g.get('b').columns['n'].values()", "(1, 3)"),
        ("g.get('c')", "None"),
        ("g.get('c', 'none')", "none"),
        ("g['a'].rows | length ~ g[-1].rows[0].n", "12"),
        ("g | length ~ g.key_name ~ g.column_names", "2w('n', 'w')"),
        ("r.group_by('n', 'k').get(2).rows[0].w", "a"),
        ("r.group_by('n', 'k').key_name", "k"),
        ("g.items()[1][0] ~ g.values()[1].rows[0].n", "a2"),
        (
            "g",
            "| table | rows |\n| ----- | ---- |\n| b     | 2    |\n| a     | 1    |\n",
        ),
    ];
    for (expression, expected) in rows {
        let template = format!(
            "{{% set r = run_query('select') %}}{{% set g = r.group_by('w') %}}{{{{ {expression} }}}}"
        );
        assert_eq!(project.shown(&template), expected, "{expression}");
    }
}

#[cfg(feature = "duckdb")]
mod duckdb {
    use super::*;
    use sqlmill::adapter::Credentials;
    use std::path::Path;

    fn project() -> Project {
        let bag = Bag::new();
        let output = serde_json::json!({"type": "duckdb"});
        let credentials = Credentials::read("p", "dev", output.as_object().unwrap(), &bag).unwrap();
        let context = sqlmill::base::Context::fixed(".");
        let adapter = sqlmill::adapter::open(&credentials, Path::new("."), &context).unwrap();
        Project::new("").on(adapter)
    }

    #[test]
    fn tables_come_and_go() {
        let project = project();
        let template = "{% set schema = api.Relation.create(database='memory', schema='made') %}\
            {% do adapter.create_schema(schema) %}{{ adapter.check_schema_exists('memory', 'made') }} \
            {% set a = api.Relation.create(database='memory', schema='made', identifier='a', type='table') %}\
            {% set b = a.incorporate(path={'identifier': 'b'}) %}\
            {% call statement('x') %}create table {{ a }} (i integer, s varchar){% endcall %}{% do adapter.cache_added(a) %}\
            {% do adapter.rename_relation(a, b) %}{% do adapter.commit() %}\
            {{ adapter.list_relations('memory', 'made') | map(attribute='name') | list }} \
            {{ adapter.get_columns_in_relation(b) | map(attribute='dtype') | list }} \
            {{ adapter.get_columns_in_relation(a) }} \
            {{ adapter.get_missing_columns(b, a) | length }} \
            {% do adapter.drop_schema(schema) %}{{ adapter.check_schema_exists('memory', 'made') }}";
        assert_eq!(
            project.shown(template),
            "True ['b'] ['INTEGER', 'VARCHAR'] [] 2 False"
        );
    }

    #[test]
    fn queries_tell_their_columns() {
        let project = project();
        let template = "{% for c in adapter.get_column_schema_from_query(\"select 1 as a, 1.5 as b, {'x': 1} as c\") %}\
                        {{ c.name }} {{ c.dtype }}, {% endfor %}\
                        {% set r = run_query(\"select date '2024-01-02' as d, 12345678901 as n, 'x' as s, 1.0::double as f\") %}\
                        {{ r.rows[0].d.strftime('%d.%m.') }} {{ r.rows[0].f }} \
                        {% for name in r.column_names %}{{ adapter.convert_type(r, loop.index0) }} {% endfor %}";
        assert_eq!(
            project.shown(template),
            "a INTEGER, b DECIMAL(2,1), c.x INTEGER, 02.01. 1.0 date bigint text float8 "
        );
    }

    #[test]
    fn a_missing_table_does_not_end_the_transaction() {
        let project = project();
        let template = "{% call statement('x') %}create table memory.main.t as select 1 as i{% endcall %}\
            {{ adapter.get_columns_in_relation(api.Relation.create(database='memory', schema='main', identifier='no')) }} \
            {{ adapter.location_exists('no.parquet') }} \
            {{ run_query('select i from t').rows[0][0] }}{% do adapter.commit() %}";
        assert_eq!(project.shown(template), "[] False 1");
    }
}
