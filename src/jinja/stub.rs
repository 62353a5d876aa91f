//! PLACEHOLDER: relation/relation_of/Results/add_warehouse_names come from
//! colleague "adapter". Keep these signatures if you can; remove each when yours lands. `add_warehouse_names` puts `adapter`, `api`,
//! `store_result`-free names for a session into the scope of a node.
use super::*;
pub fn add_warehouse_names(
    n: &mut rustc_hash::FxHashMap<&'static str, Value>,
    s: &std::sync::Arc<std::sync::Mutex<crate::adapter::Session>>,
    _p: &str,
) {
    super::stub_adapter::add(n, s);
}
#[derive(Debug)]
pub struct Ad;
impl minijinja::value::Object for Ad {
    fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }
    fn call_method(
        self: &std::sync::Arc<Self>,
        state: &mut minijinja::State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method == "dispatch" {
            let site = current(state)?;
            let mut a = Args::new("dispatch", args);
            let name = a.required_str("macro_name")?;
            let ns = a.optional_str("macro_namespace")?;
            let m = site
                .engine
                .registry()
                .dispatch(site.scope.package(), &name, ns.as_deref())
                .map_err(fail)?;
            return Ok(site.engine.macro_value(m));
        }
        Ok(Value::from(""))
    }
}
