//! Profile and project file read each on its own, for a command that tells of both.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::project;
use crate::project::Options;
use crate::project::Profile;
use crate::project::profile;
use crate::project::render::Renderer;
use std::sync::Arc;

/// What was found, and what is wrong with it.
#[derive(Debug)]
pub struct Examined {
    /// `None` where mistakes leave none to connect with.
    pub profile: Option<Profile>,
    pub profile_mistakes: Vec<Diagnostic>,
    pub project_mistakes: Vec<Diagnostic>,
}

/// Reads what the options name; a mistake in one file does not hide the other.
pub fn examine(options: &Options, context: &Arc<Context>) -> Examined {
    let (of_project, of_profile) = (Bag::new(), Bag::new());
    let raw = project::project_file(&options.project_dir, "", &of_project);
    let profile = raw
        .as_ref()
        .and_then(|raw| profile::load(options, context, raw, &of_profile));
    if let Some(raw) = &raw {
        let target = profile.as_ref().map(|profile| &profile.target);
        let renderer = Renderer::new(context, &options.vars, target);
        project::read_settings(raw, &renderer, options, &of_project);
    }
    Examined {
        profile,
        profile_mistakes: errors(&of_profile),
        project_mistakes: errors(&of_project),
    }
}

fn errors(bag: &Bag) -> Vec<Diagnostic> {
    let found = bag.take().into_iter();
    found.filter(Diagnostic::is_error).collect()
}
