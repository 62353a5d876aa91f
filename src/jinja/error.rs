//! What went wrong in a template: the message, and the chain of places that led to it.
//! Promise: a place is in the file as the user wrote it.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::jinja::generate::full_span;
use crate::jinja::python::type_name;
use crate::jinja::registry::Macro;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::machinery::ast::Expr;
use minijinja::machinery::parse_expr;
use minijinja::value::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// In the engine's own errors: which operand was undefined.
pub(crate) const LEFT: &str = "left";
pub(crate) const RIGHT: &str = "right";

const UNDEFINED_HINT: &str = "this can happen when calling a macro that does not exist; check for \
     typos, or install packages with `deps`";

const NO_CALLER: &str = "No caller defined";

/// A template that could not be rendered.
#[derive(Debug, Clone)]
pub struct RenderError {
    /// One sentence, in dbt's words where callers know them.
    pub message: String,
    /// Code of the diagnostic, such as `jinja-syntax` or `undefined-name`.
    pub code: &'static str,
    pub hint: Option<String>,
    /// The name that is not known, where that is the mistake.
    pub unknown: Option<Box<str>>,
    /// Where it happened, the innermost place first, the template's own last.
    pub frames: Vec<Frame>,
    /// What a function had to say, where it said more than a sentence.
    pub cause: Option<Box<Diagnostic>>,
    /// The value on its way to the macro that `return` ends.
    pub(crate) returned: Option<Box<Value>>,
}

/// One step of the way from the template to the mistake.
#[derive(Debug, Clone)]
pub struct Frame {
    /// `None` where the text comes from no file place, such as a constant of ours.
    pub place: Option<Place>,
    /// The macro that was running; `None` for the template itself.
    pub callee: Option<Arc<Macro>>,
}

impl Frame {
    /// Whether it lies in the user's project or a package; what macros of ours did helps nobody.
    fn is_users(&self) -> bool {
        let is_ours = |place: &Place| place.file.is_embedded();
        !self.place.as_ref().is_some_and(is_ours)
    }
}

/// Each place once, in the order in which they come first, with how often they come.
fn distinct<'a>(frames: impl Iterator<Item = &'a Frame>) -> Vec<(&'a Frame, usize)> {
    let mut found: Vec<(&Frame, usize)> = Vec::new();
    for frame in frames {
        let same = |other: &Frame| match (&frame.place, &other.place) {
            (Some(a), Some(b)) => Arc::ptr_eq(&a.file, &b.file) && a.start == b.start,
            _ => false,
        };
        match found.iter_mut().find(|(other, _)| same(other)) {
            Some((_, times)) => *times += 1,
            None => found.push((frame, 1)),
        }
    }
    found
}

/// A mistake in one sentence, for functions that templates call.
pub fn fail(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// A mistake with code, hint and places. Without a place of its own it gets that of the call.
pub fn fail_with(diagnostic: Diagnostic) -> Error {
    fail(diagnostic.message.clone()).with_source(Cause(diagnostic))
}

impl RenderError {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        RenderError {
            message: message.into(),
            code,
            hint: None,
            unknown: None,
            frames: Vec::new(),
            cause: None,
            returned: None,
        }
    }

    /// For people: placed where the template itself is, the way into macros as related places.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut found = match &self.cause {
            Some(cause) => (**cause).clone(),
            None => Diagnostic::error(self.code, self.message.clone()),
        };
        found = found.maybe_hint(self.hint.clone());
        let mut frames = self.frames.iter().rev().filter(|frame| frame.is_users());
        if found.place.is_none() {
            found.place = frames.next().and_then(|frame| frame.place.clone());
        }
        for (frame, times) in distinct(frames) {
            if let (Some(place), Some(callee)) = (&frame.place, &frame.callee) {
                let text = match times {
                    1 => format!("in macro `{}`", callee.name),
                    _ => format!("in macro `{}`, {times} times", callee.name),
                };
                found = found.related(place.clone(), text);
            }
        }
        found
    }

    /// The macros that were running, the innermost first.
    pub fn macros(&self) -> impl Iterator<Item = &Arc<Macro>> {
        self.frames.iter().filter_map(|frame| frame.callee.as_ref())
    }

    /// Offers a name instead of one that is not known.
    pub(crate) fn suggest(&mut self, names: impl FnOnce() -> Vec<String>) {
        let Some(unknown) = &self.unknown else {
            return;
        };
        let names = names();
        if let Some(near) = nearest(unknown, names.iter().map(String::as_str)) {
            self.hint = Some(format!("did you mean `{near}`?"));
        }
    }

    /// As an error that a template may pass on.
    pub(crate) fn into_error(self) -> Error {
        fail(self.message.clone()).with_source(Failure(Arc::new(self)))
    }

    /// What the engine reports, with the place that it names in the text that was running.
    pub(crate) fn from_error(error: &Error, text: &str) -> Self {
        let source = std::error::Error::source(error);
        if let Some(Failure(inner)) = source.and_then(|s| s.downcast_ref()) {
            return RenderError::clone(inner);
        }
        let mut found = translate(error, text);
        if let Some(Cause(diagnostic)) = source.and_then(|s| s.downcast_ref()) {
            found.cause = Some(Box::new(diagnostic.clone()));
        }
        found
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

/// Ends the macro that is running with a value.
pub(crate) fn returned(value: Value) -> Error {
    RenderError {
        returned: Some(Box::new(value)),
        ..RenderError::new("jinja", "`return` works only inside of a macro")
    }
    .into_error()
}

/// Something that is not there, in the words that dbt's users know.
fn undefined(subject: impl Into<String>) -> RenderError {
    RenderError {
        hint: Some(UNDEFINED_HINT.to_string()),
        ..RenderError::new("undefined-name", subject)
    }
}

fn unknown_name(name: &str) -> RenderError {
    RenderError {
        unknown: Some(name.into()),
        ..undefined(format!("'{name}' is undefined"))
    }
}

impl RenderError {
    /// In a text that is no macro, `caller` is a name like any other.
    pub(crate) fn outside_of_macros(&mut self) {
        if self.message == NO_CALLER && self.frames.is_empty() {
            *self = unknown_name("caller");
        }
    }
}

/// Carries a mistake through the engine from one macro to the next.
#[derive(Debug)]
struct Failure(Arc<RenderError>);

/// Carries what a function said through the engine.
#[derive(Debug)]
struct Cause(Diagnostic);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Cause {}

/// The engine's words in those of Jinja2. `text` is the source that `error` points into.
fn translate(error: &Error, text: &str) -> RenderError {
    let detail = error.detail().unwrap_or_default();
    let marked = error
        .range()
        .and_then(|range| text.get(range))
        .unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownFunction => match detail.trim_end_matches(" is unknown") {
            "caller" => RenderError::new("jinja", NO_CALLER),
            name => unknown_name(name),
        },
        ErrorKind::UndefinedError => undefined_in(marked, detail),
        ErrorKind::UnknownMethod if detail.contains("has no attribute") => undefined(detail),
        ErrorKind::UnknownFilter => missing("filter", detail),
        ErrorKind::UnknownTest => missing("test", detail),
        ErrorKind::InvalidOperation if detail.ends_with("is not callable") => {
            not_callable(detail, marked)
        }
        ErrorKind::CannotUnpack => RenderError::new("jinja", unpack(detail)),
        kind if detail.is_empty() => RenderError::new("jinja", kind.to_string()),
        _ => RenderError::new("jinja", detail),
    }
}

fn missing(what: &str, detail: &str) -> RenderError {
    let name = detail.split_whitespace().nth(1).unwrap_or_default();
    let code = match what {
        "filter" => "unknown-filter",
        _ => "unknown-jinja-test",
    };
    RenderError::new(code, format!("No {what} named '{name}'."))
}

/// What is undefined in an expression that failed for it. `side` names the operand to blame.
fn undefined_in(marked: &str, side: &str) -> RenderError {
    // Spans leave out brackets around their first operand.
    let closing = marked.matches(')').count();
    let opening = marked.matches('(').count();
    let text = format!("{}{marked}", "(".repeat(closing.saturating_sub(opening)));
    let Ok(expr) = parse_expr(&text) else {
        return undefined("the value is undefined");
    };
    let subject = match &expr {
        Expr::BinOp(binary) if side == LEFT => &binary.left,
        Expr::BinOp(binary) => &binary.right,
        Expr::UnaryOp(unary) => &unary.expr,
        Expr::GetAttr(attribute) => &attribute.expr,
        Expr::GetItem(item) => &item.expr,
        other => other,
    };
    let text_of = |expr: &Expr<'_>| {
        let span = full_span(expr);
        let range = span.start_offset as usize..span.end_offset as usize;
        text.get(range).unwrap_or(&text).to_string()
    };
    let owner = |expr: &Expr<'_>| match expr {
        Expr::Map(_) => "dict object".to_string(),
        Expr::List(_) => "list object".to_string(),
        Expr::Const(constant) => format!("{} object", type_name(&constant.value)),
        other => text_of(other),
    };
    match subject {
        Expr::GetAttr(missing) => {
            let owner = owner(&missing.expr);
            undefined(format!("'{owner}' has no attribute '{}'", missing.name))
        }
        Expr::GetItem(missing) => {
            let key = text_of(&missing.subscript_expr);
            undefined(format!("{} has no element {key}", owner(&missing.expr)))
        }
        Expr::IfExpr(_) => {
            undefined("the inline if-expression evaluated to false and no else section was defined")
        }
        Expr::Var(name) if name.id == "caller" => RenderError::new("jinja", NO_CALLER),
        Expr::Var(name) => unknown_name(name.id),
        other => undefined(format!("'{}' is undefined", text_of(other))),
    }
}

fn not_callable(detail: &str, marked: &str) -> RenderError {
    let kind = detail
        .trim_start_matches("value of type ")
        .trim_end_matches(" is not callable");
    let python = match kind {
        "undefined" => {
            return undefined_in(marked, "");
        }
        "number" => "int",
        "string" => "str",
        "none" => "NoneType",
        "bool" => "bool",
        other => other,
    };
    RenderError::new("jinja", format!("'{python}' object is not callable"))
}

fn unpack(detail: &str) -> String {
    let numbers: Vec<i64> = detail
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    match numbers[..] {
        [wanted, got] if got > wanted => {
            format!("too many values to unpack (expected {wanted})")
        }
        [wanted, got] => format!("not enough values to unpack (expected {wanted}, got {got})"),
        _ => "cannot unpack a value that is not a sequence".to_string(),
    }
}
