//! How values of common kinds are written and read; the records of the project are in `records`.

use crate::cache::bytes::Damaged;
use crate::cache::bytes::In;
use crate::cache::bytes::Out;
use crate::cache::bytes::Result;
use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A value that the cache can hold. What `take` reads is what `put` wrote, in the same order.
pub(super) trait Stored: Sized {
    fn put(&self, out: &mut Out<'_>);

    fn take(from: &mut In<'_>) -> Result<Self>;
}

/// A record, by its fields. Reading makes the record, so a field that is left out does not compile.
macro_rules! record {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl Stored for $name {
            fn put(&self, out: &mut Out<'_>) {
                $(self.$field.put(out);)*
            }

            fn take(from: &mut In<'_>) -> Result<Self> {
                Ok($name { $($field: Stored::take(from)?),* })
            }
        }
    };
}

/// A choice between plain names, written as a position in the list.
macro_rules! choice {
    ($name:ident { $($variant:path),* $(,)? }) => {
        impl Stored for $name {
            fn put(&self, out: &mut Out<'_>) {
                let all = [$($variant),*];
                let position = all.iter().position(|one| one == self);
                out.number(position.expect("the list has every variant") as u64);
            }

            fn take(from: &mut In<'_>) -> Result<Self> {
                let all = [$($variant),*];
                let position = usize::try_from(from.number()?).map_err(|_| Damaged)?;
                all.get(position).copied().ok_or(Damaged)
            }
        }
    };
}

pub(super) use choice;
pub(super) use record;

impl Stored for bool {
    fn put(&self, out: &mut Out<'_>) {
        out.bytes.push(u8::from(*self));
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged),
        }
    }
}

impl Stored for usize {
    fn put(&self, out: &mut Out<'_>) {
        out.number(*self as u64);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        usize::try_from(from.number()?).map_err(|_| Damaged)
    }
}

impl Stored for i64 {
    fn put(&self, out: &mut Out<'_>) {
        out.bytes.extend(self.to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(i64::from_le_bytes(array(from)?))
    }
}

impl Stored for i128 {
    fn put(&self, out: &mut Out<'_>) {
        out.bytes.extend(self.to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(i128::from_le_bytes(array(from)?))
    }
}

impl Stored for u64 {
    fn put(&self, out: &mut Out<'_>) {
        out.number(*self);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        from.number()
    }
}

impl Stored for f64 {
    fn put(&self, out: &mut Out<'_>) {
        out.bytes.extend(self.to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(f64::from_le_bytes(array(from)?))
    }
}

impl<const N: usize> Stored for [u8; N] {
    fn put(&self, out: &mut Out<'_>) {
        out.bytes.extend_from_slice(self);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        array(from)
    }
}

fn array<const N: usize>(from: &mut In<'_>) -> Result<[u8; N]> {
    from.bytes(N)?.try_into().map_err(|_| Damaged)
}

impl Stored for String {
    fn put(&self, out: &mut Out<'_>) {
        out.text(self.as_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(from.text()?.to_string())
    }
}

impl Stored for Arc<str> {
    fn put(&self, out: &mut Out<'_>) {
        out.text(self.as_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(Arc::from(from.text()?))
    }
}

/// Words that stand in the program itself.
const WORDS: [&str; 4] = ["sql", "python", "on-run-start", "on-run-end"];

impl Stored for &'static str {
    fn put(&self, out: &mut Out<'_>) {
        out.text(self.as_bytes());
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let text = from.text()?;
        let known = WORDS.iter().find(|word| **word == text);
        // Codes and events of the few diagnostics that are kept: they live as long as the call anyway.
        Ok(match known {
            Some(word) => word,
            None => Box::leak(Box::from(text)),
        })
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, out: &mut Out<'_>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        match bool::take(from)? {
            true => Ok(Some(T::take(from)?)),
            false => Ok(None),
        }
    }
}

impl<T: Stored> Stored for Box<T> {
    fn put(&self, out: &mut Out<'_>) {
        (**self).put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(Box::new(T::take(from)?))
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, out: &mut Out<'_>) {
        self.len().put(out);
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, out: &mut Out<'_>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl<A: Stored, B: Stored, C: Stored> Stored for (A, B, C) {
    fn put(&self, out: &mut Out<'_>) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok((A::take(from)?, B::take(from)?, C::take(from)?))
    }
}

impl Stored for Range<usize> {
    fn put(&self, out: &mut Out<'_>) {
        (self.start, self.end).put(out);
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let (start, end) = Stored::take(from)?;
        Ok(start..end)
    }
}

impl<T: Stored + Ord> Stored for BTreeSet<T> {
    fn put(&self, out: &mut Out<'_>) {
        self.len().put(out);
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    fn put(&self, out: &mut Out<'_>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let count = from.count()?;
        (0..count).map(|_| Stored::take(from)).collect()
    }
}

impl<V: Stored> Stored for IndexMap<String, V> {
    fn put(&self, out: &mut Out<'_>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let count = from.count()?;
        (0..count).map(|_| Stored::take(from)).collect()
    }
}

impl Stored for Map<String, Value> {
    fn put(&self, out: &mut Out<'_>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        let count = from.count()?;
        if count == 0 {
            return Ok(Map::new());
        }
        let mut map = Map::with_capacity(count);
        for _ in 0..count {
            map.insert(Stored::take(from)?, Stored::take(from)?);
        }
        Ok(map)
    }
}

impl Stored for Value {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Value::Null => out.bytes.push(0),
            Value::Bool(value) => out.bytes.push(1 + u8::from(*value)),
            Value::Number(number) => put_number(number, out),
            Value::String(text) => {
                out.bytes.push(6);
                text.put(out);
            }
            Value::Array(items) => {
                out.bytes.push(7);
                items.put(out);
            }
            Value::Object(map) => {
                out.bytes.push(8);
                map.put(out);
            }
        }
    }

    fn take(from: &mut In<'_>) -> Result<Self> {
        Ok(match from.byte()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::from(i64::take(from)?),
            4 => Value::from(u64::take(from)?),
            5 => Value::Number(Number::from_f64(f64::take(from)?).ok_or(Damaged)?),
            6 => Value::String(Stored::take(from)?),
            7 => Value::Array(Stored::take(from)?),
            8 => Value::Object(Stored::take(from)?),
            _ => return Err(Damaged),
        })
    }
}

fn put_number(number: &Number, out: &mut Out<'_>) {
    if let Some(value) = number.as_i64() {
        out.bytes.push(3);
        value.put(out);
    } else if let Some(value) = number.as_u64() {
        out.bytes.push(4);
        value.put(out);
    } else {
        out.bytes.push(5);
        number.as_f64().unwrap_or_default().put(out);
    }
}
