//! How a row of the table of flags is written: a flag by its kind, then what is special about it.

use crate::config::flags::Command;
use crate::config::flags::flag::Flag;
use crate::config::flags::flag::Kind;
use crate::config::flags::flag::Reach;

const fn flag(name: &'static str, kind: Kind) -> Flag {
    Flag {
        name,
        kind,
        reach: Reach::Everywhere,
        short: None,
        aliases: &[],
        negatable: false,
        in_env: false,
        in_project: false,
        accepted: true,
        help: "",
    }
}

pub(super) const fn switch(name: &'static str, default: Option<bool>) -> Flag {
    flag(name, Kind::Switch(default))
}

pub(super) const fn integer(name: &'static str, default: Option<i64>) -> Flag {
    flag(name, Kind::Integer(default))
}

pub(super) const fn text(name: &'static str) -> Flag {
    flag(name, Kind::Text)
}

pub(super) const fn path(name: &'static str) -> Flag {
    flag(name, Kind::Path)
}

pub(super) const fn moment(name: &'static str) -> Flag {
    flag(name, Kind::Moment)
}

pub(super) const fn sample(name: &'static str) -> Flag {
    flag(name, Kind::Sample)
}

pub(super) const fn words(name: &'static str) -> Flag {
    flag(name, Kind::Words)
}

pub(super) const fn words_of(name: &'static str, allowed: &'static [&'static str]) -> Flag {
    flag(name, Kind::WordsOf(allowed))
}

pub(super) const fn mapping(name: &'static str) -> Flag {
    flag(name, Kind::Mapping)
}

pub(super) const fn choice(
    name: &'static str,
    allowed: &'static [&'static str],
    default: &'static str,
) -> Flag {
    flag(name, Kind::Choice(allowed, Some(default)))
}

pub(super) const fn behaviour(name: &'static str, default: bool) -> Flag {
    Flag {
        reach: Reach::Project,
        accepted: false,
        ..switch(name, Some(default)).project()
    }
}

impl Flag {
    pub(super) const fn reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    pub(super) const fn on(self, commands: &'static [Command]) -> Self {
        self.reach(Reach::On(commands))
    }

    pub(super) const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn no(mut self) -> Self {
        self.negatable = true;
        self
    }

    pub(super) const fn env(mut self) -> Self {
        self.in_env = true;
        self
    }

    pub(super) const fn project(mut self) -> Self {
        self.in_project = true;
        self
    }

    pub(super) const fn later(mut self) -> Self {
        self.accepted = false;
        self
    }

    pub(super) const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }
}
