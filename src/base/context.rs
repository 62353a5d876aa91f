//! The outside world as one value: clock, environment, folders, the id of this call.
//! Made once in `cli`; tests make a fixed one.

use crate::base::fs;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Everything that is not in the project: passed down, never fetched.
#[derive(Debug)]
pub struct Context {
    pub env: BTreeMap<String, String>,
    /// Working folder, absolute.
    pub cwd: PathBuf,
    /// Path of the running program, links not resolved; `None` where the system does not tell.
    pub executable: Option<PathBuf>,
    /// `None` where the system names no home folder.
    pub home: Option<PathBuf>,
    /// Random UUID of this call, in every artifact and event.
    pub invocation_id: String,
    pub started_at: Timestamp,
    /// For the time of day on the screen.
    pub time_zone: TimeZone,
    /// The command as typed, for `args.invocation_command` in artifacts.
    pub command_line: String,
    clock: Clock,
    env_read: Mutex<BTreeMap<String, String>>,
    env_asked: Mutex<BTreeSet<String>>,
}

#[derive(Debug)]
enum Clock {
    System,
    Fixed(Timestamp),
}

impl Context {
    /// The world as this process sees it.
    pub fn system(command_line: String) -> Self {
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        // DBT_TEST_NOW lets a test suite freeze the clock from outside.
        let clock = match env.get("DBT_TEST_NOW").and_then(|text| text.parse().ok()) {
            Some(instant) => Clock::Fixed(instant),
            None => Clock::System,
        };
        Context {
            home: env
                .get("HOME")
                .or(env.get("USERPROFILE"))
                .map(PathBuf::from),
            executable: std::env::current_exe().ok(),
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            invocation_id: uuid::Uuid::new_v4().to_string(),
            started_at: match clock {
                Clock::System => Timestamp::now(),
                Clock::Fixed(instant) => instant,
            },
            env,
            time_zone: TimeZone::system(),
            command_line,
            clock,
            env_read: Mutex::default(),
            env_asked: Mutex::default(),
        }
    }

    /// A world for tests: no environment, clock at 2024-01-02 03:04:05 UTC.
    pub fn fixed(cwd: impl Into<PathBuf>) -> Self {
        let instant = Timestamp::from_second(1_704_164_645).expect("the instant is in range");
        Context {
            env: BTreeMap::new(),
            executable: None,
            cwd: cwd.into(),
            home: None,
            invocation_id: "00000000-0000-4000-8000-000000000000".to_string(),
            started_at: instant,
            time_zone: TimeZone::UTC,
            command_line: "sqlmill".to_string(),
            clock: Clock::Fixed(instant),
            env_read: Mutex::default(),
            env_asked: Mutex::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        match self.clock {
            Clock::System => Timestamp::now(),
            Clock::Fixed(instant) => instant,
        }
    }

    /// A variable of the environment; `None` where it is not set.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    /// The first of some programs that is in a folder of `PATH`; the names are tried in their order.
    pub fn program(&self, names: &[&str]) -> Option<PathBuf> {
        let folders: Vec<PathBuf> = std::env::split_paths(self.var("PATH")?).collect();
        let mut paths = names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        paths.find(|path| fs::exists(path))
    }

    /// Values of `DBT_ENV_SECRET_...`, which nobody may read in a log or an artifact.
    pub fn secrets(&self) -> Vec<String> {
        let is_secret = |(name, value): &(&String, &String)| {
            name.starts_with("DBT_ENV_SECRET_") && !value.is_empty()
        };
        let secret = self.env.iter().filter(is_secret);
        secret.map(|(_, value)| value.clone()).collect()
    }

    /// Variables named `DBT_ENV_CUSTOM_ENV_NAME` by `NAME`: users mark artifacts and logs with them.
    pub fn custom_vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("DBT_ENV_CUSTOM_ENV_")?;
            Some((name, value.as_str()))
        })
    }

    /// Remembers that the project read this variable (for artifacts and change detection).
    pub fn note_env_read(&self, name: &str, value: &str) {
        let mut read = self.env_read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(name.to_string(), value.to_string());
    }

    /// Remembers that the project asked for this variable, whether it is set or not.
    pub fn note_env_asked(&self, name: &str) {
        let mut asked = self
            .env_asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !asked.contains(name) {
            asked.insert(name.to_string());
        }
    }

    pub fn env_asked(&self) -> BTreeSet<String> {
        self.env_asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn env_read(&self) -> BTreeMap<String, String> {
        self.env_read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
