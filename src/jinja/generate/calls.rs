//! Code of calls: their arguments, `return`, and the blocks given to `{% call %}`.

use super::Generator;
use super::Outcome;
use super::expressions::full_span;
use super::operators;
use super::slot;
use crate::jinja::code::Absence;
use crate::jinja::code::Role;
use crate::jinja::error::RenderError;
use minijinja::machinery::Instruction;
use minijinja::machinery::ast;
use minijinja::machinery::ast::CallArg;
use minijinja::machinery::ast::Expr;
use minijinja::value::Value;

impl Generator<'_> {
    /// A call; `caller` is the block of a `{% call %}`.
    pub(super) fn call(
        &mut self,
        call: &ast::Call<'_>,
        caller: Option<&ast::Macro<'_>>,
    ) -> Outcome {
        match &call.expr {
            Expr::Var(name) if name.id == "return" && self.returns(call) => {
                self.returned(call)?;
                self.out.add(Instruction::Return);
            }
            Expr::Var(_) if self.absence == Absence::Absorbs => self.call_if_there(call, caller)?,
            Expr::Var(name) => {
                let count = self.arguments(&call.args, 0, caller)?;
                let name = self.names.get(name.id);
                if !self.is_set(name) {
                    self.mention(name);
                }
                self.out.push_span(self.span(full_span(&call.expr)));
                self.out.add(Instruction::CallFunction(name, count));
                self.out.pop_span();
            }
            Expr::GetAttr(method) => {
                self.expression(&method.expr)?;
                let count = self.arguments(&call.args, 1, caller)?;
                let name = self.names.get(method.name);
                self.out.push_span(self.span(full_span(&call.expr)));
                self.out.add(Instruction::CallMethod(name, count));
                self.out.pop_span();
            }
            _ if self.absence == Absence::Absorbs => self.call_if_there(call, caller)?,
            callee => {
                self.expression(callee)?;
                let count = self.arguments(&call.args, 1, caller)?;
                self.out.push_span(self.span(full_span(callee)));
                self.out.add(Instruction::CallObject(count));
                self.out.pop_span();
            }
        }
        Ok(())
    }

    /// A call of something that may not be there, which then comes to nothing.
    fn call_if_there(&mut self, call: &ast::Call<'_>, caller: Option<&ast::Macro<'_>>) -> Outcome {
        self.expression(&call.expr)?;
        let count = self.arguments(&call.args, 1, caller)?;
        self.out.push_span(self.span(full_span(&call.expr)));
        let slot = slot(&mut self.filters, operators::CALL);
        self.out
            .add(Instruction::ApplyFilter(operators::CALL, count, slot));
        self.out.pop_span();
        Ok(())
    }

    /// Whether `return` can simply end this body with a value.
    fn returns(&self, call: &ast::Call<'_>) -> bool {
        let one = matches!(
            call.args[..],
            [CallArg::Pos(_)] | [CallArg::Kwarg("data", _)]
        );
        one && matches!(self.role, Role::Macro | Role::Inline)
    }

    fn returned(&mut self, call: &ast::Call<'_>) -> Outcome {
        match &call.args[..] {
            [CallArg::Pos(value) | CallArg::Kwarg(_, value)] => self.expression(value),
            _ => Ok(()),
        }
    }

    /// Arguments onto the stack. `before` values of the call are there already.
    /// Returns how many there are, or `None` where only the machine will know.
    pub(super) fn arguments(
        &mut self,
        args: &[CallArg<'_>],
        before: usize,
        caller: Option<&ast::Macro<'_>>,
    ) -> Result<Option<u16>, RenderError> {
        let mut pending = before;
        let mut batches = 0;
        for arg in args {
            match arg {
                CallArg::Pos(value) => {
                    self.expression(value)?;
                    pending += 1;
                }
                CallArg::PosSplat(values) => {
                    batches += self.batch(&mut pending);
                    self.expression(values)?;
                    batches += 1;
                }
                CallArg::Kwarg(..) | CallArg::KwargSplat(_) => {}
            }
        }
        if self.named_arguments(args, caller)? {
            pending += 1;
        }
        if batches == 0 {
            return Ok(Some(u16::try_from(pending).unwrap_or(u16::MAX)));
        }
        batches += self.batch(&mut pending);
        self.out.add(Instruction::UnpackLists(batches));
        Ok(None)
    }

    /// Puts the values so far into one list, of which the machine makes arguments again.
    fn batch(&mut self, pending: &mut usize) -> usize {
        let count = std::mem::take(pending);
        if count > 0 {
            self.out.add(Instruction::BuildList(Some(count)));
        }
        usize::from(count > 0)
    }

    /// Named arguments as one value on the stack; `false` where there are none.
    fn named_arguments(
        &mut self,
        args: &[CallArg<'_>],
        caller: Option<&ast::Macro<'_>>,
    ) -> Result<bool, RenderError> {
        let mut pending = 0;
        let mut batches = 0;
        for arg in args {
            match arg {
                CallArg::Kwarg(name, value) => {
                    self.constant(Value::from(*name));
                    self.expression(value)?;
                    pending += 1;
                }
                CallArg::KwargSplat(values) => {
                    if pending > 0 {
                        self.out.add(Instruction::BuildKwargs(pending));
                        batches += 1;
                        pending = 0;
                    }
                    self.expression(values)?;
                    batches += 1;
                }
                CallArg::Pos(_) | CallArg::PosSplat(_) => {}
            }
        }
        if let Some(block) = caller {
            self.constant(Value::from("caller"));
            let (code, free) = self.child(block, Role::Caller)?;
            self.closure(code, &free);
            pending += 1;
        }
        if pending > 0 {
            self.out.add(Instruction::BuildKwargs(pending));
            batches += 1;
        }
        if batches > 1 || (batches == 1 && pending == 0) {
            self.out.add(Instruction::MergeKwargs(batches));
        }
        Ok(batches > 0)
    }
}
