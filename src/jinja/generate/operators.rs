//! Operators whose meaning is Python's rather than the machine's: they are called like filters,
//! under names that no template can spell.

use minijinja::machinery::Instruction;
use minijinja::machinery::ast::BinOp;
use minijinja::machinery::ast::BinOpKind;
use minijinja::machinery::ast::CompareOp;
use minijinja::machinery::ast::CompareOpKind;
use minijinja::machinery::ast::Expr;

pub(crate) const LIST: &str = "[]";
pub(crate) const DICT: &str = "{}";
pub(crate) const SLICE: &str = "[:]";
pub(crate) const ADD: &str = "+";
pub(crate) const SUB: &str = "-";
pub(crate) const MUL: &str = "*";
pub(crate) const DIV: &str = "/";
pub(crate) const FLOOR_DIV: &str = "//";
pub(crate) const REM: &str = "%";
pub(crate) const CONCAT: &str = "~";
pub(crate) const POW: &str = "**";
pub(crate) const NEG: &str = "-x";
pub(crate) const IN: &str = "=in";
pub(crate) const EQ: &str = "==";
pub(crate) const NE: &str = "!=";
pub(crate) const LT: &str = "<";
pub(crate) const LE: &str = "<=";
pub(crate) const GT: &str = ">";
pub(crate) const GE: &str = ">=";
pub(crate) const ITERATE: &str = "=for";
pub(crate) const ATTRIBUTE: &str = "=.";
pub(crate) const CALL: &str = "=call";
pub(crate) const CLOSURE: &str = "macro()";
pub(crate) const PUBLISH: &str = "macro=";

/// How an operator of two operands is carried out.
pub(crate) enum Operation {
    Machine(Instruction<'static>),
    Ours(&'static str),
}

/// `None` for `and` and `or`, which may leave their second operand alone.
pub(crate) fn binary(operator: &BinOp<'_>) -> Option<Operation> {
    let plain = is_plain(&operator.left) || is_plain(&operator.right);
    Some(match operator.op {
        BinOpKind::Eq if plain => Operation::Machine(Instruction::Eq),
        BinOpKind::Eq => Operation::Ours(EQ),
        BinOpKind::Ne if plain => Operation::Machine(Instruction::Ne),
        BinOpKind::Ne => Operation::Ours(NE),
        BinOpKind::In => Operation::Ours(IN),
        BinOpKind::Pow => Operation::Ours(POW),
        BinOpKind::Lt => Operation::Ours(LT),
        BinOpKind::Lte => Operation::Ours(LE),
        BinOpKind::Gt => Operation::Ours(GT),
        BinOpKind::Gte => Operation::Ours(GE),
        BinOpKind::Add => Operation::Ours(ADD),
        BinOpKind::Sub => Operation::Ours(SUB),
        BinOpKind::Mul => Operation::Ours(MUL),
        BinOpKind::Div => Operation::Ours(DIV),
        BinOpKind::FloorDiv => Operation::Ours(FLOOR_DIV),
        BinOpKind::Rem => Operation::Ours(REM),
        BinOpKind::Concat => Operation::Ours(CONCAT),
        BinOpKind::ScAnd | BinOpKind::ScOr => return None,
    })
}

/// One step of `a < b < c`; the flag tells whether the answer is turned around.
pub(crate) fn comparison(step: &CompareOp<'_>) -> (Operation, bool) {
    match step.op {
        CompareOpKind::Eq if is_plain(&step.expr) => (Operation::Machine(Instruction::Eq), false),
        CompareOpKind::Eq => (Operation::Ours(EQ), false),
        CompareOpKind::Ne if is_plain(&step.expr) => (Operation::Machine(Instruction::Ne), false),
        CompareOpKind::Ne => (Operation::Ours(NE), false),
        CompareOpKind::Lt => (Operation::Ours(LT), false),
        CompareOpKind::Lte => (Operation::Ours(LE), false),
        CompareOpKind::Gt => (Operation::Ours(GT), false),
        CompareOpKind::Gte => (Operation::Ours(GE), false),
        CompareOpKind::In => (Operation::Ours(IN), false),
        CompareOpKind::NotIn => (Operation::Ours(IN), true),
    }
}

/// A literal that the machine compares as Python does: no number, so no decimal is equal to it.
fn is_plain(side: &Expr<'_>) -> bool {
    matches!(side, Expr::Const(literal) if !literal.value.is_number())
}
