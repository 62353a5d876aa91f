//! What every artifact says about the call that wrote it.

use crate::base::Context;
use crate::base::DBT_VERSION;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The call, as artifacts name it.
#[derive(Debug, Clone)]
pub struct Metadata {
    generated_at: Timestamp,
    started_at: Timestamp,
    invocation_id: String,
    /// `DBT_ENV_CUSTOM_ENV_NAME` of the environment, by `NAME`.
    env: Map<String, Value>,
}

impl Metadata {
    pub fn new(context: &Context) -> Self {
        let custom = context.custom_vars();
        Metadata {
            generated_at: context.now(),
            started_at: context.started_at,
            invocation_id: context.invocation_id.clone(),
            env: custom
                .map(|(name, value)| (name.to_string(), json!(value)))
                .collect(),
        }
    }

    /// `DBT_ENV_CUSTOM_ENV_NAME` of the environment, by `NAME`.
    pub fn env(&self) -> &Map<String, Value> {
        &self.env
    }

    pub(super) fn invocation_id(&self) -> &str {
        &self.invocation_id
    }

    /// Seconds since 1970, for records that name no time of their own.
    pub(super) fn created_at(&self) -> f64 {
        self.started_at.as_microsecond() as f64 / 1e6
    }

    /// The `metadata` of an artifact; `schema` such as `manifest/v12`.
    pub(super) fn record(&self, schema: &str) -> Map<String, Value> {
        let fields = [
            (
                "dbt_schema_version",
                json!(format!("https://schemas.getdbt.com/dbt/{schema}.json")),
            ),
            ("dbt_version", json!(DBT_VERSION)),
            ("generated_at", json!(instant(self.generated_at))),
            ("invocation_id", json!(self.invocation_id)),
            ("invocation_started_at", json!(instant(self.started_at))),
            ("env", json!(self.env)),
        ];
        fields
            .map(|(key, value)| (key.to_string(), value))
            .into_iter()
            .collect()
    }

    pub(super) fn started_at(&self) -> String {
        instant(self.started_at)
    }
}

/// `2024-01-02T03:04:05.000000Z`.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
