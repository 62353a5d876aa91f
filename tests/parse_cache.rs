//! What an earlier call found never changes what a later one says: projects edited at random are read
//! with and without it, and the answers are compared byte for byte.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own files and may stop at a mistake"
)]

mod support;

use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;
use support::project::TestProject;
use support::project::sections;

/// Edits in all, in as many gardens as there are seeds.
const EDITS: usize = 1000;
const SEEDS: [u64; 4] = [1, 2, 3, 4];

const CACHE: &str = "target/parse_cache.bin";

#[test]
fn a_thousand_edits_give_the_answers_of_a_first_call() {
    let wrong: Vec<String> = SEEDS
        .par_iter()
        .filter_map(|seed| Garden::new(*seed).wander(EDITS / SEEDS.len()).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_damaged_cache_is_as_good_as_none() {
    let mut garden = Garden::new(7);
    garden.project.succeed("parse");
    let whole = fs::read(garden.project.root.join(CACHE)).unwrap();
    for _ in 0..60 {
        let mut damaged = whole.clone();
        match garden.random(3) {
            0 => damaged.truncate(garden.random(whole.len())),
            1 => damaged[..].rotate_left(1 + garden.random(whole.len() - 1)),
            _ => {
                let at = garden.random(whole.len());
                damaged[at] ^= 1 << garden.random(8);
            }
        }
        garden.project.write(CACHE, &damaged);
        garden.compare("damaged").unwrap();
    }
}

/// Cheap for whoever calls again: what would say the same is left as it is, and only that.
#[test]
fn an_unchanged_project_is_not_written_again() {
    let project = Garden::new(9).project;
    let written = |path: &str| {
        let found = fs::metadata(project.root.join(path)).unwrap();
        found.modified().unwrap()
    };
    let manifest = "target/manifest.json";
    project.succeed("parse");
    let (cache, first) = (written(CACHE), written(manifest));
    project.succeed("ls");
    assert_eq!((written(CACHE), written(manifest)), (cache, first));
    project.remove(manifest);
    project.succeed("ls");
    let again = written(manifest);
    assert_eq!(written(CACHE), cache);
    project.add("--- models/new.sql\nselect 1 as id\n");
    project.succeed("ls");
    assert!(written(manifest) > again && written(CACHE) > cache);
}

/// So late that no file looks as if it had changed just now: what the disk tells has to do.
const FUTURE: &str = "2100-01-01T00:00:00Z";

struct Garden {
    project: TestProject,
    /// Path of each file and the texts that it may have; an empty one means that it is not there.
    files: Vec<(String, Vec<String>)>,
    state: u64,
    water: bool,
    log: Vec<String>,
}

impl Garden {
    fn new(seed: u64) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/cache/garden.txt");
        let text = fs::read_to_string(path).unwrap();
        let files = sections(&text).into_iter().map(|(path, text)| {
            let texts = text.split("~~~\n").map(str::to_string);
            (path.to_string(), texts.collect())
        });
        let garden = Garden {
            project: TestProject::new("").with("DBT_TEST_NOW", FUTURE),
            files: files.collect(),
            state: seed,
            water: false,
            log: Vec::new(),
        };
        for (path, texts) in &garden.files {
            garden.project.write(path, texts[0].as_bytes());
        }
        garden
    }

    /// Edits and compares; the error tells every edit that led to the first difference.
    fn wander(mut self, edits: usize) -> Result<(), String> {
        self.compare("at first")?;
        for _ in 0..edits {
            let edit = self.edit();
            self.compare(&edit)?;
        }
        Ok(())
    }

    /// Changes one to three things.
    fn edit(&mut self) -> String {
        let count = 1 + self.random(10) / 8 + self.random(10) / 9;
        let edits: Vec<String> = (0..count).map(|_| self.one_edit()).collect();
        edits.join(", ")
    }

    fn one_edit(&mut self) -> String {
        if self.random(25) == 0 {
            self.water = !self.water;
            let value = if self.water { "much" } else { "little" };
            self.project.set("WATER", value);
            return format!("WATER={value}");
        }
        let at = self.random(self.files.len());
        // The first text is what all others fit to: it comes back often, or little would work.
        let texts = self.files[at].1.len();
        let text = self.random(texts * 2).saturating_sub(texts);
        let (path, texts) = &self.files[at];
        match texts[text].is_empty() {
            true => _ = fs::remove_file(self.project.root.join(path)),
            false => self.project.write(path, texts[text].as_bytes()),
        }
        format!("{path} #{text}")
    }

    fn compare(&mut self, edit: &str) -> Result<(), String> {
        self.log.push(edit.to_string());
        let command = ["parse", "parse", "ls --output name"][self.random(3)];
        let kept = self.answer(command, "target");
        let fresh = self.answer(&format!("{command} --no-partial-parse"), "fresh");
        match kept == fresh {
            true => Ok(()),
            false => Err(format!(
                "after {}\n{}",
                self.log.join("\n  "),
                difference(&kept, &fresh)
            )),
        }
    }

    /// What a call says and writes, but for where and under which id.
    fn answer(&self, command: &str, target: &str) -> String {
        let ended = self
            .project
            .call(&format!("{command} --target-path {target}"));
        let mut text = ended.all().replace(target, "[target]");
        let manifest = format!("{target}/manifest.json");
        if ended.code == 0 {
            let mut manifest: Value = self.project.json(&manifest);
            manifest["metadata"] = Value::Null;
            text.push_str(&serde_json::to_string_pretty(&manifest).unwrap());
        }
        text
    }

    /// A number below `limit`, the same for the same seed.
    fn random(&mut self, limit: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % limit
    }
}

/// The first lines that differ.
fn difference(kept: &str, fresh: &str) -> String {
    let (kept, fresh): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), fresh.lines().collect());
    let same = kept.iter().zip(&fresh).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(12);
    let part =
        |lines: &[&str]| lines[from.min(lines.len())..(same + 30).min(lines.len())].join("\n");
    format!(
        "with what is kept:\n{}\nwithout:\n{}",
        part(&kept),
        part(&fresh)
    )
}
