//! The page: its parts put together, with the records inside or beside it.

use crate::jinja::builtin;
use std::borrow::Cow;

/// The parts by the marks that stand for them.
const PARTS: [(&str, &str); 5] = [
    ("/*[style.css]*/", "docs/style.css"),
    ("/*[project.js]*/", "docs/project.js"),
    ("/*[lineage.js]*/", "docs/lineage.js"),
    ("/*[text.js]*/", "docs/text.js"),
    ("/*[page.js]*/", "docs/page.js"),
];

const DATA: &str = "<!--[data]-->";

/// The page that reads `manifest.json` and `catalog.json` beside it.
pub fn page() -> String {
    let parts = PARTS.iter();
    parts.fold(
        part("docs/index.html").into_owned(),
        |page, (mark, path)| page.replacen(mark, &part(path), 1),
    )
}

/// The page with both records inside, which can be sent to somebody as it is.
pub fn page_with(manifest: &str, catalog: &str) -> String {
    let records = [("manifest", manifest), ("catalog", catalog)];
    let scripts = records.map(|(name, json)| {
        let json = harmless(json);
        format!("<script type=\"application/json\" id=\"{name}\">{json}</script>\n")
    });
    page().replacen(DATA, &scripts.concat(), 1)
}

fn part(path: &str) -> Cow<'static, str> {
    String::from_utf8_lossy(builtin::file(path).unwrap_or_default())
}

/// JSON that no text in it can turn into markup.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let page = page();
        assert!(PARTS.iter().all(|(mark, _)| !page.contains(mark)));
        assert!(!page.contains("src=") && !page.contains("http://"));
    }

    #[test]
    fn texts_of_the_project_cannot_end_the_script() {
        let page = page_with("{\"a\": \"</script><script>\"}", "{}");
        assert!(page.contains("\\u003c/script>\\u003cscript>"));
    }
}
