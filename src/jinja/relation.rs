//! Relations as templates see them: `this`, what `ref()` gives, `api.Relation`.

use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::jinja::call::Args;
use crate::jinja::call::function;
use crate::jinja::error::fail;
use crate::jinja::values;
use crate::sql::Dialect;
use crate::sql::Parts;
use crate::sql::quote;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A relation as a value.
pub fn relation(relation: Relation) -> Value {
    Value::from_object(RelationValue(relation))
}

/// The relation in a value; `None` for any other value.
pub fn relation_of(value: &Value) -> Option<Relation> {
    value
        .downcast_object_ref::<RelationValue>()
        .map(|found| found.0.clone())
}

/// Whether a value is a relation; templates see one as a mapping.
pub fn is_relation(value: &Value) -> bool {
    value.downcast_object_ref::<RelationValue>().is_some()
}

/// `api.Relation` and `adapter.Relation`: makes relations out of parts.
pub fn relation_class(dialect: &'static Dialect) -> Value {
    Value::from_object(Class(dialect))
}

#[derive(Debug)]
struct RelationValue(Relation);

impl Object for RelationValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write!(f, "<{} {}>", class_name(&self.0), self.0.render()),
            false => write!(f, "{}", self.0),
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        attribute(&self.0, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match call(&self.0, method, Args::new(method, args))? {
            Some(value) => Ok(value),
            None => match attribute(&self.0, method) {
                Some(value) => value.call(state, args),
                None => Err(Error::from(ErrorKind::UnknownMethod)),
            },
        }
    }

    /// Two relations are one where their parts are; what reads them does not matter.
    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<RelationValue>()?;
        Some(match self.0 == other.0 {
            true => Ordering::Equal,
            false => self
                .0
                .to_string()
                .cmp(&other.0.to_string())
                .then(Ordering::Less),
        })
    }
}

fn attribute(relation: &Relation, name: &str) -> Option<Value> {
    let is = |kind: RelationKind| Value::from(relation.kind == Some(kind));
    let part = |part: &Option<String>| part.as_deref().map_or_else(values::none, Value::from);
    Some(match name {
        "database" => part(&relation.database),
        "schema" => part(&relation.schema),
        "identifier" | "name" | "table" => part(&relation.identifier),
        "type" => relation
            .kind
            .map_or_else(values::none, |kind| Value::from(kind.as_str())),
        "is_table" => is(RelationKind::Table),
        "is_view" => is(RelationKind::View),
        "is_cte" => is(RelationKind::Cte),
        "is_materialized_view" => is(RelationKind::MaterializedView),
        "is_pointer" => is(RelationKind::PointerTable),
        "is_function" => is(RelationKind::Function),
        "external" => part(&relation.external),
        "limit" => relation.limit.map_or_else(values::none, Value::from),
        "quote_character" => Value::from(relation.dialect.quote.to_string()),
        "quote_policy" => parts(relation.quote),
        "include_policy" => parts(relation.include),
        "can_be_renamed" | "can_be_replaced" => Value::from(matches!(
            relation.kind,
            Some(RelationKind::Table | RelationKind::View)
        )),
        "require_alias" => Value::from(relation.alias_required),
        "path" => values::dict([
            ("database", part(&relation.database)),
            ("schema", part(&relation.schema)),
            ("identifier", part(&relation.identifier)),
        ]),
        "Table" | "View" | "CTE" | "MaterializedView" | "External" | "Function"
        | "get_relation_type" => {
            return kind_constant(name);
        }
        _ => return None,
    })
}

/// `Relation.Table` and its like: the words for kinds.
fn kind_constant(name: &str) -> Option<Value> {
    let kind = match name {
        "Table" => RelationKind::Table,
        "View" => RelationKind::View,
        "CTE" => RelationKind::Cte,
        "MaterializedView" => RelationKind::MaterializedView,
        "External" => RelationKind::External,
        "Function" => RelationKind::Function,
        "get_relation_type" => return Some(Value::from_object(KindClass)),
        _ => return None,
    };
    Some(Value::from(kind.as_str()))
}

/// `DuckDBRelation`
fn class_name(relation: &Relation) -> String {
    format!("{}Relation", relation.dialect.title)
}

fn parts(parts: Parts) -> Value {
    values::dict([
        ("database", Value::from(parts.database)),
        ("schema", Value::from(parts.schema)),
        ("identifier", Value::from(parts.identifier)),
    ])
}

/// The answer of a method; `None` where a relation has no such method.
fn call(this: &Relation, method: &str, mut args: Args<'_>) -> Result<Option<Value>, Error> {
    let value = match method {
        "render" => Value::from(this.render()),
        "render_limited" => Value::from(this.render_limited()),
        "include" => relation(this.including(|parts| set_parts(parts, &mut args))),
        "quote" => relation(this.quoting(|parts| set_parts(parts, &mut args))),
        "incorporate" | "replace" => relation(incorporate(this, args)?),
        "replace_path" => relation(replace_path(this.clone(), &mut args)),
        "without_identifier" => relation(this.without_identifier()),
        "relation_max_name_length" => {
            args.finish()?;
            let longest = this.dialect.max_identifier_bytes;
            longest.map_or_else(values::none, Value::from)
        }
        "suffixed" => {
            let suffix = args.required_str("suffix")?;
            args.finish()?;
            relation(this.suffixed(&suffix).map_err(fail)?)
        }
        "without_quote" => relation(this.quoting(|parts| *parts = Parts::NONE)),
        "information_schema" => {
            let view = args.optional_str("view_name")?;
            relation(this.information_schema(view.as_deref()))
        }
        "information_schema_only" => relation(this.information_schema(None)),
        "matches" => {
            let [database, schema, identifier] = names(&mut args)?;
            Value::from(this.matches(
                database.as_deref(),
                schema.as_deref(),
                identifier.as_deref(),
            ))
        }
        "quoted" => {
            let mut out = String::new();
            quote::push_identifier(&mut out, &args.required_str("identifier")?, this.dialect);
            Value::from(out)
        }
        "get" => {
            let key = args.required_str("key")?;
            let default = args.optional("default").unwrap_or_else(values::none);
            match key.as_str() {
                // By this, macros of packages know a relation.
                "metadata" => values::dict([("type", Value::from(class_name(this)))]),
                key => attribute(this, key)
                    .filter(|found| !found.is_none())
                    .unwrap_or(default),
            }
        }
        "create" => relation(create(this.dialect, args)?),
        "to_dict" => values::dict([
            (
                "database",
                attribute(this, "database").unwrap_or_else(values::none),
            ),
            (
                "schema",
                attribute(this, "schema").unwrap_or_else(values::none),
            ),
            (
                "identifier",
                attribute(this, "identifier").unwrap_or_else(values::none),
            ),
            ("type", attribute(this, "type").unwrap_or_else(values::none)),
        ]),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn names(args: &mut Args<'_>) -> Result<[Option<String>; 3], Error> {
    Ok([
        args.optional_str("database")?,
        args.optional_str("schema")?,
        args.optional_str("identifier")?,
    ])
}

fn set_parts(parts: &mut Parts, args: &mut Args<'_>) {
    let mut read = |name: &str, part: &mut bool| {
        if let Some(value) = args.optional(name).filter(|value| !value.is_none()) {
            *part = value.is_true();
        }
    };
    read("database", &mut parts.database);
    read("schema", &mut parts.schema);
    read("identifier", &mut parts.identifier);
}

/// `incorporate(path={'identifier': ..}, type=..)`: the relation with some parts replaced.
fn incorporate(this: &Relation, mut args: Args<'_>) -> Result<Relation, Error> {
    let mut changed = this.clone();
    for (name, value) in args.keywords() {
        match name.as_str() {
            "path" => {
                for (part, value) in values::pairs(&value) {
                    set_name(&mut changed, &part, &value);
                }
            }
            "type" => changed.kind = kind(&value)?,
            "quote_policy" => changed.quote = policy(&value, changed.quote),
            "include_policy" => changed.include = policy(&value, changed.include),
            "limit" => changed.limit = value.as_i64().and_then(|limit| u64::try_from(limit).ok()),
            // Of an information schema: another of its views.
            "information_schema_view" => set_name(&mut changed, "identifier", &value),
            "require_alias" => changed.alias_required = value.is_true(),
            other => set_name(&mut changed, other, &value),
        }
    }
    Ok(changed)
}

fn replace_path(mut relation: Relation, args: &mut Args<'_>) -> Relation {
    for (name, value) in args.keywords() {
        set_name(&mut relation, &name, &value);
    }
    relation
}

fn set_name(relation: &mut Relation, part: &str, value: &Value) {
    let text = value.as_str().map(str::to_string);
    match part {
        "database" => relation.database = text,
        "schema" => relation.schema = text,
        "identifier" => relation.identifier = text,
        _ => {}
    }
}

fn policy(value: &Value, unset: Parts) -> Parts {
    let flag = |name: &str, unset: bool| match value.get_attr(name) {
        Ok(found) if !found.is_undefined() && !found.is_none() => found.is_true(),
        _ => unset,
    };
    Parts {
        database: flag("database", unset.database),
        schema: flag("schema", unset.schema),
        identifier: flag("identifier", unset.identifier),
    }
}

fn kind(value: &Value) -> Result<Option<RelationKind>, Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(None);
    }
    let text = value.to_string().to_lowercase();
    let unknown = || fail(format!("'{text}' is no type of a relation"));
    RelationKind::named(&text).map(Some).ok_or_else(unknown)
}

/// `Relation.create(database=, schema=, identifier=, type=)`.
fn create(dialect: &'static Dialect, mut args: Args<'_>) -> Result<Relation, Error> {
    let [database, schema, identifier] = names(&mut args)?;
    let mut made = Relation::new(
        dialect,
        database.as_deref(),
        schema.as_deref(),
        identifier.as_deref(),
    );
    if let Some(value) = args.optional("type") {
        made.kind = kind(&value)?;
    }
    for (name, value) in args.keywords() {
        match name.as_str() {
            "quote_policy" => made.quote = policy(&value, made.quote),
            "include_policy" => made.include = policy(&value, made.include),
            "limit" => made.limit = value.as_i64().and_then(|limit| u64::try_from(limit).ok()),
            _ => {}
        }
    }
    Ok(made)
}

/// `Relation.create_from(quoting, node)`: where a node lives.
fn create_from(dialect: &'static Dialect, mut args: Args<'_>) -> Result<Relation, Error> {
    let _quoting = args.required("quoting")?;
    let node = args.required("relation_config")?;
    let part = |names: &[&str]| {
        let found = names.iter().filter_map(|name| node.get_attr(name).ok());
        found
            .into_iter()
            .find_map(|value| value.as_str().map(str::to_string))
    };
    let identifier = part(&["identifier", "alias", "name"]);
    let (database, schema) = (part(&["database"]), part(&["schema"]));
    Ok(Relation::new(
        dialect,
        database.as_deref(),
        schema.as_deref(),
        identifier.as_deref(),
    ))
}

/// `Relation.get_relation_type`: kinds by attribute (`.View`), or checked by a call (`('view')`).
#[derive(Debug)]
struct KindClass;

impl Object for KindClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        kind_constant(key.as_str()?)
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut args = Args::new("get_relation_type", args);
        let value = args.required("value")?;
        args.finish()?;
        let found = kind(&value)?;
        Ok(found.map_or_else(values::none, |kind| Value::from(kind.as_str())))
    }
}

struct Class(&'static Dialect);

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class {}Relation>", self.0.title)
    }
}

impl Object for Class {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let dialect = self.0;
        match key.as_str()? {
            "create" => Some(function("create", move |_, args| {
                create(dialect, args).map(relation)
            })),
            other => kind_constant(other),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        match method {
            "create" => create(self.0, args).map(relation),
            "create_from" | "create_from_node" => create_from(self.0, args).map(relation),
            "add_ephemeral_prefix" => {
                let name = args.required_str("name")?;
                Ok(Value::from(format!(
                    "{}{name}",
                    crate::adapter::relation::CTE_PREFIX
                )))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
