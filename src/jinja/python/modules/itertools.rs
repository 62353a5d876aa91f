//! The functions of Python's `itertools` that dbt offers. They give lists; those without an end
//! give a sequence that is made while a loop walks it.

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::iterate::walk;
use crate::jinja::python::methods;
use crate::jinja::python::operators;
use crate::jinja::values::list;
use crate::jinja::values::none;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

type Body = fn(&mut State, &[Value]) -> Result<Value, Error>;

const FUNCTIONS: [(&str, Body); 14] = [
    ("accumulate", accumulate),
    ("chain", |_, args| chain(args)),
    ("combinations", |_, args| {
        choose("combinations", args, Choice::Combinations)
    }),
    ("combinations_with_replacement", |_, args| {
        choose(
            "combinations_with_replacement",
            args,
            Choice::WithReplacement,
        )
    }),
    ("compress", |_, args| compress(args)),
    ("count", |_, args| count(args)),
    ("cycle", |_, args| cycle(args)),
    ("islice", |_, args| islice(args)),
    ("permutations", |_, args| {
        choose("permutations", args, Choice::Permutations)
    }),
    ("product", |_, args| product(args)),
    ("repeat", |_, args| repeat(args)),
    ("starmap", starmap),
    ("tee", |_, args| tee(args)),
    ("zip_longest", |_, args| zip_longest(args)),
];

/// The names of `modules.itertools`.
pub fn module() -> Value {
    Value::from_pairs(
        FUNCTIONS.map(|(name, body)| (name, Value::from_object(Function { name, body }))),
    )
}

struct Function {
    name: &'static str,
    body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class 'itertools.{}'>", self.name)
    }
}

impl Object for Function {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.body)(state, args)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if (self.name, method) != ("chain", "from_iterable") {
            return Err(methods::unknown(
                &Value::from_dyn_object(self.clone()),
                method,
            ));
        }
        let [iterables] = bind(method, ["iterable"], args)?;
        let iterables = required(method, "iterable", iterables)?;
        chain(&walk(&iterables)?.collect::<Vec<_>>())
    }
}

/// Running sums, or whatever `func` makes of the value so far and the next one.
fn accumulate(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let [items, func, initial] = bind("accumulate", ["iterable", "func", "initial"], args)?;
    let items = required("accumulate", "iterable", items)?;
    let func = func.filter(|func| !func.is_none());
    let mut total = initial.filter(|initial| !initial.is_none());
    let mut totals: Vec<Value> = total.iter().cloned().collect();
    for item in walk(&items)? {
        let next = match (&total, &func) {
            (None, _) => item,
            (Some(total), None) => operators::add(total, &item)?,
            (Some(total), Some(func)) => func.call(state, &[total.clone(), item])?,
        };
        totals.push(next.clone());
        total = Some(next);
    }
    Ok(list(totals))
}

fn chain(iterables: &[Value]) -> Result<Value, Error> {
    let mut items = Vec::new();
    for iterable in iterables {
        items.extend(walk(iterable)?);
    }
    Ok(list(items))
}

fn compress(args: &[Value]) -> Result<Value, Error> {
    let [data, selectors] = bind("compress", ["data", "selectors"], args)?;
    let data = required("compress", "data", data)?;
    let selectors = required("compress", "selectors", selectors)?;
    let pairs = walk(&data)?.zip(walk(&selectors)?);
    Ok(list(
        pairs
            .filter(|(_, keep)| keep.is_true())
            .map(|(item, _)| item),
    ))
}

fn count(args: &[Value]) -> Result<Value, Error> {
    let [start, step] = bind("count", ["start", "step"], args)?;
    let start = start.unwrap_or(Value::from(0));
    let step = step.unwrap_or(Value::from(1));
    operators::add(&start, &step)?;
    Ok(Value::make_iterable(move || {
        let step = step.clone();
        std::iter::successors(Some(start.clone()), move |at| {
            operators::add(at, &step).ok()
        })
    }))
}

fn cycle(args: &[Value]) -> Result<Value, Error> {
    let [items] = bind("cycle", ["iterable"], args)?;
    let items: Vec<Value> = walk(&required("cycle", "iterable", items)?)?.collect();
    Ok(Value::make_iterable(move || {
        items.clone().into_iter().cycle()
    }))
}

fn repeat(args: &[Value]) -> Result<Value, Error> {
    let [item, times] = bind("repeat", ["object", "times"], args)?;
    let item = required("repeat", "object", item)?;
    match times {
        Some(times) => {
            let times = usize::try_from(int(&times)?).unwrap_or(0);
            Ok(list(std::iter::repeat_n(item, times)))
        }
        None => Ok(Value::make_iterable(move || {
            std::iter::repeat(item.clone())
        })),
    }
}

/// `islice(items, stop)` or `islice(items, start, stop, step)`.
fn islice(args: &[Value]) -> Result<Value, Error> {
    let [items, first, second, step] = bind("islice", ["iterable", "start", "stop", "step"], args)?;
    let items = required("islice", "iterable", items)?;
    let (start, stop) = match second {
        Some(stop) => (first, stop),
        None => (None, required("islice", "stop", first)?),
    };
    let range = "must be None or an integer: 0 <= x <= sys.maxsize.";
    let size = |what: &str, value: Option<&Value>, default: i64| {
        usize::try_from(int_or(value, default)?).map_err(|_| fail(format!("{what} {range}")))
    };
    let start = size("Indices for islice()", start.as_ref(), 0)?;
    let stop = size("Stop argument for islice()", Some(&stop), i64::MAX)?;
    let step = size("Indices for islice()", step.as_ref(), 1)?;
    if step == 0 {
        return Err(fail(
            "Step for islice() must be a positive integer or None.",
        ));
    }
    let picked = walk(&items)?.take(stop).skip(start).step_by(step);
    Ok(list(picked))
}

fn product(args: &[Value]) -> Result<Value, Error> {
    let (iterables, named) = crate::jinja::call::split(args);
    let mut times = 1;
    for (name, value) in named {
        match name.as_str() {
            "repeat" => times = usize::try_from(int(&value)?).unwrap_or(0),
            _ => return Err(unexpected("product", &name)),
        }
    }
    let pools: Result<Vec<Vec<Value>>, Error> = iterables
        .iter()
        .map(|items| Ok(walk(items)?.collect()))
        .collect();
    let pools = pools?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for pool in std::iter::repeat_n(&pools, times).flatten() {
        rows = rows
            .iter()
            .flat_map(|row| {
                pool.iter()
                    .map(|item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    Ok(list(rows.into_iter().map(tuple)))
}

fn starmap(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let [function, items] = bind("starmap", ["function", "iterable"], args)?;
    let function = required("starmap", "function", function)?;
    let items = required("starmap", "iterable", items)?;
    let mut found = Vec::new();
    for item in walk(&items)? {
        let args: Vec<Value> = walk(&item)?.collect();
        found.push(function.call(state, &args)?);
    }
    Ok(list(found))
}

fn tee(args: &[Value]) -> Result<Value, Error> {
    let [items, times] = bind("tee", ["iterable", "n"], args)?;
    let items: Vec<Value> = walk(&required("tee", "iterable", items)?)?.collect();
    let times = usize::try_from(int_or(times.as_ref(), 2)?).map_err(|_| fail("n must be >= 0"))?;
    Ok(tuple((0..times).map(|_| list(items.iter().cloned()))))
}

fn zip_longest(args: &[Value]) -> Result<Value, Error> {
    let (iterables, named) = crate::jinja::call::split(args);
    let mut filler = none();
    for (name, value) in named {
        match name.as_str() {
            "fillvalue" => filler = value,
            _ => return Err(unexpected("zip_longest", &name)),
        }
    }
    let columns: Result<Vec<Vec<Value>>, Error> = iterables
        .iter()
        .map(|items| Ok(walk(items)?.collect()))
        .collect();
    let columns = columns?;
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    Ok(list((0..rows).map(|row| {
        let cells = columns.iter().map(|column| column.get(row));
        tuple(cells.map(|cell| cell.unwrap_or(&filler).clone()))
    })))
}

#[derive(Clone, Copy, PartialEq)]
enum Choice {
    Combinations,
    WithReplacement,
    Permutations,
}

fn choose(name: &str, args: &[Value], choice: Choice) -> Result<Value, Error> {
    let [items, size] = bind(name, ["iterable", "r"], args)?;
    let items: Vec<Value> = walk(&required(name, "iterable", items)?)?.collect();
    let size = match (size, choice) {
        (Some(size), _) if !size.is_none() => int(&size)?,
        (_, Choice::Permutations) => items.len() as i64,
        (size, _) => int(&required(name, "r", size)?)?,
    };
    let size = usize::try_from(size).map_err(|_| fail("r must be non-negative"))?;
    let mut rows = Vec::new();
    pick(items.len(), size, choice, &mut Vec::new(), &mut |picked| {
        rows.push(tuple(picked.iter().map(|at| items[*at].clone())));
    });
    Ok(list(rows))
}

/// Calls `found` with every choice of indices, in order.
fn pick(
    len: usize,
    size: usize,
    choice: Choice,
    picked: &mut Vec<usize>,
    found: &mut impl FnMut(&[usize]),
) {
    if picked.len() == size {
        return found(picked);
    }
    let start = match (choice, picked.last()) {
        (Choice::Permutations, _) | (_, None) => 0,
        (Choice::Combinations, Some(last)) => last + 1,
        (Choice::WithReplacement, Some(last)) => *last,
    };
    for at in start..len {
        if choice == Choice::Permutations && picked.contains(&at) {
            continue;
        }
        picked.push(at);
        pick(len, size, choice, picked, found);
        picked.pop();
    }
}

fn unexpected(function: &str, name: &str) -> Error {
    fail(format!(
        "{function}() got an unexpected keyword argument '{name}'"
    ))
}
