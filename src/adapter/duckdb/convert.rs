//! Arrow columns, as DuckDB hands over results, to cells.
//! Promise: every type that a query may give has a cell; values that no cell can hold become text.

use crate::adapter::Cell;
use crate::adapter::Table;
use crate::adapter::cell::Interval;
use crate::adapter::decimal::Decimal;
use duckdb::arrow::array::Array;
use duckdb::arrow::array::AsArray;
use duckdb::arrow::array::StructArray;
use duckdb::arrow::datatypes as arrow;
use duckdb::arrow::datatypes::DataType;
use duckdb::arrow::datatypes::TimeUnit;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// Adds the rows of a chunk, until the table has `limit` rows.
pub(super) fn push_rows(table: &mut Table, chunk: &StructArray, limit: usize) {
    let room = limit.saturating_sub(table.rows.len());
    let readers: Vec<Reader<'_>> = chunk
        .columns()
        .iter()
        .zip(&table.columns)
        .map(|(array, column)| Reader::new(array.as_ref(), &column.type_name))
        .collect();
    for row in 0..chunk.len().min(room) {
        table
            .rows
            .push(readers.iter().map(|reader| reader.cell(row)).collect());
    }
}

/// One column, and what its Arrow type does not tell.
struct Reader<'a> {
    array: &'a dyn Array,
    form: Form,
    zone: TimeZone,
}

/// DuckDB's types that share an Arrow type with another.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    Integer,
    UnsignedInteger,
    Bits,
    BigNumber,
}

impl<'a> Reader<'a> {
    fn new(array: &'a dyn Array, type_name: &str) -> Self {
        let zone = match array.data_type() {
            DataType::Timestamp(_, Some(zone)) => TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            _ => TimeZone::UTC,
        };
        let form = match type_name {
            "HUGEINT" => Form::Integer,
            "UHUGEINT" => Form::UnsignedInteger,
            "BIT" => Form::Bits,
            "BIGNUM" => Form::BigNumber,
            _ => Form::Plain,
        };
        Reader { array, form, zone }
    }

    fn cell(&self, row: usize) -> Cell {
        let array = self.array;
        if array.is_null(row) && !matches!(array.data_type(), DataType::Union(..)) {
            return Cell::Null;
        }
        match array.data_type() {
            DataType::Null => Cell::Null,
            DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
            DataType::Int8 => integer(array.as_primitive::<arrow::Int8Type>().value(row)),
            DataType::Int16 => integer(array.as_primitive::<arrow::Int16Type>().value(row)),
            DataType::Int32 => integer(array.as_primitive::<arrow::Int32Type>().value(row)),
            DataType::Int64 => integer(array.as_primitive::<arrow::Int64Type>().value(row)),
            DataType::UInt8 => integer(array.as_primitive::<arrow::UInt8Type>().value(row)),
            DataType::UInt16 => integer(array.as_primitive::<arrow::UInt16Type>().value(row)),
            DataType::UInt32 => integer(array.as_primitive::<arrow::UInt32Type>().value(row)),
            DataType::UInt64 => integer(array.as_primitive::<arrow::UInt64Type>().value(row)),
            DataType::Float32 => {
                Cell::Float(array.as_primitive::<arrow::Float32Type>().value(row).into())
            }
            DataType::Float64 => Cell::Float(array.as_primitive::<arrow::Float64Type>().value(row)),
            DataType::Decimal128(_, scale) => {
                let digits = array.as_primitive::<arrow::Decimal128Type>().value(row);
                self.decimal(digits, i32::from(*scale))
            }
            DataType::Utf8 => Cell::text(array.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => Cell::text(array.as_string::<i64>().value(row)),
            DataType::Utf8View => Cell::text(array.as_string_view().value(row)),
            DataType::Binary => self.bytes(array.as_binary::<i32>().value(row)),
            DataType::LargeBinary => self.bytes(array.as_binary::<i64>().value(row)),
            DataType::FixedSizeBinary(_) => self.bytes(array.as_fixed_size_binary().value(row)),
            DataType::Date32 => date(array.as_primitive::<arrow::Date32Type>().value(row)),
            DataType::Time64(unit) => time(time_value(array, *unit, row), *unit),
            DataType::Timestamp(unit, zone) => {
                let value = timestamp_value(array, *unit, row);
                self.timestamp(value, *unit, zone.is_some())
            }
            DataType::Interval(_) => {
                let value = array
                    .as_primitive::<arrow::IntervalMonthDayNanoType>()
                    .value(row);
                Cell::Interval(Interval {
                    months: value.months,
                    days: value.days,
                    micros: value.nanoseconds / 1000,
                })
            }
            DataType::Dictionary(..) => dictionary(array, row),
            DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref()),
            DataType::LargeList(_) => list(array.as_list::<i64>().value(row).as_ref()),
            DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row).as_ref()),
            DataType::Struct(_) => structure(array.as_struct(), row),
            DataType::Map(..) => map(&array.as_map().value(row)),
            DataType::Union(..) => {
                let array = array.as_union();
                let member = array.child(array.type_id(row));
                inner(member.as_ref()).cell(array.value_offset(row))
            }
            other => Cell::text(format!("a value of type {other}")),
        }
    }

    fn decimal(&self, digits: i128, scale: i32) -> Cell {
        match self.form {
            Form::Integer => Cell::Int(digits),
            // Arrow has no unsigned form; the bits are those of the unsigned number.
            Form::UnsignedInteger => match digits {
                0.. => Cell::Int(digits),
                _ => Cell::text((digits as u128).to_string()),
            },
            _ => Cell::Decimal(Decimal {
                digits,
                exponent: -scale,
            }),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> Cell {
        match self.form {
            Form::Bits => Cell::text(bits(bytes)),
            Form::BigNumber => Cell::text(big_number(bytes)),
            _ => Cell::Blob(bytes.into()),
        }
    }

    fn timestamp(&self, value: i64, unit: TimeUnit, zoned: bool) -> Cell {
        let nanos = i128::from(value) * nanos_of(unit);
        let Some(instant) = finite(value).and_then(|_| Timestamp::from_nanosecond(nanos).ok())
        else {
            return Cell::text(out_of_range(value));
        };
        match zoned {
            true => Cell::Instant(Box::new(instant.to_zoned(self.zone.clone()))),
            false => Cell::DateTime(TimeZone::UTC.to_datetime(instant)),
        }
    }
}

/// A reader for values inside others, where only Arrow's type is at hand.
fn inner(array: &dyn Array) -> Reader<'_> {
    let type_name = match array.data_type() {
        // Inside others, a decimal of full width and no fraction is a HUGEINT.
        DataType::Decimal128(38, 0) => "HUGEINT",
        _ => "",
    };
    Reader::new(array, type_name)
}

fn integer(value: impl Into<i128>) -> Cell {
    Cell::Int(value.into())
}

fn date(days: i32) -> Cell {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = jiff::Span::new().try_days(i64::from(days));
    match date.and_then(|days| epoch.checked_add(days)) {
        Ok(date) => Cell::Date(date),
        Err(_) if days == i32::MAX => Cell::text("infinity"),
        Err(_) if days == -i32::MAX => Cell::text("-infinity"),
        Err(_) => Cell::text(format!("{days} days after 1970-01-01")),
    }
}

fn time(value: i64, unit: TimeUnit) -> Cell {
    let nanos = i128::from(value) * nanos_of(unit);
    let seconds = nanos / 1_000_000_000;
    let part = |value: i128| i8::try_from(value).ok();
    let time = (|| {
        let (hour, minute) = (part(seconds / 3600)?, part(seconds / 60 % 60)?);
        let nanos = i32::try_from(nanos % 1_000_000_000).ok()?;
        Time::new(hour, minute, part(seconds % 60)?, nanos).ok()
    })();
    // DuckDB knows 24:00:00.
    time.map_or_else(|| Cell::text("24:00:00"), Cell::Time)
}

fn time_value(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Nanosecond => array
            .as_primitive::<arrow::Time64NanosecondType>()
            .value(row),
        _ => array
            .as_primitive::<arrow::Time64MicrosecondType>()
            .value(row),
    }
}

fn timestamp_value(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => array
            .as_primitive::<arrow::TimestampSecondType>()
            .value(row),
        TimeUnit::Millisecond => array
            .as_primitive::<arrow::TimestampMillisecondType>()
            .value(row),
        TimeUnit::Microsecond => array
            .as_primitive::<arrow::TimestampMicrosecondType>()
            .value(row),
        TimeUnit::Nanosecond => array
            .as_primitive::<arrow::TimestampNanosecondType>()
            .value(row),
    }
}

fn nanos_of(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1000,
        TimeUnit::Nanosecond => 1,
    }
}

/// `None` for the values that stand for infinity.
fn finite(value: i64) -> Option<i64> {
    (value != i64::MAX && value != -i64::MAX).then_some(value)
}

fn out_of_range(value: i64) -> String {
    match value {
        i64::MAX => "infinity".to_string(),
        _ if value == -i64::MAX => "-infinity".to_string(),
        _ => format!("{value} units after 1970-01-01"),
    }
}

/// An enum: the key says which of the values.
fn dictionary(array: &dyn Array, row: usize) -> Cell {
    let key = match array.data_type() {
        DataType::Dictionary(kind, _) if **kind == DataType::UInt8 => {
            array.as_dictionary::<arrow::UInt8Type>().key(row)
        }
        DataType::Dictionary(kind, _) if **kind == DataType::UInt16 => {
            array.as_dictionary::<arrow::UInt16Type>().key(row)
        }
        _ => array.as_dictionary::<arrow::UInt32Type>().key(row),
    };
    let values = array.as_any_dictionary().values();
    key.map_or(Cell::Null, |key| inner(values.as_ref()).cell(key))
}

fn list(items: &dyn Array) -> Cell {
    let reader = inner(items);
    Cell::List((0..items.len()).map(|index| reader.cell(index)).collect())
}

fn structure(array: &StructArray, row: usize) -> Cell {
    let cells = array
        .columns()
        .iter()
        .map(|column| inner(column.as_ref()).cell(row));
    let names = array.column_names();
    // A row without names is a tuple.
    match names.iter().all(|name| name.is_empty()) {
        true => Cell::List(cells.collect()),
        false => Cell::Struct(names.into_iter().map(Box::from).zip(cells).collect()),
    }
}

fn map(entries: &StructArray) -> Cell {
    let (keys, values) = (
        inner(entries.column(0).as_ref()),
        inner(entries.column(1).as_ref()),
    );
    let entries = (0..entries.len()).map(|index| (keys.cell(index), values.cell(index)));
    Cell::Map(entries.collect())
}

/// DuckDB's BIT: a count of padding bits, then the bits.
fn bits(bytes: &[u8]) -> String {
    let Some((padding, bytes)) = bytes.split_first() else {
        return String::new();
    };
    let all: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    all.get(usize::from(*padding)..)
        .unwrap_or_default()
        .to_string()
}

/// DuckDB's BIGNUM: three bytes of sign and length, then the number, highest byte first;
/// a negative number has all its bits flipped.
fn big_number(bytes: &[u8]) -> String {
    let Some((header, number)) = bytes.split_at_checked(3) else {
        return String::new();
    };
    let negative = header[0] & 0x80 == 0;
    let flip = if negative { 0xff } else { 0 };
    // Decimal digits, lowest first, nine to an item.
    const BASE: u64 = 1_000_000_000;
    let mut groups: Vec<u64> = vec![0];
    for byte in number {
        let mut carry = u64::from(byte ^ flip);
        for group in &mut groups {
            let value = *group * 256 + carry;
            *group = value % BASE;
            carry = value / BASE;
        }
        if carry > 0 {
            groups.push(carry);
        }
    }
    let mut text = if negative {
        "-".to_string()
    } else {
        String::new()
    };
    let mut groups = groups.into_iter().rev();
    text.push_str(&groups.next().unwrap_or(0).to_string());
    groups.for_each(|group| text.push_str(&format!("{group:09}")));
    text
}
