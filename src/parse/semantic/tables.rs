//! What may be written about semantic models, metrics and saved queries, as tables of fields.

use crate::parse::shape::Absent;
use crate::parse::shape::Field;
use crate::parse::shape::GRAINS;
use crate::parse::shape::Kind;
use crate::parse::shape::Words;
use crate::parse::shape::optional;
use crate::parse::shape::or;
use crate::parse::shape::required;

pub(super) const SEMANTIC_MODEL: &[Field] = &[
    required("name", Kind::Text),
    required("model", Kind::Text),
    optional("description", Kind::Text),
    optional("label", Kind::Text),
    optional(
        "defaults",
        Kind::Record(&[optional("agg_time_dimension", Kind::Text)]),
    ),
    or(
        "entities",
        Kind::List(&Kind::Record(ENTITY)),
        Absent::EmptyList,
    ),
    or(
        "measures",
        Kind::List(&Kind::Record(MEASURE)),
        Absent::EmptyList,
    ),
    or(
        "dimensions",
        Kind::List(&Kind::Record(DIMENSION)),
        Absent::EmptyList,
    ),
    optional("primary_entity", Kind::Text),
    or("config", Kind::Map, Absent::Missing),
];

const ENTITY: &[Field] = &[
    required("name", Kind::Text),
    required(
        "type",
        words("EntityType", &["foreign", "natural", "primary", "unique"]),
    ),
    optional("description", Kind::Text),
    optional("label", Kind::Text),
    optional("role", Kind::Text),
    optional("expr", Kind::Expression),
    or("config", Kind::Map, Absent::Missing),
];

const DIMENSION: &[Field] = &[
    required("name", Kind::Text),
    required("type", words("DimensionType", &["categorical", "time"])),
    optional("description", Kind::Text),
    optional("label", Kind::Text),
    or("is_partition", Kind::Flag, Absent::False),
    optional("type_params", Kind::Record(DIMENSION_TYPE_PARAMS)),
    optional("expr", Kind::Expression),
    or("config", Kind::Map, Absent::Missing),
];

const DIMENSION_TYPE_PARAMS: &[Field] = &[
    required("time_granularity", words("TimeGranularity", &GRAINS)),
    optional(
        "validity_params",
        Kind::Record(&[
            or("is_start", Kind::Flag, Absent::False),
            or("is_end", Kind::Flag, Absent::False),
        ]),
    ),
];

const MEASURE: &[Field] = &[
    required("name", Kind::Text),
    required("agg", words("AggregationType", AGGREGATIONS)),
    optional("description", Kind::Text),
    optional("label", Kind::Text),
    or("create_metric", Kind::Flag, Absent::False),
    optional("expr", Kind::Expression),
    optional(
        "agg_params",
        Kind::Record(&[
            optional("percentile", Kind::Number),
            or("use_discrete_percentile", Kind::Flag, Absent::False),
            or("use_approximate_percentile", Kind::Flag, Absent::False),
        ]),
    ),
    optional(
        "non_additive_dimension",
        Kind::Record(&[
            required("name", Kind::Text),
            required("window_choice", words("AggregationType", AGGREGATIONS)),
            or(
                "window_groupings",
                Kind::List(&Kind::Text),
                Absent::EmptyList,
            ),
        ]),
    ),
    optional("agg_time_dimension", Kind::Text),
    or("config", Kind::Map, Absent::Missing),
];

const AGGREGATIONS: &[&str] = &[
    "sum",
    "min",
    "max",
    "count_distinct",
    "sum_boolean",
    "average",
    "percentile",
    "median",
    "count",
];

pub(super) const METRIC: &[Field] = &[
    required("name", Kind::Text),
    required("label", Kind::Text),
    required(
        "type",
        words(
            "MetricType",
            &["simple", "ratio", "cumulative", "derived", "conversion"],
        ),
    ),
    required("type_params", Kind::Record(TYPE_PARAMS)),
    or("description", Kind::Text, Absent::Word("")),
    optional("filter", Kind::Filter),
    optional("time_granularity", Kind::Text),
    or("meta", Kind::Map, Absent::Missing),
    or("tags", Kind::List(&Kind::Text), Absent::EmptyList),
    or("config", Kind::Map, Absent::Missing),
];

const TYPE_PARAMS: &[Field] = &[
    optional("measure", Kind::Named(MEASURE_INPUT)),
    optional("numerator", Kind::Named(METRIC_INPUT)),
    optional("denominator", Kind::Named(METRIC_INPUT)),
    optional("expr", Kind::Expression),
    optional("window", Kind::Window),
    optional("grain_to_date", Kind::Text),
    or(
        "metrics",
        Kind::List(&Kind::Named(METRIC_INPUT)),
        Absent::EmptyList,
    ),
    optional("conversion_type_params", Kind::Record(CONVERSION)),
    optional("cumulative_type_params", Kind::Record(CUMULATIVE)),
];

const MEASURE_INPUT: &[Field] = &[
    required("name", Kind::Text),
    optional("filter", Kind::Filter),
    optional("alias", Kind::Text),
    or("join_to_timespine", Kind::Flag, Absent::False),
    optional("fill_nulls_with", Kind::Whole),
];

const METRIC_INPUT: &[Field] = &[
    required("name", Kind::Text),
    optional("filter", Kind::Filter),
    optional("alias", Kind::Text),
    optional("offset_window", Kind::Window),
    optional("offset_to_grain", Kind::Text),
];

const CONVERSION: &[Field] = &[
    required("base_measure", Kind::Named(MEASURE_INPUT)),
    required("conversion_measure", Kind::Named(MEASURE_INPUT)),
    required("entity", Kind::Text),
    or(
        "calculation",
        words(
            "ConversionCalculationType",
            &["conversions", "conversion_rate"],
        ),
        Absent::Word("conversion_rate"),
    ),
    optional("window", Kind::Window),
    optional(
        "constant_properties",
        Kind::List(&Kind::Record(&[
            required("base_property", Kind::Text),
            required("conversion_property", Kind::Text),
        ])),
    ),
];

const CUMULATIVE: &[Field] = &[
    optional("window", Kind::Window),
    optional("grain_to_date", Kind::Text),
    or(
        "period_agg",
        words("PeriodAggregation", &["first", "last", "average"]),
        Absent::Word("first"),
    ),
];

pub(super) const SAVED_QUERY: &[Field] = &[
    required("name", Kind::Text),
    required("query_params", Kind::Record(QUERY_PARAMS)),
    optional("description", Kind::Text),
    optional("label", Kind::Text),
    or(
        "exports",
        Kind::List(&Kind::Record(EXPORT)),
        Absent::EmptyList,
    ),
    or("tags", Kind::Texts, Absent::EmptyList),
    or("config", Kind::Map, Absent::Missing),
];

const QUERY_PARAMS: &[Field] = &[
    or("metrics", Kind::List(&Kind::Text), Absent::EmptyList),
    or("group_by", Kind::List(&Kind::Text), Absent::EmptyList),
    optional("where", Kind::Filter),
    or("order_by", Kind::List(&Kind::Text), Absent::EmptyList),
    optional("limit", Kind::Whole),
];

const EXPORT: &[Field] = &[
    required("name", Kind::Text),
    or("config", Kind::Map, Absent::Missing),
];

const fn words(name: &'static str, values: &'static [&'static str]) -> Kind {
    let name = Some(name);
    Kind::Word(Words { values, name })
}
