//! Typed settings and how they inherit: values in, structs out, no files.

pub mod batch_size;
pub mod colors;
pub mod flags;
pub mod keys;
pub mod node_config;
pub mod settings;
pub mod shapes;
pub mod shared;
pub mod version;
pub mod yaml;

pub use batch_size::BatchSize;
pub use flags::Command;
pub use flags::Flags;
pub use node_config::Family;
pub use node_config::NodeConfig;
pub use node_config::TestSeverity;
pub use settings::ProjectSettings;
pub use shared::SharedConfigs;
pub use yaml::Yaml;
