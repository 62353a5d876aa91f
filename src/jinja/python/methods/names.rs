//! The names of methods, by type: a name that is asked for without a call is the method itself.
//! Promise: each name is one that a call answers; a test holds them against the calls.

use crate::jinja::column;
use crate::jinja::python::type_name;
use crate::jinja::relation;
use minijinja::value::Value;

/// Types as [`type_name`] tells them, and their methods.
const METHODS: &[(&str, &[&str])] = &[
    ("str", TEXT),
    ("bytes", &["decode", "hex"]),
    ("bool", INTEGER),
    ("int", INTEGER),
    ("float", &["as_integer_ratio", "conjugate", "is_integer"]),
    ("list", LIST),
    ("tuple", &["count", "index"]),
    ("range", &["count", "index"]),
    ("dict", DICT),
    ("set", SET),
    ("decimal.Decimal", DECIMAL),
    ("datetime.datetime", STAMP),
    ("datetime.date", DATE),
    ("datetime.time", TIME),
    ("datetime.timedelta", &["total_seconds"]),
    ("re.Pattern", PATTERN),
    ("re.Match", MATCH),
];

/// Names under which relations and columns, which have no type in Python's sense, are listed.
const RELATION: &[&str] = &[
    "get",
    "include",
    "incorporate",
    "information_schema",
    "information_schema_only",
    "matches",
    "quote",
    "quoted",
    "render",
    "render_limited",
    "replace",
    "replace_path",
    "to_dict",
    "without_identifier",
];

const COLUMN: &[&str] = &[
    "can_expand_to",
    "flatten",
    "is_float",
    "is_integer",
    "is_number",
    "is_numeric",
    "is_string",
    "is_struct",
    "literal",
    "string_size",
];

#[rustfmt::skip]
const TEXT: &[&str] = &[
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find",
    "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit",
    "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join",
    "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace",
    "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines",
    "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
];

const INTEGER: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "is_integer",
];

#[rustfmt::skip]
const LIST: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];

#[rustfmt::skip]
const DICT: &[&str] = &[
    "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update",
    "values",
];

#[rustfmt::skip]
const SET: &[&str] = &[
    "add", "clear", "copy", "difference", "discard", "intersection", "isdisjoint", "issubset",
    "issuperset", "pop", "remove", "symmetric_difference", "union", "update",
];

#[rustfmt::skip]
const DECIMAL: &[&str] = &[
    "adjusted", "as_integer_ratio", "as_tuple", "compare", "conjugate", "copy_abs", "copy_negate",
    "is_finite", "is_infinite", "is_nan", "is_signed", "is_zero", "max", "min", "normalize",
    "quantize", "sqrt", "to_eng_string", "to_integral", "to_integral_exact", "to_integral_value",
];

#[rustfmt::skip]
const STAMP: &[&str] = &[
    "astimezone", "combine", "ctime", "date", "dst", "fromisocalendar", "fromisoformat",
    "fromordinal", "fromtimestamp", "isocalendar", "isoformat", "isoweekday", "now", "replace",
    "strftime", "strptime", "time", "timestamp", "timetuple", "timetz", "today", "toordinal",
    "tzname", "utcfromtimestamp", "utcnow", "utcoffset", "utctimetuple", "weekday",
];

#[rustfmt::skip]
const DATE: &[&str] = &[
    "ctime", "fromisocalendar", "fromisoformat", "fromordinal", "fromtimestamp", "isocalendar",
    "isoformat", "isoweekday", "replace", "strftime", "timetuple", "today", "toordinal", "weekday",
];

const TIME: &[&str] = &[
    "dst",
    "fromisoformat",
    "isoformat",
    "replace",
    "strftime",
    "tzname",
    "utcoffset",
];

const PATTERN: &[&str] = &[
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "search",
    "split",
    "sub",
    "subn",
];

const MATCH: &[&str] = &[
    "end",
    "expand",
    "group",
    "groupdict",
    "groups",
    "span",
    "start",
];

const CONFIG: &[&str] = &[
    "get",
    "meta_get",
    "meta_require",
    "persist_column_docs",
    "persist_relation_docs",
    "require",
    "set",
];

/// The name, as it is listed, of a method of `config`.
pub fn config_method(name: &str) -> Option<&'static str> {
    listed(CONFIG, name)
}

/// The name, as it is listed, of a method that some type has; `None` for all other names.
pub(super) fn known(name: &str) -> Option<&'static str> {
    let types = METHODS.iter().map(|(_, names)| *names);
    let mut lists = types.chain([RELATION, COLUMN]);
    lists.find_map(|names| listed(names, name))
}

/// The name, as it is listed, of a method that this value has.
pub(super) fn of(value: &Value, name: &str) -> Option<&'static str> {
    listed(methods(value), name)
}

fn methods(value: &Value) -> &'static [&'static str] {
    if relation::is_relation(value) {
        return RELATION;
    }
    if column::is_column(value) {
        return COLUMN;
    }
    let class = type_name(value);
    let found = METHODS.iter().find(|(name, _)| *name == class);
    found.map_or(&[], |(_, names)| names)
}

fn listed(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().copied().find(|listed| *listed == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jinja::code::Absence;
    use crate::jinja::environment;
    use crate::jinja::python::Rendering;
    use crate::jinja::values;
    use minijinja::ErrorKind;

    #[test]
    fn every_name_is_answered_by_a_call() {
        let env = environment::build(Rendering::Text, Absence::Fails);
        let owners = [
            Value::from("a"),
            Value::from(true),
            Value::from(1),
            Value::from(1.5),
            values::list([Value::from(1)]),
            values::dict([("a", Value::from(1))]),
            values::tuple([Value::from(1)]),
        ];
        for owner in owners {
            let names = methods(&owner);
            assert!(!names.is_empty(), "{owner}");
            for name in names {
                let answer = owner.call_method(&mut env.empty_state(), name, &[]);
                let unknown = answer.is_err_and(|e| e.kind() == ErrorKind::UnknownMethod);
                assert!(!unknown, "{owner} has no {name}");
            }
        }
    }
}
