//! STUB for local trial
use super::*;
use crate::adapter::session::AutoBegin;
use crate::adapter::{Relation, Session};
use minijinja::State;
use minijinja::value::{Object, ObjectRepr};
use std::sync::{Arc, Mutex};
pub struct AdX(pub Arc<Mutex<Session>>);
impl std::fmt::Debug for AdX {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "adapter")
    }
}
impl Object for AdX {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let site = current(state)?;
        let mut a = Args::new(method, args);
        let lock = || self.0.lock().unwrap();
        let mac = |name: &str, args: Vec<Value>| {
            site.engine
                .call_by_name(None, name, args, vec![], &site.scope)
                .map_err(|e| e.into_error())
        };
        match method {
            "dispatch" => {
                let name = a.required_str("macro_name")?;
                let ns = a.optional_str("macro_namespace")?;
                let m = site
                    .engine
                    .registry()
                    .dispatch(site.scope.package(), &name, ns.as_deref())
                    .map_err(fail)?;
                Ok(site.engine.macro_value(m))
            }
            "add_query" => {
                let sql = a.required_str("sql")?;
                let _ = a.keywords();
                lock()
                    .execute(&sql, AutoBegin::Yes, &[])
                    .map_err(|e| fail(e.to_string()))?;
                Ok(Value::from(""))
            }
            "execute" => {
                let sql = a.required_str("sql")?;
                let ab = a.flag("auto_begin");
                let fetch = a.flag("fetch");
                let limit = a.optional_int("limit")?;
                let ab = if ab { AutoBegin::Yes } else { AutoBegin::No };
                let err = |e: crate::adapter::AdapterError| {
                    fail_with(crate::base::Diagnostic::error("warehouse", e.to_string()))
                };
                if fetch {
                    let (r, t) = lock()
                        .fetch(&sql, ab, limit.map(|l| l as usize))
                        .map_err(err)?;
                    Ok(values::tuple([
                        results::response_value(&r),
                        table::table(t),
                    ]))
                } else {
                    let r = lock().execute(&sql, ab, &[]).map_err(err)?;
                    Ok(values::tuple([
                        results::response_value(&r),
                        table::table(crate::adapter::Table::default()),
                    ]))
                }
            }
            "commit" => {
                lock().commit().map_err(|e| fail(e.to_string()))?;
                Ok(Value::from(""))
            }
            "get_relation" => {
                let d = a.required_str("database")?;
                let s = a.required_str("schema")?;
                let i = a.required_str("identifier")?;
                Ok(lock()
                    .shared()
                    .cache
                    .get(&d, &s, &i)
                    .map_or_else(values::none, relation))
            }
            "drop_relation" => {
                let r = a.required("relation")?;
                if r.is_none() {
                    return Ok(Value::from(""));
                }
                mac("drop_relation", vec![r.clone()])?;
                lock().shared().cache.remove(&relation_of(&r).unwrap());
                Ok(Value::from(""))
            }
            "rename_relation" => {
                let r = a.required("f")?;
                let t = a.required("t")?;
                mac("rename_relation", vec![r.clone(), t.clone()])?;
                lock()
                    .shared()
                    .cache
                    .rename(&relation_of(&r).unwrap(), &relation_of(&t).unwrap());
                Ok(Value::from(""))
            }
            "truncate_relation" => {
                let r = a.required("relation")?;
                mac("truncate_relation", vec![r.clone()])?;
                Ok(Value::from(""))
            }
            "create_schema" => {
                let r = a.required("relation")?;
                mac("create_schema", vec![r.clone()])?;
                Ok(Value::from(""))
            }
            "get_columns_in_relation" => {
                let r = a.required("relation")?;
                mac("get_columns_in_relation", vec![r])
            }
            "quote" => {
                let i = a.required_str("i")?;
                Ok(Value::from(format!("\"{i}\"")))
            }
            "type" => Ok(Value::from("duckdb")),
            "cache_added" | "cache_dropped" | "cache_renamed" => Ok(Value::from("")),
            "valid_incremental_strategies" => Ok(values::list(
                ["append", "delete+insert", "merge", "microbatch"].map(Value::from),
            )),
            "get_incremental_strategy_macro" => {
                let ctx = a.required("context")?;
                let s = a.required_str("s")?;
                let _ = ctx;
                let n = format!("get_incremental_{}_sql", s.replace('+', "_"));
                let m = site
                    .engine
                    .find(None, &n, &site.scope)
                    .cloned()
                    .ok_or_else(|| {
                        fail(format!(
                            "dbt could not find an incremental strategy macro with the name \"{n}\""
                        ))
                    })?;
                Ok(site.engine.macro_value(&m))
            }
            "check_schema_exists" => {
                let d = a.required_str("d")?;
                let sc = a.required_str("s")?;
                Ok(Value::from(
                    lock()
                        .list_schemas(&d)
                        .map_err(|e| fail(e.to_string()))?
                        .contains(&sc),
                ))
            }
            "convert_type" => {
                let t = a.required("t")?;
                let i = a.required_int("i")? as usize;
                let t = table::table_of(&t).unwrap();
                Ok(Value::from(match t.columns[i].kind {
                    crate::adapter::table::Kind::Integer => "integer",
                    crate::adapter::table::Kind::Number => "double",
                    crate::adapter::table::Kind::Boolean => "boolean",
                    crate::adapter::table::Kind::Date => "date",
                    crate::adapter::table::Kind::DateTime => "timestamp",
                    _ => "text",
                }))
            }
            "quote_seed_column" => a.required("n"),
            "get_seed_file_path" => {
                let m = a.required("m")?;
                Ok(Value::from(format!(
                    "{}/{}",
                    m.get_attr("root_path")?,
                    m.get_attr("original_file_path")?
                )))
            }
            "expand_target_column_types" | "warn_once" | "pre_model_hook" | "post_model_hook" => {
                Ok(Value::from(""))
            }
            "get_missing_columns" => Ok(values::list([])),
            other => Err(fail(format!("STUB adapter.{other}"))),
        }
    }
}
pub fn add(n: &mut rustc_hash::FxHashMap<&'static str, Value>, s: &Arc<Mutex<Session>>) {
    n.insert("adapter", Value::from_object(AdX(s.clone())));
    let d = s.lock().unwrap().shared().adapter.dialect();
    n.insert(
        "api",
        values::dict([("Relation", relation::relation_class(d))]),
    );
    let _: Option<Relation> = None;
}
