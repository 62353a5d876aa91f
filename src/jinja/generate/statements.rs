//! Code of statements. Each leaves the stack as it found it.

use super::Generator;
use super::Open;
use super::Outcome;
use super::expressions::full_span;
use super::operators;
use crate::jinja::code::Role;
use crate::jinja::error::RenderError;
use minijinja::machinery::CodeGenerator;
use minijinja::machinery::Instruction;
use minijinja::machinery::ast;
use minijinja::machinery::ast::Expr;
use minijinja::machinery::ast::Spanned;
use minijinja::machinery::ast::Stmt;
use minijinja::machinery::parse;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// The macros declared in a body, in the order of the text; those inside of them are their own.
pub(super) fn inline_macros<'a, 's>(body: &'a [Stmt<'s>], found: &mut Vec<&'a ast::Macro<'s>>) {
    for statement in body {
        match statement {
            Stmt::Macro(declaration) => found.push(declaration),
            Stmt::ForLoop(l) => {
                inline_macros(&l.body, found);
                inline_macros(&l.else_body, found);
            }
            Stmt::IfCond(i) => {
                inline_macros(&i.true_body, found);
                inline_macros(&i.false_body, found);
            }
            Stmt::WithBlock(w) => inline_macros(&w.body, found),
            Stmt::SetBlock(s) => inline_macros(&s.body, found),
            Stmt::FilterBlock(f) => inline_macros(&f.body, found),
            Stmt::Block(b) => inline_macros(&b.body, found),
            _ => {}
        }
    }
}

impl Generator<'_> {
    pub(super) fn statements(&mut self, body: &[Stmt<'_>]) -> Outcome {
        body.iter().try_for_each(|s| self.statement(s))
    }

    fn statement(&mut self, statement: &Stmt<'_>) -> Outcome {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitRaw(raw) => self.raw(raw.raw),
            Stmt::EmitExpr(emit) => self.emit(&emit.expr),
            Stmt::ForLoop(l) => self.for_loop(l),
            Stmt::IfCond(i) => self.if_cond(i),
            Stmt::WithBlock(w) => self.with(w),
            Stmt::Set(set) => {
                self.expression(&set.expr)?;
                self.assign(&set.target)
            }
            Stmt::SetBlock(set) => {
                self.capture(&set.body)?;
                if let Some(filter) = &set.filter {
                    self.expression(filter)?;
                }
                self.assign(&set.target)
            }
            Stmt::FilterBlock(block) => {
                self.capture(&block.body)?;
                self.expression(&block.filter)?;
                self.out.add(Instruction::Emit);
                Ok(())
            }
            Stmt::Block(block) => {
                self.enter();
                self.statements(&block.body)?;
                self.leave();
                Ok(())
            }
            Stmt::Macro(declaration) => self.inline_macro(declaration),
            Stmt::CallBlock(block) => {
                let span = self.span(full_span(&block.call.expr));
                self.out.push_span(span);
                self.call(&block.call, Some(&block.macro_decl))?;
                self.out.add(Instruction::Emit);
                self.out.pop_span();
                Ok(())
            }
            Stmt::Do(statement) => {
                self.out.push_span(self.span(statement.call.span()));
                self.call(&statement.call, None)?;
                self.out.add(Instruction::DiscardTop);
                self.out.pop_span();
                Ok(())
            }
            Stmt::Break(_) => self.jump(ast::Stmt::Break(spanned(ast::Break))),
            Stmt::Continue(_) => self.jump(ast::Stmt::Continue(spanned(ast::Continue))),
            Stmt::AutoEscape(_) => Err(unsupported("autoescape")),
            Stmt::Import(_) | Stmt::FromImport(_) => Err(unsupported("import")),
            Stmt::Extends(_) => Err(unsupported("extends")),
            Stmt::Include(_) => Err(unsupported("include")),
        }
    }

    fn raw(&mut self, text: &str) -> Outcome {
        self.size += text.len();
        let value = match text.contains('\r') {
            true => Value::from(text.replace("\r\n", "\n").replace('\r', "\n")),
            false => Value::from(text),
        };
        self.constant(value);
        self.out.add(Instruction::Emit);
        Ok(())
    }

    fn emit(&mut self, expr: &Expr<'_>) -> Outcome {
        self.out.push_span(self.span(full_span(expr)));
        match expr {
            Expr::Call(call) if recurses(call) => {
                self.arguments(&call.args, 0, None)?;
                self.out.add(Instruction::FastRecurse);
            }
            _ => {
                self.expression(expr)?;
                self.out.add(Instruction::Emit);
            }
        }
        self.out.pop_span();
        Ok(())
    }

    fn if_cond(&mut self, statement: &ast::IfCond<'_>) -> Outcome {
        self.expression(&statement.expr)?;
        self.out.start_if();
        self.statements(&statement.true_body)?;
        if !statement.false_body.is_empty() {
            self.out.start_else();
            self.statements(&statement.false_body)?;
        }
        self.out.end_if();
        Ok(())
    }

    fn for_loop(&mut self, statement: &ast::ForLoop<'_>) -> Outcome {
        self.out.push_span(self.span(full_span(&statement.iter)));
        match &statement.filter_expr {
            Some(filter) => self.filtered(statement, filter)?,
            None => {
                self.expression(&statement.iter)?;
                self.operate(operators::ITERATE, 1);
            }
        }
        self.out.start_for_loop(true, statement.recursive);
        self.out.pop_span();
        self.open.push(Open::Loop);
        self.frames.push(FxHashSet::from_iter(["loop"]));
        self.assign(&statement.target)?;
        self.statements(&statement.body)?;
        self.frames.pop();
        self.open.pop();
        self.out.end_for_loop(!statement.else_body.is_empty());
        if !statement.else_body.is_empty() {
            self.out.start_if();
            self.statements(&statement.else_body)?;
            self.out.end_if();
        }
        Ok(())
    }

    /// The items that pass a loop's condition, as a list: a loop before the loop.
    /// While it runs, the stack holds the items found and above them their number.
    fn filtered(&mut self, statement: &ast::ForLoop<'_>, filter: &Expr<'_>) -> Outcome {
        self.constant(Value::from(0));
        self.expression(&statement.iter)?;
        self.operate(operators::ITERATE, 1);
        self.out.start_for_loop(false, false);
        self.frames.push(FxHashSet::default());
        self.out.add(Instruction::DupTop);
        self.assign(&statement.target)?;
        self.expression(filter)?;
        self.out.start_if();
        self.out.add(Instruction::Swap);
        self.constant(Value::from(1));
        self.out.add(Instruction::Add);
        self.out.start_else();
        self.out.add(Instruction::DiscardTop);
        self.out.end_if();
        self.frames.pop();
        self.out.end_for_loop(false);
        self.out.add(Instruction::BuildList(None));
        Ok(())
    }

    fn with(&mut self, block: &ast::WithBlock<'_>) -> Outcome {
        for (_, value) in &block.assignments {
            self.expression(value)?;
        }
        self.enter();
        for (target, _) in block.assignments.iter().rev() {
            self.assign(target)?;
        }
        self.statements(&block.body)?;
        self.leave();
        Ok(())
    }

    fn enter(&mut self) {
        self.out.add(Instruction::PushWith);
        self.open.push(Open::Frame);
        self.frames.push(FxHashSet::default());
    }

    fn leave(&mut self) {
        self.frames.pop();
        self.open.pop();
        self.out.add(Instruction::PopFrame);
    }

    /// Leaves what a body writes on the stack, as text.
    fn capture(&mut self, body: &[Stmt<'_>]) -> Outcome {
        self.out.add(begin_capture());
        self.open.push(Open::Capture);
        self.statements(body)?;
        self.open.pop();
        self.out.add(Instruction::EndCapture);
        Ok(())
    }

    fn inline_macro(&mut self, declaration: &ast::Macro<'_>) -> Outcome {
        let (code, free) = match self.inline.pop() {
            Some(known) => known,
            None => self.child(declaration, Role::Inline)?,
        };
        self.closure(code, &free);
        let name = self.names.get(declaration.name);
        self.store(name);
        Ok(())
    }

    /// Takes the top of the stack into a name, a tuple of names, or an attribute of a namespace.
    fn assign(&mut self, target: &Expr<'_>) -> Outcome {
        self.out.push_span(self.span(target.span()));
        match target {
            Expr::Var(name) => {
                let name = self.names.get(name.id);
                self.store(name);
            }
            Expr::List(targets) => {
                self.out.add(Instruction::UnpackList(targets.items.len()));
                for target in &targets.items {
                    self.assign(target)?;
                }
            }
            Expr::GetAttr(attribute) => {
                self.expression(&attribute.expr)?;
                let name = self.names.get(attribute.name);
                self.out.add(Instruction::SetAttr(name));
            }
            _ => return Err(RenderError::new("jinja-syntax", "cannot assign to this")),
        }
        self.out.pop_span();
        Ok(())
    }

    /// `break` and `continue`, after ending what was begun inside of the loop.
    fn jump(&mut self, to: Stmt<'static>) -> Outcome {
        let since = self.open.iter().rposition(|open| *open == Open::Loop);
        let inner = self.open[since.map_or(0, |at| at + 1)..].iter().rev();
        for open in inner {
            match open {
                Open::Frame => {
                    self.out.add(Instruction::PopFrame);
                }
                Open::Capture => {
                    self.out.add(Instruction::EndCapture);
                    self.out.add(Instruction::DiscardTop);
                }
                Open::Loop => {}
            }
        }
        self.out.compile_stmt(&to);
        Ok(())
    }
}

fn recurses(call: &ast::Call<'_>) -> bool {
    let one = matches!(call.args[..], [ast::CallArg::Pos(_)]);
    one && matches!(&call.expr, Expr::Var(name) if name.id == "loop")
}

fn spanned<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Default::default())
}

fn unsupported(tag: &str) -> RenderError {
    RenderError {
        hint: Some("call a macro instead: macros of all files are known everywhere".to_string()),
        ..RenderError::new(
            "jinja-syntax",
            format!("`{tag}` works only with template files"),
        )
    }
}

/// The instruction that starts to collect output. Its argument's type is private to the machine,
/// so it is taken from code that the machine generated.
fn begin_capture() -> Instruction<'static> {
    static FOUND: OnceLock<Instruction<'static>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let sample = parse("{% set x %}{% endset %}", "", SyntaxConfig::default());
        let sample = sample.expect("the sample is valid");
        let mut generator = CodeGenerator::new("", "");
        generator.compile_stmt(&sample);
        let (instructions, _) = generator.finish();
        let first = instructions.get(0).cloned();
        first.expect("a set block begins with a capture")
    });
    found.clone()
}
