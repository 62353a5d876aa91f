//! Python's `set`. Items keep the order in which they came.

use crate::jinja::Args;
use crate::jinja::fail;
use crate::jinja::python::iterate::walk;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use crate::jinja::values::none;
use indexmap::IndexSet;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

type Items = IndexSet<Value, rustc_hash::FxBuildHasher>;

#[derive(Debug, Default)]
pub struct Set {
    items: RwLock<Items>,
}

impl Set {
    /// The items of anything that can be walked. Fails on lists, dicts and sets among them.
    pub fn collect(value: &Value) -> Result<Self, Error> {
        Ok(Set::from(distinct(value)?))
    }

    pub fn contains(&self, item: &Value) -> bool {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        items.contains(item)
    }

    /// `a - b`
    pub fn difference(&self, other: &Set) -> Value {
        let other = other.snapshot();
        let kept = self.snapshot().into_iter();
        Set::from(kept.filter(|item| !other.contains(item)).collect::<Items>()).into()
    }

    /// Whether one holds the other: `Less` for a real subset; `None` where neither does.
    pub fn order(&self, other: &Set) -> Option<Ordering> {
        let (a, b) = (self.snapshot(), other.snapshot());
        match (is_subset(&a, &b), is_subset(&b, &a)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        }
    }

    fn snapshot(&self) -> Items {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        items.clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Items) -> T) -> T {
        let mut items = self.items.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut items)
    }

    /// Methods that change the set; `None` for others.
    fn mutate(&self, method: &str, args: &mut Args) -> Option<Result<Value, Error>> {
        let answer = match method {
            "add" => hashable(args).map(|item| {
                self.change(|items| items.insert(item));
                none()
            }),
            "discard" => hashable(args).map(|item| {
                self.change(|items| items.shift_remove(&item));
                none()
            }),
            "remove" => hashable(args).and_then(|item| {
                match self.change(|items| items.shift_remove(&item)) {
                    true => Ok(none()),
                    false => Err(fail(repr::repr(&item))),
                }
            }),
            "pop" => self
                .change(|items| items.shift_remove_index(0))
                .ok_or_else(|| fail("'pop from an empty set'")),
            "clear" => {
                self.change(Items::clear);
                Ok(none())
            }
            "update" => all_of(args).map(|more| {
                self.change(|items| items.extend(more));
                none()
            }),
            _ => return None,
        };
        Some(answer)
    }

    /// Methods that compare or combine; `None` for others.
    fn combine(&self, method: &str, args: &mut Args) -> Option<Result<Value, Error>> {
        let mine = self.snapshot();
        let set = |items: Items| Value::from(Set::from(items));
        let answer = match method {
            "copy" => Ok(set(mine)),
            "union" => all_of(args).map(|more| set(mine.into_iter().chain(more).collect())),
            "difference" => all_of(args).map(|other| {
                set(mine
                    .into_iter()
                    .filter(|item| !other.contains(item))
                    .collect())
            }),
            "intersection" => each_of(args).map(|others| {
                let everywhere = |item: &Value| others.iter().all(|other| other.contains(item));
                set(mine.into_iter().filter(everywhere).collect())
            }),
            "symmetric_difference" => all_of(args).map(|other| {
                let left = mine.iter().filter(|item| !other.contains(*item));
                let right = other.iter().filter(|item| !mine.contains(*item));
                set(left.chain(right).cloned().collect())
            }),
            "issubset" => all_of(args).map(|other| Value::from(is_subset(&mine, &other))),
            "issuperset" => all_of(args).map(|other| Value::from(is_subset(&other, &mine))),
            "isdisjoint" => {
                all_of(args).map(|other| Value::from(!mine.iter().any(|item| other.contains(item))))
            }
            _ => return None,
        };
        Some(answer)
    }
}

impl From<Items> for Set {
    fn from(items: Items) -> Self {
        Set {
            items: RwLock::new(items),
        }
    }
}

impl From<Set> for Value {
    fn from(set: Set) -> Self {
        Value::from_object(set)
    }
}

impl Object for Set {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.snapshot().into_iter().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        Some(items.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        let answer = self
            .mutate(method, &mut args)
            .or_else(|| self.combine(method, &mut args));
        let answer = answer.unwrap_or_else(|| Err(Error::from(ErrorKind::UnknownMethod)))?;
        args.finish()?;
        Ok(answer)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Set>()?;
        let (a, b) = (self.snapshot(), other.snapshot());
        // Any order will do for sets that differ; Python has none.
        Some(match is_subset(&a, &b) && a.len() == b.len() {
            true => Ordering::Equal,
            false => a.iter().cmp(b.iter()).then(Ordering::Less),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.snapshot().iter().map(repr::repr).collect();
        match items.is_empty() {
            true => f.write_str("set()"),
            false => write!(f, "{{{}}}", items.join(", ")),
        }
    }
}

fn distinct(value: &Value) -> Result<Items, Error> {
    walk(value)?
        .map(|item| check_hashable(&item).map(|()| item))
        .collect()
}

fn hashable(args: &mut Args) -> Result<Value, Error> {
    let item = args.required("elem")?;
    check_hashable(&item).map(|()| item)
}

fn check_hashable(item: &Value) -> Result<(), Error> {
    if item.is_tuple() {
        return item.try_iter()?.try_for_each(|part| check_hashable(&part));
    }
    match item.kind() {
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            Err(fail(format!("unhashable type: '{}'", type_name(item))))
        }
        _ => Ok(()),
    }
}

fn each_of(args: &mut Args) -> Result<Vec<Items>, Error> {
    args.rest().iter().map(distinct).collect()
}

fn all_of(args: &mut Args) -> Result<Items, Error> {
    Ok(each_of(args)?.into_iter().flatten().collect())
}

fn is_subset(a: &Items, b: &Items) -> bool {
    a.iter().all(|item| b.contains(item))
}
