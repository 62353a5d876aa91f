//! `docs serve`: the documentation that `docs generate` wrote, for a browser on this machine.

use crate::artifacts::TargetFolder;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::tell;
use crate::compile::Paths;
use crate::docs;
use crate::docs::Server;
use crate::project;
use crate::project::Options;
use crate::report::say;
use std::process::Command;
use std::process::Stdio;

/// Listens to this machine alone unless told otherwise.
const HOST: &str = "127.0.0.1";

/// Programs that open an address in the browser of the person who sits there.
const OPENERS: [&str; 3] = ["xdg-open", "open", "explorer.exe"];

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let folder = target_folder(desk)?;
    if !folder.has_record("manifest.json") {
        let message = format!("there is no documentation in `{}`", folder.path().display());
        let hint = "write it with `docs generate`";
        return Err(desk.stop(Diagnostic::error("no-docs", message).hint(hint)));
    }
    // The page of this version, whichever version wrote the records.
    let written = folder.write_page("index.html", &docs::page());
    written.map_err(|error| desk.fail("unwritable-file", error))?;
    let host = Some(desk.flags.host.as_str()).filter(|host| !host.is_empty());
    let host = host.unwrap_or(HOST);
    let port = u16::try_from(desk.flags.port)
        .map_err(|_| desk.fail("wrong-flag", "--port: a port is a number up to 65535"))?;
    let server = Server::open(host, port, folder.path()).map_err(|error| {
        let message = format!("cannot listen on {host}:{port}: {error}");
        let hint = "name another port with `--port`; 0 takes one that is free";
        desk.stop(Diagnostic::error("port-taken", message).hint(hint))
    })?;
    let port = server.address().map_or(port, |address| address.port());
    let address = format!("http://{}:{port}", browsable(host));
    tell(desk, &say::serving(&address, port));
    if desk.flags.browser {
        open_browser(desk, &address);
    }
    server.run(&desk.cancelled);
    Ok(Ended::Well)
}

fn target_folder(desk: &Desk) -> Result<TargetFolder, Told> {
    let (options, bag) = (Options::from_flags(&desk.flags), Bag::new());
    let settings = project::load_settings(&options, &desk.context, &bag);
    desk.tell(&bag)?;
    let settings = settings.ok_or(Told)?;
    let target = options.target_path.unwrap_or(settings.target_path);
    Ok(TargetFolder::new(&options.project_dir, &Paths { target }))
}

/// An address that a browser can go to, also where the server listens on all of them.
fn browsable(host: &str) -> &str {
    match host {
        "0.0.0.0" | "127.0.0.1" | "" => "localhost",
        other => other,
    }
}

/// Where no program can open it, the address on the screen has to do.
fn open_browser(desk: &Desk, address: &str) {
    if let Some(opener) = desk.context.program(&OPENERS) {
        let mut command = Command::new(opener);
        let quiet = command
            .arg(address)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        drop(quiet.spawn());
    }
}
