//! From template text to code that the engine runs.
//! Promise: literals make lists and dicts that can change, names resolve as in Jinja2,
//! and spans are byte offsets into the whole file.

use crate::base::Place;
use crate::base::SourceFile;
use crate::jinja::code::Code;
use crate::jinja::code::Interner;
use crate::jinja::code::Role;
use crate::jinja::error::Frame;
use crate::jinja::error::RenderError;
use crate::jinja::generate::Generator;
use crate::jinja::header;
use crate::jinja::normalise;
use crate::jinja::scan;
use minijinja::machinery::ast;
use minijinja::machinery::parse;
use minijinja::syntax::SyntaxConfig;
use std::ops::Range;
use std::sync::Arc;

/// A stretch of a file, and the text to read there.
#[derive(Debug, Clone)]
pub(crate) struct Source<'s> {
    pub(crate) file: &'s Arc<SourceFile>,
    pub(crate) range: Range<usize>,
}

/// Compiles a whole template. One line break at its end does not count, as in Jinja2.
pub(crate) fn template(source: &Source<'_>, names: &Interner) -> Result<Code, RenderError> {
    with_statements(source.file, without_line_break(source), |body| {
        Generator::new(names, Role::Template, source.range.start).template(body)
    })
}

/// The same, in code that goes on where something is not there.
pub(crate) fn tolerant(source: &Source<'_>, names: &Interner) -> Result<Code, RenderError> {
    with_statements(source.file, without_line_break(source), |body| {
        let generator = Generator::new(names, Role::Template, source.range.start);
        generator.tolerant().template(body)
    })
}

/// Compiles a template that may `return` its value, as the body of a macro may.
pub(crate) fn returning(source: &Source<'_>, names: &Interner) -> Result<Code, RenderError> {
    with_statements(source.file, without_line_break(source), |body| {
        Generator::new(names, Role::Macro, source.range.start).template(body)
    })
}

/// Compiles a template whose value counts where it is a single expression. As in Jinja2, one that
/// is the same in every call (`{{ 1 + 1 }}`) is text.
pub(crate) fn native(source: &Source<'_>, names: &Interner) -> Result<Code, RenderError> {
    with_statements(source.file, without_line_break(source), |body| {
        let generator = Generator::new(names, Role::Template, source.range.start);
        match body {
            [ast::Stmt::EmitExpr(emitted)] if !is_constant(&emitted.expr) => {
                generator.value_of(body)
            }
            _ => generator.template(body),
        }
    })
}

/// Whether an expression names nothing and asks for no type.
fn is_constant(expr: &ast::Expr<'_>) -> bool {
    use ast::Expr;
    let arguments = |args: &[ast::CallArg<'_>]| {
        args.iter().all(|arg| match arg {
            ast::CallArg::Pos(value) | ast::CallArg::Kwarg(_, value) => is_constant(value),
            ast::CallArg::PosSplat(_) | ast::CallArg::KwargSplat(_) => false,
        })
    };
    let optional = |expr: &Option<Expr<'_>>| expr.as_ref().is_none_or(is_constant);
    match expr {
        Expr::Var(_) | Expr::Call(_) => false,
        Expr::Const(_) => true,
        Expr::Slice(s) => {
            is_constant(&s.expr) && [&s.start, &s.stop, &s.step].into_iter().all(optional)
        }
        Expr::UnaryOp(op) => is_constant(&op.expr),
        Expr::BinOp(op) => is_constant(&op.left) && is_constant(&op.right),
        Expr::Compare(c) => is_constant(&c.expr) && c.ops.iter().all(|op| is_constant(&op.expr)),
        Expr::IfExpr(choice) => {
            is_constant(&choice.test_expr)
                && is_constant(&choice.true_expr)
                && optional(&choice.false_expr)
        }
        Expr::Filter(f) => !f.name.starts_with("as_") && optional(&f.expr) && arguments(&f.args),
        Expr::Test(test) => is_constant(&test.expr) && arguments(&test.args),
        Expr::GetAttr(attribute) => is_constant(&attribute.expr),
        Expr::GetItem(item) => is_constant(&item.expr) && is_constant(&item.subscript_expr),
        Expr::List(list) => list.items.iter().all(is_constant),
        Expr::Tuple(tuple) => tuple.items.iter().all(is_constant),
        Expr::Map(map) => map.keys.iter().chain(&map.values).all(is_constant),
    }
}

/// Compiles the body of a macro; `header` is its `(a, b=1)`, empty where there are no parameters.
pub(crate) fn macro_body(
    name: &str,
    header: &Source<'_>,
    body: &Source<'_>,
    names: &Interner,
) -> Result<Code, RenderError> {
    let opening = "{% macro m";
    let text = match &header.file.text()[header.range.clone()] {
        "" => "()".into(),
        text => header::without_types(text),
    };
    let declared = format!("{opening}{text} %}}{{% endmacro %}}");
    let base = header.range.start as i64 - opening.len() as i64;
    let place = |range: Option<Range<usize>>| {
        let shift = |at: usize| (at as i64 + base).max(0) as usize;
        let range = range.map(|r| shift(r.start)..shift(r.end));
        range.filter(|r| r.start >= header.range.start && r.end <= header.range.end)
    };
    with_parsed(&declared, |parsed| {
        let parsed = parsed.map_err(|error| {
            let range = place(error.range()).unwrap_or(header.range.clone());
            syntax_error(header.file, range, &error)
        })?;
        let declared = first_macro(&parsed)
            .ok_or_else(|| RenderError::new("jinja-syntax", "this is not a list of parameters"))?;
        with_statements(body.file, body.range.clone(), |statements| {
            let mut generator = Generator::new(names, Role::Macro, body.range.start);
            generator.named(name);
            generator.parameters(declared, base)?;
            generator.template(statements)
        })
    })
}

/// Compiles an expression, for values such as a condition in a configuration.
pub(crate) fn expression(text: &str, names: &Interner) -> Result<Code, RenderError> {
    let file = SourceFile::new("<expression>", "<expression>", format!("{{{{ {text} }}}}"));
    with_statements(&file, 0..file.text().len(), |body| {
        Generator::new(names, Role::Macro, 0).value_of(body)
    })
}

fn without_line_break(source: &Source<'_>) -> Range<usize> {
    let text = &source.file.text()[source.range.clone()];
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    source.range.start..source.range.start + text.len()
}

fn with_statements<T>(
    file: &Arc<SourceFile>,
    range: Range<usize>,
    then: impl FnOnce(&[ast::Stmt<'_>]) -> Result<T, RenderError>,
) -> Result<T, RenderError> {
    with_parsed(&file.text()[range.clone()], |parsed| match parsed {
        Ok(ast::Stmt::Template(template)) => then(&template.children),
        Ok(_) => then(&[]),
        Err(error) => Err(explain(file, range, &error)),
    })
}

/// Parses, once more in a normal form where the parser does not know a form of Jinja2.
fn with_parsed<T>(
    text: &str,
    then: impl FnOnce(Result<ast::Stmt<'_>, minijinja::Error>) -> T,
) -> T {
    let first = parse(text, "", syntax());
    if first.is_ok() {
        return then(first);
    }
    let Some(normal) = normalise::normalise(text) else {
        return then(first);
    };
    let second = parse(&normal, "", syntax());
    match second {
        Ok(_) => then(second),
        Err(_) => then(first),
    }
}

fn syntax() -> SyntaxConfig {
    let builder = &mut SyntaxConfig::builder();
    let builder = builder.keep_trailing_newline(true);
    builder.build().expect("Jinja's own delimiters are valid")
}

fn first_macro<'a, 's>(parsed: &'a ast::Stmt<'s>) -> Option<&'a ast::Macro<'s>> {
    let ast::Stmt::Template(template) = parsed else {
        return None;
    };
    template
        .children
        .iter()
        .find_map(|statement| match statement {
            ast::Stmt::Macro(found) => Some(&**found),
            _ => None,
        })
}

/// A parser's complaint; where tags do not fit together, that is what to say.
fn explain(file: &Arc<SourceFile>, range: Range<usize>, error: &minijinja::Error) -> RenderError {
    if let Some(found) = scan::imbalance(file, range.clone()) {
        let frame = Frame {
            place: found.place.clone(),
            callee: None,
        };
        return RenderError {
            message: found.message.clone(),
            frames: vec![frame],
            cause: Some(Box::new(found)),
            ..RenderError::new("jinja-syntax", "")
        };
    }
    let base = range.start;
    let marked = error.range().map(|r| r.start + base..r.end + base);
    syntax_error(file, marked.unwrap_or(range), error)
}

fn syntax_error(
    file: &Arc<SourceFile>,
    range: Range<usize>,
    error: &minijinja::Error,
) -> RenderError {
    let message = error.detail().map(str::to_string);
    let message = message.unwrap_or_else(|| error.kind().to_string());
    let message = in_plain_words(message, file.text().get(range.clone()).unwrap_or_default());
    RenderError {
        frames: vec![Frame {
            place: Some(Place::new(file, range.start, range.end)),
            callee: None,
        }],
        ..RenderError::new("jinja-syntax", message)
    }
}

/// The parser's names for tokens, as a template shows them. `found` is what it stumbled over.
fn in_plain_words(message: String, found: &str) -> String {
    const WORDS: [(&str, &str); 4] = [
        ("end of variable block", "`}}`"),
        ("end of block", "`%}`"),
        ("end of input", "the end of the file"),
        ("identifier", "a name"),
    ];
    let message = message.replace("unexpected identifier", &format!("unexpected `{found}`"));
    let words = WORDS.iter();
    words.fold(message, |message, (theirs, ours)| {
        message.replace(theirs, ours)
    })
}
