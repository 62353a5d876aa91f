//! A dict that `update`, `pop` and friends really change; keys stay in the order they came.

use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::decimal;
use crate::jinja::python::repr;
use crate::jinja::values::Part;
use crate::jinja::values::dict;
use crate::jinja::values::none;
use crate::jinja::values::tuple;
use crate::jinja::values::view;
use indexmap::IndexMap;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;

type Entries = IndexMap<Value, Value, rustc_hash::FxBuildHasher>;

/// Python's `dict`.
#[derive(Debug, Default)]
pub struct Dict {
    entries: RwLock<Entries>,
}

impl FromIterator<(Value, Value)> for Dict {
    fn from_iter<T: IntoIterator<Item = (Value, Value)>>(pairs: T) -> Self {
        Dict {
            entries: RwLock::new(pairs.into_iter().collect()),
        }
    }
}

impl Dict {
    pub fn get(&self, key: &str) -> Option<Value> {
        self.read().get(&Value::from(key)).cloned()
    }

    pub fn insert(&self, key: impl Into<Value>, value: Value) {
        self.write().insert(key.into(), value);
    }

    pub fn remove(&self, key: &str) -> Option<Value> {
        self.write().shift_remove(&Value::from(key))
    }

    /// The entries as they are now.
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        let entries = self.read();
        entries
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }

    pub fn keys(&self) -> Vec<Value> {
        self.read().keys().cloned().collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands under a key; a decimal finds the number that it equals.
    fn found(&self, key: &Value) -> Option<Value> {
        let entries = self.read();
        let twin = || decimal::of(key).and_then(decimal::Decimal::as_key);
        let found = entries.get(key);
        found.or_else(|| entries.get(&twin()?)).cloned()
    }

    fn lookup(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let key = args.required("key")?;
        let default = args.optional("default").unwrap_or_else(none);
        args.finish()?;
        Ok(self.found(&key).unwrap_or(default))
    }

    fn setdefault(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let key = args.required("key")?;
        let default = args.optional("default").unwrap_or_else(none);
        args.finish()?;
        Ok(self.write().entry(key).or_insert(default).clone())
    }

    fn pop(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let key = args.required("key")?;
        let default = args.optional("default");
        args.finish()?;
        let found = self.write().shift_remove(&key);
        found.or(default).ok_or_else(|| fail(repr::repr(&key)))
    }

    fn update(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let other = args.optional("other");
        let keywords = args.keywords();
        args.finish()?;
        let mut more = Vec::new();
        if let Some(other) = other {
            more = entries_of(&other)?;
        }
        let keywords = keywords.into_iter();
        more.extend(keywords.map(|(key, value)| (Value::from(key), value)));
        self.write().extend(more);
        Ok(none())
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.found(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.keys())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.read().len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Args::new(method, args);
        let answer = match method {
            "get" => return self.lookup(args),
            "setdefault" => return self.setdefault(args),
            "pop" => return self.pop(args),
            "update" => return self.update(args),
            "fromkeys" => return from_keys(args),
            "keys" => view(Part::Keys, self.keys()),
            "values" => view(
                Part::Values,
                self.pairs().into_iter().map(|(_, value)| value),
            ),
            "items" => view(
                Part::Items,
                self.pairs().into_iter().map(|(k, v)| tuple([k, v])),
            ),
            "copy" => dict(self.pairs()),
            "clear" => {
                self.write().clear();
                none()
            }
            "popitem" => {
                let last = self.write().pop();
                let last = last.map(|(key, value)| tuple([key, value]));
                last.ok_or_else(|| fail("'popitem(): dictionary is empty'"))?
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        args.finish()?;
        Ok(answer)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&repr::repr(&Value::from_dyn_object(self.clone())))
    }
}

/// `dict.fromkeys(keys, value)`: a new mapping, whatever it is called on.
fn from_keys(mut args: Args<'_>) -> Result<Value, Error> {
    let keys = args.required("iterable")?;
    let value = args.optional("value").unwrap_or_else(none);
    args.finish()?;
    Ok(dict(keys.try_iter()?.map(|key| (key, value.clone()))))
}

/// What `dict.update` takes: a mapping, or pairs.
fn entries_of(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    use minijinja::value::ObjectRepr;
    if let Some(object) = value.as_object()
        && object.repr() == ObjectRepr::Map
    {
        return Ok(object.try_iter_pairs().into_iter().flatten().collect());
    }
    let mut entries = Vec::new();
    for (at, pair) in value.try_iter()?.enumerate() {
        let mut items = pair.try_iter()?;
        match (items.next(), items.next(), items.next()) {
            (Some(key), Some(value), None) => entries.push((key, value)),
            _ => {
                return Err(fail(format!(
                    "cannot convert dictionary update sequence element #{at} to a sequence of length 2"
                )));
            }
        }
    }
    Ok(entries)
}
