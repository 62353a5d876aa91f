//! `init`: makes a new project, or the profile of the one in this folder.

use crate::base::Bag;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::project;
use crate::project::NewProject;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let flags = &desk.flags;
    let wanted = NewProject {
        name: flags.project_name.clone(),
        folder: match flags.project_name {
            Some(_) => desk.context.cwd.clone(),
            None => flags.project_dir.clone(),
        },
        profile: flags.profile.clone(),
        profiles_dir: (!flags.skip_profile_setup)
            .then(|| flags.profiles_dir.clone())
            .flatten(),
    };
    let bag = Bag::new();
    let done = project::init(&wanted, &*desk.observer, &bag);
    desk.tell(&bag)?;
    done.map(|()| Ended::Well).ok_or(Told)
}
