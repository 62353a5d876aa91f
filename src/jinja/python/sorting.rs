//! Python's `sorted`: stable, by `<`, and failing where two items have no order.

use crate::jinja::python::operators;
use minijinja::Error;
use minijinja::value::Value;

/// Which end comes first; equal items keep their order either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// From Python's `reverse` argument.
    pub fn from_reverse(reverse: bool) -> Self {
        match reverse {
            true => Direction::Descending,
            false => Direction::Ascending,
        }
    }
}

/// The items ordered by their keys. Fails on keys that Python does not compare.
pub fn sort_by_key(
    items: Vec<Value>,
    direction: Direction,
    mut key: impl FnMut(&Value) -> Result<Value, Error>,
) -> Result<Vec<Value>, Error> {
    let keyed: Result<Vec<Keyed>, Error> = items
        .into_iter()
        .map(|item| Ok((key(&item)?, item)))
        .collect();
    let sorted = merge_sort(keyed?, direction)?;
    Ok(sorted.into_iter().map(|(_, item)| item).collect())
}

/// The items ordered by themselves.
pub fn sort(items: Vec<Value>, direction: Direction) -> Result<Vec<Value>, Error> {
    sort_by_key(items, direction, |item| Ok(item.clone()))
}

type Keyed = (Value, Value);

/// Own code, since the standard sort cannot fail and may panic on an order with gaps (NaN).
fn merge_sort(mut items: Vec<Keyed>, direction: Direction) -> Result<Vec<Keyed>, Error> {
    if items.len() < 2 {
        return Ok(items);
    }
    let second = items.split_off(items.len() / 2);
    let mut left = merge_sort(items, direction)?.into_iter().peekable();
    let mut right = merge_sort(second, direction)?.into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let right_first = match direction {
            Direction::Ascending => operators::less(&b.0, &a.0)?,
            Direction::Descending => operators::less(&a.0, &b.0)?,
        };
        merged.extend(if right_first {
            right.next()
        } else {
            left.next()
        });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
