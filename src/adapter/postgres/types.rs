//! Numbers of PostgreSQL's own types, and the names that dbt's Python driver has for them.
//! Contracts compare those names, so that `text` and `varchar(5)` count as the same.

pub(super) const BOOL: u32 = 16;
pub(super) const BYTEA: u32 = 17;
pub(super) const INT8: u32 = 20;
pub(super) const INT2: u32 = 21;
pub(super) const INT4: u32 = 23;
pub(super) const TEXT: u32 = 25;
pub(super) const OID: u32 = 26;
pub(super) const JSON: u32 = 114;
pub(super) const FLOAT4: u32 = 700;
pub(super) const FLOAT8: u32 = 701;
pub(super) const DATE: u32 = 1082;
pub(super) const TIME: u32 = 1083;
pub(super) const TIMESTAMP: u32 = 1114;
pub(super) const TIMESTAMPTZ: u32 = 1184;
pub(super) const INTERVAL: u32 = 1186;
pub(super) const TIMETZ: u32 = 1266;
pub(super) const NUMERIC: u32 = 1700;
pub(super) const JSONB: u32 = 3802;

/// Types of one value.
const PLAIN: [(u32, &str); 24] = [
    (BOOL, "BOOLEAN"),
    (BYTEA, "BINARY"),
    (18, "TEXT"),
    (19, "TEXT"),
    (INT8, "LONGINTEGER"),
    (INT2, "INTEGER"),
    (INT4, "INTEGER"),
    (TEXT, "TEXT"),
    (OID, "ROWID"),
    (JSON, "JSON"),
    (FLOAT4, "FLOAT"),
    (FLOAT8, "FLOAT"),
    (704, "INTERVAL"),
    (705, "UNKNOWN"),
    (1042, "TEXT"),
    (1043, "TEXT"),
    (DATE, "DATE"),
    (TIME, "TIME"),
    (TIMESTAMP, "DATETIME"),
    (TIMESTAMPTZ, "DATETIMETZ"),
    (INTERVAL, "INTERVAL"),
    (TIMETZ, "TIME"),
    (NUMERIC, "DECIMAL"),
    (JSONB, "JSONB"),
];

/// Arrays: their number, that of their items, their name.
const ARRAYS: [(u32, u32, &str); 33] = [
    (199, JSON, "JSONARRAY"),
    (651, 650, "CIDRARRAY"),
    (1000, BOOL, "BOOLEANARRAY"),
    (1001, BYTEA, "BINARYARRAY"),
    (1002, 18, "STRINGARRAY"),
    (1003, 19, "STRINGARRAY"),
    (1005, INT2, "INTEGERARRAY"),
    (1006, 22, "INTEGERARRAY"),
    (1007, INT4, "INTEGERARRAY"),
    (1009, TEXT, "STRINGARRAY"),
    (1013, 30, "ROWIDARRAY"),
    (1014, 1042, "STRINGARRAY"),
    (1015, 1043, "STRINGARRAY"),
    (1016, INT8, "LONGINTEGERARRAY"),
    (1021, FLOAT4, "FLOATARRAY"),
    (1022, FLOAT8, "FLOATARRAY"),
    (1028, OID, "ROWIDARRAY"),
    (1040, 829, "MACADDRARRAY"),
    (1041, 869, "INETARRAY"),
    (1115, TIMESTAMP, "DATETIMEARRAY"),
    (1182, DATE, "DATEARRAY"),
    (1183, TIME, "TIMEARRAY"),
    (1185, TIMESTAMPTZ, "DATETIMETZARRAY"),
    (1187, INTERVAL, "INTERVALARRAY"),
    (1231, NUMERIC, "DECIMALARRAY"),
    (1270, TIMETZ, "TIMEARRAY"),
    (3807, JSONB, "JSONBARRAY"),
    (3905, 3904, "typeARRAY"),
    (3907, 3906, "typeARRAY"),
    (3909, 3908, "tsrangeARRAY"),
    (3911, 3910, "tstzrangeARRAY"),
    (3913, 3912, "daterangeARRAY"),
    (3927, 3926, "typeARRAY"),
];

/// Ranges: their number, that of their bounds, their name.
const RANGES: [(u32, u32, &str); 6] = [
    (3904, INT4, "type"),
    (3906, NUMERIC, "type"),
    (3908, TIMESTAMP, "tsrange"),
    (3910, TIMESTAMPTZ, "tstzrange"),
    (3912, DATE, "daterange"),
    (3926, INT8, "type"),
];

pub(super) fn name(oid: u32) -> String {
    let plain = PLAIN.iter().map(|(number, name)| (*number, *name));
    let nested = ARRAYS.iter().chain(&RANGES);
    let nested = nested.map(|(number, _, name)| (*number, *name));
    match plain.chain(nested).find(|(number, _)| *number == oid) {
        Some((_, name)) => name.to_string(),
        None => format!("unknown type_code {oid}"),
    }
}

/// The type of an array's items; `None` where it is no array, or none that comes apart.
pub(super) fn element_of(oid: u32) -> Option<u32> {
    second(&ARRAYS, oid)
}

pub(super) fn is_range(oid: u32) -> bool {
    bound_of(oid).is_some()
}

/// The type of a range's bounds.
pub(super) fn bound_of(oid: u32) -> Option<u32> {
    second(&RANGES, oid)
}

fn second(table: &[(u32, u32, &str)], oid: u32) -> Option<u32> {
    let mut rows = table.iter();
    rows.find(|(number, _, _)| *number == oid)
        .map(|(_, second, _)| *second)
}
