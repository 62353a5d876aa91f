//! A list that `append`, `sort` and friends really change.

use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::repr;
use crate::jinja::python::sorting::Direction;
use crate::jinja::python::sorting::sort_by_key;
use crate::jinja::values::list;
use crate::jinja::values::none;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;

/// Python's `list`.
#[derive(Debug, Default)]
pub struct List {
    items: RwLock<Vec<Value>>,
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        List {
            items: RwLock::new(items),
        }
    }
}

impl List {
    /// The items as they are now.
    pub fn items(&self) -> Vec<Value> {
        self.read().clone()
    }

    pub fn len(&self) -> usize {
        self.read().len()
    }

    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    pub fn push(&self, item: Value) {
        self.write().push(item);
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Value>> {
        self.items.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Value>> {
        self.items.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a Python index points, counted from the start; `None` outside of the list.
    fn position(&self, index: i64) -> Option<usize> {
        let len = self.len();
        let at = usize::try_from(if index < 0 { index + len as i64 } else { index }).ok()?;
        (at < len).then_some(at)
    }

    fn insert(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let index = args.required_int("index")?;
        let item = args.required("object")?;
        args.finish()?;
        let mut items = self.write();
        let len = items.len() as i64;
        let at = if index < 0 { index + len } else { index }.clamp(0, len);
        items.insert(at as usize, item);
        Ok(none())
    }

    fn pop(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let index = args.optional_int("index")?.unwrap_or(-1);
        args.finish()?;
        if self.is_empty() {
            return Err(fail("pop from empty list"));
        }
        let at = self.position(index);
        at.map(|at| self.write().remove(at))
            .ok_or_else(|| fail("pop index out of range"))
    }

    fn remove(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let wanted = args.required("value")?;
        args.finish()?;
        // Compared outside of the lock: the items may be lists that hold this one.
        let at = self.items().iter().position(|item| *item == wanted);
        let at = at.ok_or_else(|| fail("list.remove(x): x not in list"))?;
        self.write().remove(at);
        Ok(none())
    }

    fn index(&self, mut args: Args<'_>) -> Result<Value, Error> {
        let wanted = args.required("value")?;
        let start = args.optional_int("start")?.unwrap_or(0);
        let stop = args.optional_int("stop")?;
        args.finish()?;
        let items = self.items();
        let len = items.len() as i64;
        let bound = |at: i64| if at < 0 { at + len } else { at }.clamp(0, len) as usize;
        let range = bound(start)..bound(stop.unwrap_or(len));
        let at = range.into_iter().find(|at| items[*at] == wanted);
        at.map(Value::from)
            .ok_or_else(|| fail(format!("{} is not in list", repr::repr(&wanted))))
    }

    fn sort(&self, state: &mut State<'_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
        let key = args.optional("key").filter(|key| !key.is_none());
        let reverse = args.optional("reverse").is_some_and(|flag| flag.is_true());
        args.finish()?;
        let direction = Direction::from_reverse(reverse);
        let sorted = sort_by_key(self.items(), direction, |item| match &key {
            Some(key) => key.call(state, std::slice::from_ref(item)),
            None => Ok(item.clone()),
        })?;
        *self.write() = sorted;
        Ok(none())
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = self.position(key.as_i64()?)?;
        self.read().get(at).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, _: &str) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        match method {
            "append" => self.push(args.required("object")?),
            "extend" => {
                let more = args.required("iterable")?.try_iter()?.collect::<Vec<_>>();
                self.write().extend(more);
            }
            "insert" => return self.insert(args),
            "pop" => return self.pop(args),
            "remove" => return self.remove(args),
            "index" => return self.index(args),
            "sort" => return self.sort(state, args),
            "reverse" => self.write().reverse(),
            "clear" => self.write().clear(),
            "copy" => {
                args.finish()?;
                return Ok(list(self.items()));
            }
            "count" => {
                let wanted = args.required("value")?;
                args.finish()?;
                let found = self.items().iter().filter(|item| **item == wanted).count();
                return Ok(Value::from(found));
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        args.finish()?;
        Ok(none())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&repr::repr(&Value::from_dyn_object(self.clone())))
    }
}
