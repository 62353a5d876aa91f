//! The records of a project as the cache holds them.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::Severity;
use crate::base::SourceFile;
use crate::base::fs::Stamp;
use crate::cache::bytes::Damaged;
use crate::cache::bytes::In;
use crate::cache::bytes::Out;
use crate::cache::bytes::Result;
use crate::cache::stored::Stored;
use crate::cache::stored::choice;
use crate::cache::stored::record;
use crate::config::NodeConfig;
use crate::node::Column;
use crate::node::Columns;
use crate::node::Constraint;
use crate::node::Detail;
use crate::node::DocBlock;
use crate::node::Exposure;
use crate::node::Freshness;
use crate::node::Function;
use crate::node::Group;
use crate::node::Limit;
use crate::node::MacroDoc;
use crate::node::Metric;
use crate::node::Model;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Render;
use crate::node::Resource;
use crate::node::SavedQuery;
use crate::node::SemanticModel;
use crate::node::Source;
use crate::node::SparseMap;
use crate::node::Test;
use crate::node::TestMetadata;
use crate::node::UniqueId;
use crate::node::UnitTest;
use crate::node::function::Argument;
use crate::node::function::Returns;
use crate::node::unit_test::Fixture;
use crate::node::unit_test::Format;
use crate::node::unit_test::Given;
use crate::node::unit_test::Input;
use crate::node::unit_test::Overrides;
use crate::node::unit_test::Rows;
use crate::parse::Uses;
use indexmap::IndexMap;
use serde_json::Map;
use std::sync::Arc;

record!(Node {
    unique_id,
    resource,
    name,
    package,
    path,
    original_file_path,
    file,
    code,
    first_line,
    fqn,
    database,
    schema,
    alias,
    relation_name,
    checksum,
    raw_code,
    language,
    config,
    unrendered_config,
    tags,
    meta,
    description,
    doc_blocks,
    columns,
    patch_path,
    refs,
    sources,
    metrics,
    functions,
    macros,
    render,
    created_at,
    detail,
});

choice!(Resource {
    Resource::Model,
    Resource::Seed,
    Resource::Snapshot,
    Resource::Test,
    Resource::UnitTest,
    Resource::Analysis,
    Resource::Function,
    Resource::Operation,
    Resource::SqlOperation,
    Resource::Source,
    Resource::Exposure,
    Resource::Metric,
    Resource::SemanticModel,
    Resource::SavedQuery,
});

choice!(Render {
    Render::Ahead,
    Render::InTurn,
});

choice!(Format {
    Format::Dict,
    Format::Csv,
    Format::Sql,
});

choice!(Severity {
    Severity::Remark,
    Severity::Warning,
    Severity::Error,
});

record!(Ref {
    package,
    name,
    version,
});

record!(Column {
    name,
    description,
    meta,
    tags,
    data_type,
    constraints,
    quote,
    granularity,
    doc_blocks,
    config,
    extra,
});

record!(Constraint {
    kind,
    name,
    expression,
    warn_unenforced,
    warn_unsupported,
    to,
    to_columns,
    columns,
});

record!(Model {
    access,
    constraints,
    version,
    latest_version,
    deprecation_date,
    time_spine,
    primary_key,
});

record!(Test {
    metadata,
    column_name,
    attached_node,
    file_key_name,
    group,
});

record!(TestMetadata {
    name,
    kwargs,
    namespace,
});

record!(Source {
    source_name,
    source_description,
    loader,
    identifier,
    quoting,
    loaded_at_field,
    loaded_at_query,
    freshness,
    external,
    source_meta,
    read_in_place,
    unrendered_database,
    unrendered_schema,
});

record!(Freshness {
    warn_after,
    error_after,
    filter,
});

record!(Exposure {
    kind,
    owner,
    label,
    maturity,
    url,
});

record!(SemanticModel {
    label,
    model,
    primary_entity,
    defaults,
    entities,
    dimensions,
    measures,
});

record!(Metric {
    label,
    kind,
    type_params,
    filter,
    time_granularity,
    semantic_models,
});

record!(SavedQuery {
    label,
    query_params,
    exports,
});

record!(Group {
    unique_id,
    name,
    package,
    path,
    original_file_path,
    description,
    owner,
    config,
});

record!(Function { arguments, returns });

record!(Argument {
    name,
    data_type,
    description,
    default_value,
});

record!(Returns {
    data_type,
    description,
});

record!(UnitTest {
    model,
    version,
    versions,
    tested,
    given,
    expect,
    overrides,
});

record!(Given {
    written,
    input,
    rows,
});

record!(Fixture { rows, format, file });

record!(Overrides {
    vars,
    env_vars,
    macros,
});

record!(MacroDoc {
    package,
    name,
    description,
    meta,
    docs,
    arguments,
    patch_path,
});

record!(DocBlock {
    unique_id,
    package,
    name,
    path,
    original_file_path,
    contents,
});

record!(Uses {
    macros,
    flags,
    call,
});

record!(Stamp {
    bytes,
    modified,
    changed,
    number,
});

record!(Diagnostic {
    code,
    severity,
    message,
    place,
    note,
    hint,
    related,
    headline,
    event,
    fields,
});

impl Stored for UniqueId {
    fn put(&self, out: &mut Out<'_>) {
        out.text(self.as_str().as_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(UniqueId::new(from.text()?))
    }
}

impl Stored for NodeConfig {
    fn put(&self, out: &mut Out<'_>) {
        let number = out.tables.number_of_map(&self.shared());
        number
            .expect("the settings of every node were added")
            .put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let number = usize::take(from)?;
        from.tables.map(number).map(NodeConfig::from).ok_or(Damaged)
    }
}

impl Stored for SparseMap {
    fn put(&self, out: &mut Out<'_>) {
        match self
            .shared()
            .map(|map| (map, out.tables.number_of_map(map)))
        {
            None => out.number(0),
            Some((map, None)) => tagged(1, &**map, out),
            Some((_, Some(number))) => tagged(2, &number, out),
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.number()? {
            0 => SparseMap::default(),
            1 => SparseMap::from(Map::take(from)?),
            2 => {
                let number = usize::take(from)?;
                SparseMap::from(from.tables.map(number).ok_or(Damaged)?)
            }
            _ => return Err(Damaged),
        })
    }
}

/// Most nodes have none, and need no list of their own then.
impl Stored for Columns {
    fn put(&self, out: &mut Out<'_>) {
        (**self).put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let columns = IndexMap::take(from)?;
        Ok(match columns.is_empty() {
            true => Columns::default(),
            false => Arc::new(columns),
        })
    }
}

impl Stored for Arc<SourceFile> {
    fn put(&self, out: &mut Out<'_>) {
        let number = out.tables.number_of_file(self);
        number.put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let number = usize::take(from)?;
        from.tables.file(number).ok_or(Damaged)
    }
}

impl Stored for Place {
    fn put(&self, out: &mut Out<'_>) {
        (self.file.clone(), self.start, self.end).put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let (file, start, end) = Stored::take(from)?;
        Ok(Place { file, start, end })
    }
}

impl Stored for Limit {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Limit::Unset => out.number(0),
            Limit::Off => out.number(1),
            Limit::After(count, period) => {
                out.number(2);
                count.put(out);
                period.put(out);
            }
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.number()? {
            0 => Limit::Unset,
            1 => Limit::Off,
            2 => Limit::After(Stored::take(from)?, Stored::take(from)?),
            _ => return Err(Damaged),
        })
    }
}

impl Stored for Input {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Input::This => out.number(0),
            Input::Ref(written) => {
                out.number(1);
                written.put(out);
            }
            Input::Source(source, table) => {
                out.number(2);
                source.put(out);
                table.put(out);
            }
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.number()? {
            0 => Input::This,
            1 => Input::Ref(Stored::take(from)?),
            2 => Input::Source(Stored::take(from)?, Stored::take(from)?),
            _ => return Err(Damaged),
        })
    }
}

impl Stored for Rows {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Rows::Values(rows) => {
                out.number(0);
                rows.put(out);
            }
            Rows::Sql(text) => {
                out.number(1);
                text.put(out);
            }
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.number()? {
            0 => Rows::Values(Stored::take(from)?),
            1 => Rows::Sql(Stored::take(from)?),
            _ => return Err(Damaged),
        })
    }
}

impl Stored for Detail {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Detail::Model(model) => tagged(0, model, out),
            Detail::Seed {
                root_path,
                known_by_path,
            } => tagged(1, &(root_path.clone(), *known_by_path), out),
            Detail::Snapshot => out.number(2),
            Detail::Test(test) => tagged(3, test, out),
            Detail::UnitTest(test) => tagged(4, test, out),
            Detail::Analysis => out.number(5),
            Detail::Function(function) => tagged(6, function, out),
            Detail::Operation { event, index } => tagged(7, &(*event, *index), out),
            Detail::SqlOperation => out.number(8),
            Detail::Source(source) => tagged(9, source, out),
            Detail::Exposure(exposure) => tagged(10, exposure, out),
            Detail::Metric(metric) => tagged(11, metric, out),
            Detail::SemanticModel(model) => tagged(12, model, out),
            Detail::SavedQuery(query) => tagged(13, query, out),
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.number()? {
            0 => Detail::Model(Stored::take(from)?),
            1 => {
                let (root_path, known_by_path) = Stored::take(from)?;
                Detail::Seed {
                    root_path,
                    known_by_path,
                }
            }
            2 => Detail::Snapshot,
            3 => Detail::Test(Stored::take(from)?),
            4 => Detail::UnitTest(Stored::take(from)?),
            5 => Detail::Analysis,
            6 => Detail::Function(Stored::take(from)?),
            7 => {
                let (event, index) = Stored::take(from)?;
                Detail::Operation { event, index }
            }
            8 => Detail::SqlOperation,
            9 => Detail::Source(Stored::take(from)?),
            10 => Detail::Exposure(Stored::take(from)?),
            11 => Detail::Metric(Stored::take(from)?),
            12 => Detail::SemanticModel(Stored::take(from)?),
            13 => Detail::SavedQuery(Stored::take(from)?),
            _ => return Err(Damaged),
        })
    }
}

fn tagged(tag: u64, value: &impl Stored, out: &mut Out<'_>) {
    out.number(tag);
    value.put(out);
}
