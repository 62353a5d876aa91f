//! Embeds the templates, and makes DuckDB's library available to whatever cargo builds, so that
//! `cargo run` and `cargo test` just work.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script has no base::fs and no Context"
)]

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    embed_templates();
    if env::var_os("CARGO_FEATURE_DUCKDB").is_some() {
        provide_duckdb();
    }
}

/// Writes a table of all files under `templates/`, sorted by path, for `jinja/builtin.rs`.
fn embed_templates() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("templates");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect_files(&root, &mut files);
    files.sort();
    let mut table = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file);
        let name = name.to_string_lossy().replace('\\', "/");
        table.push_str(&format!("({name:?}, include_bytes!({file:?})),\n"));
    }
    table.push(']');
    let target = PathBuf::from(variable("OUT_DIR")).join("templates.rs");
    if let Err(e) = fs::write(&target, table) {
        fail(&format!("cannot write `{}`: {e}", target.display()));
    }
}

fn collect_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect_files(&path, found),
            false => found.push(path),
        }
    }
}

/// Fetches the library if it is missing, lays it beside the built programs, and tells them where to look.
fn provide_duckdb() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let library = library_name();
    let folder = match env::var_os("DUCKDB_LIB_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("vendor/duckdb"),
    };
    let file = folder.join(library);
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo::rerun-if-changed={}", file.display());
    if !file.exists() {
        fetch_duckdb(&root);
    }
    if !file.exists() {
        fail(&format!("there is no `{}`", file.display()));
    }
    place_beside_programs(&file, library);
    search_at_run_time(&folder);
}

fn fetch_duckdb(root: &Path) {
    let script = root.join("scripts/fetch_duckdb.sh");
    println!("cargo::rerun-if-changed={}", script.display());
    match Command::new("sh").arg(&script).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&String::from_utf8_lossy(&output.stderr)),
        Err(e) => fail(&format!("cannot run `{}`: {e}", script.display())),
    }
}

/// Links (or copies) the library into the folder of the built programs, as an installation has it.
fn place_beside_programs(file: &Path, library: &str) {
    // OUT_DIR is <programs>/build/<package>/out.
    let out = PathBuf::from(variable("OUT_DIR"));
    let Some(programs) = out.ancestors().nth(3) else {
        return;
    };
    let beside = programs.join(library);
    let is_same = |a: &Path, b: &Path| {
        let size = |path: &Path| fs::metadata(path).map(|data| data.len()).ok();
        size(a).is_some() && size(a) == size(b)
    };
    if is_same(file, &beside) {
        return;
    }
    let _ = fs::remove_file(&beside);
    if fs::hard_link(file, &beside).is_err()
        && let Err(e) = fs::copy(file, &beside)
    {
        fail(&format!(
            "cannot copy the library to `{}`: {e}",
            beside.display()
        ));
    }
}

/// Programs look beside themselves, one folder up (tests), in `../lib` (installed), and where it was built.
/// They do not link it: `adapter/duckdb/library.rs` loads it by name, and the loader reads these folders.
fn search_at_run_time(folder: &Path) {
    let own_folder = match variable("CARGO_CFG_TARGET_OS").as_str() {
        "windows" => return,
        "macos" => "@loader_path",
        _ => "$ORIGIN",
    };
    let places = [
        own_folder.to_string(),
        format!("{own_folder}/.."),
        format!("{own_folder}/../lib"),
        folder.display().to_string(),
    ];
    for place in places {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{place}");
    }
}

fn library_name() -> &'static str {
    match variable("CARGO_CFG_TARGET_OS").as_str() {
        "windows" => "duckdb.dll",
        "macos" => "libduckdb.dylib",
        _ => "libduckdb.so",
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("cargo set no {name}")))
}

fn fail(reason: &str) -> ! {
    for line in reason.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1)
}
