//! From a syntax tree to instructions of the engine's machine.
//! The machine's own generator is used as an assembler; what is generated differs from it in that
//! literals make changeable lists and dicts, operators mean what they mean in Python, macros may
//! return any value, and macros and call blocks inside of a template are code of their own.

mod calls;
mod expressions;
pub(crate) mod operators;
mod statements;

pub(crate) use expressions::full_span;

use crate::jinja::code::Absence;
use crate::jinja::code::Blueprint;
use crate::jinja::code::Code;
use crate::jinja::code::Extras;
use crate::jinja::code::Interner;
use crate::jinja::code::Role;
use crate::jinja::error::RenderError;
use minijinja::machinery::CodeGenerator;
use minijinja::machinery::Instruction;
use minijinja::machinery::Span;
use minijinja::machinery::ast;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Prefix of the hidden name that tells whether a parameter was left out of a call.
pub(crate) const MISSING: char = '\u{2}';

/// How many filters and tests of one body the machine finds without a lookup.
const CACHED: usize = 50;

/// No cache slot.
const UNCACHED: u8 = !0;

/// Generates the code of one body.
pub(crate) struct Generator<'n> {
    names: &'n Interner,
    role: Role,
    name: &'static str,
    out: CodeGenerator<'static>,
    /// Added to each offset of the tree to get one into the file.
    base: i64,
    parameters: Vec<&'static str>,
    extras: Extras,
    /// Names set so far, by frame of the machine; the first frame is the body's own.
    frames: Vec<FxHashSet<&'static str>>,
    /// Names looked up that no frame had set.
    free: FxHashSet<&'static str>,
    /// Names that macros declared in this body look up when they are called.
    published: FxHashSet<&'static str>,
    /// Codes of the inline macros of this body, in the order they are declared.
    inline: Vec<(Arc<Code>, FxHashSet<&'static str>)>,
    open: Vec<Open>,
    filters: FxHashMap<&'static str, u8>,
    tests: FxHashMap<&'static str, u8>,
    size: usize,
    absence: Absence,
}

/// What has to be ended before a loop can be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Loop,
    Frame,
    Capture,
}

type Outcome = Result<(), RenderError>;

impl<'n> Generator<'n> {
    pub(crate) fn new(names: &'n Interner, role: Role, base: usize) -> Self {
        Generator {
            names,
            role,
            name: "",
            out: CodeGenerator::new("", ""),
            base: base as i64,
            parameters: Vec::new(),
            extras: Extras::default(),
            frames: vec![FxHashSet::default()],
            free: FxHashSet::default(),
            published: FxHashSet::default(),
            inline: Vec::new(),
            open: Vec::new(),
            filters: FxHashMap::default(),
            tests: FxHashMap::default(),
            size: 0,
            absence: Absence::Fails,
        }
    }

    /// Code in which whatever is not there may be asked and called, and comes to nothing.
    pub(crate) fn tolerant(mut self) -> Self {
        self.absence = Absence::Absorbs;
        self
    }

    pub(crate) fn named(&mut self, name: &str) {
        self.name = self.names.get(name);
    }

    /// Parameters and the code that fills in their defaults. Defaults are evaluated at each call,
    /// from left to right, and may use the parameters before them.
    pub(crate) fn parameters(&mut self, declared: &ast::Macro<'_>, base: i64) -> Outcome {
        let body = std::mem::replace(&mut self.base, base);
        for parameter in &declared.args {
            if let ast::Expr::Var(parameter) = parameter {
                self.parameters.push(self.names.get(parameter.id));
            }
        }
        let without = self.parameters.len() - declared.defaults.len();
        for (at, default) in declared.defaults.iter().enumerate() {
            let name = self.parameters[without + at];
            self.out.push_span(self.span(default.span()));
            let missing = self.names.get(&format!("{MISSING}{name}"));
            self.out.add(Instruction::Lookup(missing));
            self.out.start_if();
            self.expression(default)?;
            self.store(name);
            self.out.end_if();
            self.out.pop_span();
        }
        self.base = body;
        Ok(())
    }

    /// The code of a body that writes text.
    pub(crate) fn template(mut self, body: &[ast::Stmt<'_>]) -> Result<Code, RenderError> {
        self.body(body)?;
        Ok(self.finish())
    }

    /// The code of an expression's value, given as the only statement of a body.
    pub(crate) fn value_of(mut self, body: &[ast::Stmt<'_>]) -> Result<Code, RenderError> {
        match body {
            [ast::Stmt::EmitExpr(emit)] => {
                self.expression(&emit.expr)?;
                self.out.add(Instruction::Return);
                Ok(self.finish())
            }
            _ => Err(RenderError::new("jinja-syntax", "expected one expression")),
        }
    }

    fn body(&mut self, body: &[ast::Stmt<'_>]) -> Outcome {
        let mut declared = Vec::new();
        statements::inline_macros(body, &mut declared);
        for declaration in declared {
            let child = self.child(declaration, Role::Inline)?;
            self.published.extend(&child.1);
            self.inline.push(child);
        }
        self.inline.reverse();
        self.statements(body)
    }

    /// Code of a macro or call block inside of this body, with the names it takes from outside.
    fn child(
        &self,
        declaration: &ast::Macro<'_>,
        role: Role,
    ) -> Result<(Arc<Code>, FxHashSet<&'static str>), RenderError> {
        let mut child = Generator::new(self.names, role, 0);
        child.base = self.base;
        child.absence = self.absence;
        child.named(declaration.name);
        child.parameters(declaration, self.base)?;
        child.body(&declaration.body)?;
        let free = std::mem::take(&mut child.free);
        Ok((Arc::new(child.finish()), free))
    }

    fn finish(self) -> Code {
        Code {
            name: self.name,
            role: self.role,
            absence: self.absence,
            parameters: self.parameters,
            extras: self.extras,
            publishes: !self.published.is_empty(),
            size: self.size,
            instructions: self.out.finish().0,
        }
    }

    /// Leaves a macro value on the stack, made of code and the values of names around it.
    fn closure(&mut self, code: Arc<Code>, free: &FxHashSet<&'static str>) {
        let mut captures: Vec<&'static str> = Vec::new();
        for name in free {
            if self.is_set(name) {
                captures.push(name);
            } else {
                self.mention(name);
            }
        }
        captures.sort_unstable();
        for name in &captures {
            self.out.add(Instruction::Lookup(name));
        }
        let count = captures.len() + 1;
        let blueprint = Value::from_object(Blueprint { code, captures });
        self.out.add(Instruction::LoadConst(blueprint));
        self.operate(operators::CLOSURE, count);
    }

    /// Stores the top of the stack under a name of the innermost frame.
    fn store(&mut self, name: &'static str) {
        self.out.add(Instruction::StoreLocal(name));
        self.declare(name);
        if self.frames.len() == 1 && self.published.contains(name) {
            self.out.add(Instruction::LoadConst(Value::from(name)));
            self.out.add(Instruction::Lookup(name));
            self.operate(operators::PUBLISH, 2);
            self.out.add(Instruction::DiscardTop);
        }
    }

    fn declare(&mut self, name: &'static str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(name);
        }
    }

    fn is_set(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| frame.contains(name))
    }

    /// Notes that a name is used which this body did not set.
    fn mention(&mut self, name: &'static str) {
        match name {
            "varargs" if !self.parameters.contains(&name) => self.extras.varargs = true,
            "kwargs" if !self.parameters.contains(&name) => self.extras.kwargs = true,
            "caller" if !self.parameters.contains(&name) => self.extras.caller = true,
            _ => {}
        }
        if !self.parameters.contains(&name) {
            self.free.insert(name);
        }
    }

    fn lookup(&mut self, name: &str) {
        let name = self.names.get(name);
        if !self.is_set(name) {
            self.mention(name);
        }
        self.out.add(Instruction::Lookup(name));
    }

    /// Applies one of our operators, which the engine keeps among the filters.
    fn operate(&mut self, operator: &'static str, operands: usize) {
        let slot = slot(&mut self.filters, operator);
        let instruction = match u16::try_from(operands) {
            Ok(count) => Instruction::ApplyFilter(operator, Some(count), slot),
            Err(_) => {
                self.out.add(Instruction::LoadConst(Value::from(operands)));
                Instruction::ApplyFilter(operator, None, slot)
            }
        };
        self.out.add(instruction);
    }

    fn span(&self, span: Span) -> Span {
        let shift = |offset: u32| (i64::from(offset) + self.base).max(0) as u32;
        Span {
            start_line: 1,
            start_col: 0,
            start_offset: shift(span.start_offset),
            end_line: 1,
            end_col: 0,
            end_offset: shift(span.end_offset),
        }
    }
}

fn slot(known: &mut FxHashMap<&'static str, u8>, name: &'static str) -> u8 {
    let next = known.len();
    if next < CACHED {
        return *known.entry(name).or_insert(next as u8);
    }
    known.get(name).copied().unwrap_or(UNCACHED)
}
