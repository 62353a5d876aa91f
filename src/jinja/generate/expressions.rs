//! Code of expressions. Each leaves exactly one value on the stack.

use super::Generator;
use super::Outcome;
use super::operators;
use super::operators::Operation;
use super::slot;
use crate::jinja::python::methods;
use minijinja::machinery::Instruction;
use minijinja::machinery::Span;
use minijinja::machinery::ast;
use minijinja::machinery::ast::BinOpKind;
use minijinja::machinery::ast::Expr;
use minijinja::value::Value;

/// Holds the middle operand of a chained comparison; no template can spell it.
const HELD: &str = "\u{3}held";

impl Generator<'_> {
    pub(super) fn expression(&mut self, expr: &Expr<'_>) -> Outcome {
        self.out.push_span(self.span(full_span(expr)));
        let done = self.value(expr);
        self.out.pop_span();
        done
    }

    fn value(&mut self, expr: &Expr<'_>) -> Outcome {
        match expr {
            Expr::Var(var) => self.lookup(var.id),
            Expr::Const(constant) => self.constant(constant.value.clone()),
            Expr::Slice(slice) => self.slice(slice)?,
            Expr::UnaryOp(unary) => {
                self.expression(&unary.expr)?;
                match unary.op {
                    ast::UnaryOpKind::Neg => self.operate(operators::NEG, 1),
                    ast::UnaryOpKind::Not => {
                        self.out.add(Instruction::Not);
                    }
                }
            }
            Expr::BinOp(binary) => self.binary(binary)?,
            Expr::Compare(compare) => self.compare(compare)?,
            Expr::IfExpr(choice) => self.choice(choice)?,
            Expr::Filter(filter) => self.filter(filter)?,
            Expr::Test(test) => {
                self.expression(&test.expr)?;
                let count = self.arguments(&test.args, 1, None)?;
                let name = self.names.get(test.name);
                let slot = slot(&mut self.tests, name);
                self.out.add(Instruction::PerformTest(name, count, slot));
            }
            Expr::GetAttr(attribute) => {
                self.expression(&attribute.expr)?;
                match &attribute.expr {
                    Expr::Var(var) if var.id == "loop" => self.entry(attribute.name),
                    _ => self.attribute(attribute.name),
                }
            }
            Expr::GetItem(item) => {
                self.expression(&item.expr)?;
                self.expression(&item.subscript_expr)?;
                self.out.add(Instruction::GetItem);
            }
            Expr::Call(call) => self.call(call, None)?,
            Expr::List(list) => {
                self.all(&list.items)?;
                self.operate(operators::LIST, list.items.len());
            }
            Expr::Tuple(tuple) => {
                self.all(&tuple.items)?;
                let count = Some(tuple.items.len());
                self.out.add(Instruction::BuildTuple(count));
            }
            Expr::Map(map) => {
                for (key, value) in map.keys.iter().zip(&map.values) {
                    self.expression(key)?;
                    self.expression(value)?;
                }
                self.operate(operators::DICT, 2 * map.keys.len());
            }
        }
        Ok(())
    }

    pub(super) fn constant(&mut self, value: Value) {
        self.out.add(Instruction::LoadConst(value));
    }

    /// The attribute of what is on the stack; where it may be a method, both are looked at.
    fn attribute(&mut self, name: &str) {
        if !methods::is_method(name) {
            return self.entry(name);
        }
        self.out.add(Instruction::DupTop);
        self.entry(name);
        self.constant(Value::from(name));
        self.operate(operators::ATTRIBUTE, 3);
    }

    fn entry(&mut self, name: &str) {
        let name = self.names.get(name);
        self.out.add(Instruction::GetAttr(name));
    }

    fn all(&mut self, items: &[Expr<'_>]) -> Outcome {
        items.iter().try_for_each(|item| self.expression(item))
    }

    fn slice(&mut self, slice: &ast::Slice<'_>) -> Outcome {
        self.expression(&slice.expr)?;
        for bound in [&slice.start, &slice.stop, &slice.step] {
            match bound {
                Some(bound) => self.expression(bound)?,
                None => self.constant(Value::from(())),
            }
        }
        self.operate(operators::SLICE, 4);
        Ok(())
    }

    fn binary(&mut self, binary: &ast::BinOp<'_>) -> Outcome {
        match operators::binary(binary) {
            Some(operation) => {
                self.expression(&binary.left)?;
                self.expression(&binary.right)?;
                self.carry_out(operation);
            }
            None => {
                self.out.start_sc_bool();
                self.expression(&binary.left)?;
                self.out.sc_bool(matches!(binary.op, BinOpKind::ScAnd));
                self.expression(&binary.right)?;
                self.out.end_sc_bool();
            }
        }
        Ok(())
    }

    /// `a < b < c`, where `b` is evaluated once: `a < b and b < c`.
    fn compare(&mut self, compare: &ast::Compare<'_>) -> Outcome {
        self.expression(&compare.expr)?;
        self.out.start_sc_bool();
        for (at, step) in compare.ops.iter().enumerate() {
            let last = at + 1 == compare.ops.len();
            self.expression(&step.expr)?;
            if !last {
                self.out.add(Instruction::DupTop);
                self.out.add(Instruction::StoreLocal(HELD));
            }
            let (operation, negated) = operators::comparison(step);
            self.carry_out(operation);
            if negated {
                self.out.add(Instruction::Not);
            }
            if !last {
                self.out.sc_bool(true);
                self.out.add(Instruction::Lookup(HELD));
            }
        }
        self.out.end_sc_bool();
        Ok(())
    }

    fn carry_out(&mut self, operation: Operation) {
        match operation {
            Operation::Machine(instruction) => {
                self.out.add(instruction);
            }
            Operation::Ours(operator) => self.operate(operator, 2),
        }
    }

    fn choice(&mut self, choice: &ast::IfExpr<'_>) -> Outcome {
        self.expression(&choice.test_expr)?;
        self.out.start_if();
        self.expression(&choice.true_expr)?;
        self.out.start_else();
        match &choice.false_expr {
            Some(otherwise) => self.expression(otherwise)?,
            None => self.constant(Value::UNDEFINED),
        }
        self.out.end_if();
        Ok(())
    }

    /// A filter; without an expression it takes what is on the stack.
    fn filter(&mut self, filter: &ast::Filter<'_>) -> Outcome {
        if let Some(input) = &filter.expr {
            self.expression(input)?;
        }
        let count = self.arguments(&filter.args, 1, None)?;
        let name = self.names.get(filter.name);
        let slot = slot(&mut self.filters, name);
        self.out.add(Instruction::ApplyFilter(name, count, slot));
        Ok(())
    }
}

/// The span of an expression from its very start; the parser's own begins at the last dot.
pub(crate) fn full_span(expr: &Expr<'_>) -> Span {
    let first = match expr {
        Expr::GetAttr(attribute) => &attribute.expr,
        Expr::GetItem(item) => &item.expr,
        Expr::Slice(slice) => &slice.expr,
        Expr::Call(call) => &call.expr,
        Expr::BinOp(binary) => &binary.left,
        Expr::Compare(compare) => &compare.expr,
        Expr::IfExpr(choice) => &choice.true_expr,
        Expr::Test(test) => &test.expr,
        Expr::Filter(filter) => match &filter.expr {
            Some(input) => input,
            None => return expr.span(),
        },
        _ => return expr.span(),
    };
    let first = full_span(first);
    let mut span = expr.span();
    if first.start_offset != 0 || first.end_offset != 0 {
        span.start_offset = first.start_offset;
    }
    span
}
