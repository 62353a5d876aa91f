//! Names of DuckDB's types, as `describe` writes them.

use duckdb::core::LogicalTypeHandle;
use duckdb::core::LogicalTypeId as Id;

pub(super) fn name(kind: &LogicalTypeHandle) -> String {
    if let Some(alias) = kind.get_alias() {
        return alias;
    }
    let child = |index| name(&kind.child(index));
    match kind.id() {
        Id::Boolean => "BOOLEAN".to_string(),
        Id::Tinyint => "TINYINT".to_string(),
        Id::Smallint => "SMALLINT".to_string(),
        Id::Integer => "INTEGER".to_string(),
        Id::Bigint => "BIGINT".to_string(),
        Id::UTinyint => "UTINYINT".to_string(),
        Id::USmallint => "USMALLINT".to_string(),
        Id::UInteger => "UINTEGER".to_string(),
        Id::UBigint => "UBIGINT".to_string(),
        Id::Hugeint => "HUGEINT".to_string(),
        Id::UHugeint => "UHUGEINT".to_string(),
        Id::Bignum => "BIGNUM".to_string(),
        Id::Float => "FLOAT".to_string(),
        Id::Double => "DOUBLE".to_string(),
        Id::Decimal => format!("DECIMAL({},{})", kind.decimal_width(), kind.decimal_scale()),
        Id::Varchar => "VARCHAR".to_string(),
        Id::Blob => "BLOB".to_string(),
        Id::Bit => "BIT".to_string(),
        Id::Uuid => "UUID".to_string(),
        Id::Date => "DATE".to_string(),
        Id::Time => "TIME".to_string(),
        Id::TimeNs => "TIME_NS".to_string(),
        Id::TimeTZ => "TIME WITH TIME ZONE".to_string(),
        Id::Timestamp => "TIMESTAMP".to_string(),
        Id::TimestampS => "TIMESTAMP_S".to_string(),
        Id::TimestampMs => "TIMESTAMP_MS".to_string(),
        Id::TimestampNs => "TIMESTAMP_NS".to_string(),
        Id::TimestampTZ => "TIMESTAMP WITH TIME ZONE".to_string(),
        Id::Interval => "INTERVAL".to_string(),
        Id::Enum => "ENUM".to_string(),
        Id::Geometry => "GEOMETRY".to_string(),
        Id::Variant => "VARIANT".to_string(),
        Id::SqlNull => "\"NULL\"".to_string(),
        Id::List | Id::Array => format!("{}[]", child(0)),
        Id::Map => format!("MAP({}, {})", child(0), child(1)),
        Id::Struct => format!("STRUCT({})", fields(kind)),
        Id::Union => format!("UNION({})", fields(kind)),
        _ => "UNKNOWN".to_string(),
    }
}

fn fields(kind: &LogicalTypeHandle) -> String {
    let fields = (0..kind.num_children())
        .map(|index| format!("{} {}", kind.child_name(index), name(&kind.child(index))));
    fields.collect::<Vec<_>>().join(", ")
}
