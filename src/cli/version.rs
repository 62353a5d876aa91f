//! What `--version` says. Tools take the first number for the dbt version they talk to.

use crate::adapter;
use crate::base::DBT_VERSION;

/// In the shape that dbt prints: the compatible version first, then ours and the warehouses.
pub(super) fn text() -> String {
    let own = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        "Core:\n  - installed: {DBT_VERSION} (what this program is compatible with)\n  - sqlmill:   {own}\n\nPlugins:\n"
    );
    for (name, version) in adapter::BUILT_IN {
        text += &format!("  - {name}: {version}\n");
    }
    text
}
