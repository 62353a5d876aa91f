//! A function of the warehouse that a project declares: its arguments, and what it gives.

#[derive(Debug, Clone, Default)]
pub struct Function {
    pub arguments: Vec<Argument>,
    pub returns: Returns,
}

#[derive(Debug, Clone, Default)]
pub struct Argument {
    pub name: String,
    pub data_type: String,
    pub description: Option<String>,
    /// As SQL; `None` where every call has to give the argument.
    pub default_value: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Default)]
pub struct Returns {
    pub data_type: String,
    pub description: Option<String>,
}
