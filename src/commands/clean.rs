//! `clean`: removes the folders that the project lists as its output.

use crate::base::Bag;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::project;
use crate::project::Options;
use crate::project::Reach;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let reach = match desk.flags.clean_project_files_only {
        true => Reach::InsideProject,
        false => Reach::Anywhere,
    };
    let (options, bag) = (Options::from_flags(&desk.flags), Bag::new());
    let done = project::clean(&options, &desk.context, reach, &*desk.observer, &bag);
    desk.tell(&bag)?;
    done.map(|()| Ended::Well).ok_or(Told)
}
