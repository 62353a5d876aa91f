//! Turns one output of `profiles.yml`, already rendered, into typed settings.
//! Promise: every mistake is reported with its key; what sqlmill cannot do is refused by name.
//! Not here: finding the profile and rendering it (`project`), connecting (the warehouse's own room).

mod duckdb;
mod postgres;
mod sample;

pub use duckdb::Attachment;
pub use duckdb::DuckDbProfile;
pub use duckdb::Extension;
pub use duckdb::Retries;
#[cfg(feature = "duckdb")]
pub(crate) use duckdb::literal;
pub use postgres::PostgresProfile;
pub use postgres::SslKeys;
pub use postgres::SslMode;
pub use sample::LEFT_IN_FOLDER;
pub use sample::Sample;
pub use sample::sample;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::sql::Dialect;
use crate::sql::dialect;
use serde_json::Map;
use serde_json::Value as Json;

/// What a run needs to know of its profile.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub profile_name: String,
    pub target_name: String,
    pub database: String,
    pub schema: String,
    pub threads: usize,
    pub warehouse: Warehouse,
}

#[derive(Debug, Clone)]
pub enum Warehouse {
    DuckDb(Box<DuckDbProfile>),
    Postgres(Box<PostgresProfile>),
}

/// Reads the keys of one `type` of profile.
type Reader = fn(&mut Keys<'_>) -> Warehouse;

/// The `type`s that a profile may have.
const READERS: [(&Dialect, Reader); 2] = [
    (&dialect::DUCKDB, |keys| {
        Warehouse::DuckDb(Box::new(DuckDbProfile::read(keys)))
    }),
    (&dialect::POSTGRES, |keys| {
        Warehouse::Postgres(Box::new(PostgresProfile::read(keys)))
    }),
];

impl Credentials {
    /// Reads one output of a profile. `None` where a mistake leaves nothing to work with.
    pub fn read(
        profile_name: &str,
        target_name: &str,
        output: &Map<String, Json>,
        bag: &Bag,
    ) -> Option<Self> {
        let owner = format!("profile `{profile_name}`, target `{target_name}`");
        let mut keys = Keys::new(owner, output, bag);
        let kind = keys.text("type");
        let threads = keys.number("threads").unwrap_or(1).max(1);
        let Some(kind) = kind else {
            keys.mistake("type", "has no `type`, such as `duckdb`");
            return None;
        };
        let Some((_, read)) = READERS.iter().find(|(dialect, _)| dialect.name == kind) else {
            let known = READERS.map(|(dialect, _)| dialect.name);
            bag.add(
                Diagnostic::error(
                    "unknown-warehouse",
                    format!(
                        "{} has type `{kind}`, which sqlmill does not know",
                        keys.owner
                    ),
                )
                .hint(format!("known types: {}", known.join(", "))),
            );
            return None;
        };
        let warehouse = read(&mut keys);
        let is_sound = keys.finish();
        is_sound.then(|| Credentials {
            profile_name: profile_name.to_string(),
            target_name: target_name.to_string(),
            database: warehouse.database().to_string(),
            schema: warehouse.schema().to_string(),
            threads,
            warehouse,
        })
    }

    pub fn dialect(&self) -> &'static Dialect {
        match self.warehouse {
            Warehouse::DuckDb(_) => &dialect::DUCKDB,
            Warehouse::Postgres(_) => &dialect::POSTGRES,
        }
    }

    pub fn kind(&self) -> &'static str {
        self.dialect().name
    }

    /// What Jinja sees as `target`: every field that is no secret.
    pub fn target(&self) -> Map<String, Json> {
        let mut map = self.fields();
        for (key, value) in self.warehouse.aliases() {
            map.insert(key.to_string(), value.into());
        }
        map.insert("type".to_string(), self.kind().into());
        map.insert("threads".to_string(), self.threads.into());
        map.insert("name".to_string(), self.target_name.clone().into());
        map.insert("target_name".to_string(), self.target_name.clone().into());
        map.insert("profile_name".to_string(), self.profile_name.clone().into());
        map
    }

    /// The connection's fields without secrets, in the order in which `debug` lists them.
    pub fn fields(&self) -> Map<String, Json> {
        match &self.warehouse {
            Warehouse::DuckDb(profile) => profile.fields(),
            Warehouse::Postgres(profile) => profile.fields(),
        }
    }
}

impl Warehouse {
    /// What `target` has besides the fields: the same under the names that profiles use too.
    fn aliases(&self) -> Vec<(&'static str, &str)> {
        match self {
            Warehouse::DuckDb(_) => Vec::new(),
            Warehouse::Postgres(profile) => vec![("dbname", &profile.database)],
        }
    }

    fn database(&self) -> &str {
        match self {
            Warehouse::DuckDb(profile) => &profile.database,
            Warehouse::Postgres(profile) => &profile.database,
        }
    }

    fn schema(&self) -> &str {
        match self {
            Warehouse::DuckDb(profile) => &profile.schema,
            Warehouse::Postgres(profile) => &profile.schema,
        }
    }
}

/// Takes keys out of a map one by one, and notes what is wrong with them.
struct Keys<'a> {
    owner: String,
    map: &'a Map<String, Json>,
    known: Vec<&'static str>,
    failed: bool,
    bag: &'a Bag,
}

impl<'a> Keys<'a> {
    fn new(owner: String, map: &'a Map<String, Json>, bag: &'a Bag) -> Self {
        Keys {
            owner,
            map,
            known: Vec::new(),
            failed: false,
            bag,
        }
    }

    /// The value of a key; `None` where it is absent or null.
    fn get(&mut self, key: &'static str) -> Option<&'a Json> {
        self.known.push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        match self.get(key)? {
            Json::String(text) => Some(text.clone()),
            _ => self.wrong_type(key, "a text"),
        }
    }

    fn flag(&mut self, key: &'static str) -> Option<bool> {
        match self.get(key)? {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.wrong_type(key, "true or false"),
        }
    }

    /// A whole number, also one written as text, as environment variables are.
    fn number(&mut self, key: &'static str) -> Option<usize> {
        let number = match self.get(key)? {
            Json::Number(number) => number.as_u64(),
            Json::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number) => Some(number),
            None => self.wrong_type(key, "a whole number"),
        }
    }

    fn object(&mut self, key: &'static str) -> Option<&'a Map<String, Json>> {
        match self.get(key)? {
            Json::Object(map) => Some(map),
            _ => self.wrong_type(key, "a mapping"),
        }
    }

    fn list(&mut self, key: &'static str) -> Option<&'a [Json]> {
        match self.get(key)? {
            Json::Array(items) => Some(items),
            _ => self.wrong_type(key, "a list"),
        }
    }

    /// A list whose items are all mappings.
    fn objects(&mut self, key: &'static str) -> Option<Vec<&'a Map<String, Json>>> {
        let items = self.list(key)?.iter();
        match items.map(Json::as_object).collect() {
            Some(maps) => Some(maps),
            None => self.wrong_type(key, "a list of mappings"),
        }
    }

    fn wrong_type<T>(&mut self, key: &str, wanted: &str) -> Option<T> {
        let found = &self.map[key];
        self.mistake(
            key,
            &format!("must have {wanted} as `{key}`, not `{found}`"),
        );
        None
    }

    fn mistake(&mut self, key: &str, sentence: &str) {
        let sentence = format!("{} {sentence}", self.owner);
        self.failed = true;
        self.bag
            .add(Diagnostic::error("bad-profile", sentence).note(format!("key `{key}`")));
    }

    fn warn(&mut self, sentence: &str) {
        let sentence = format!("{} {sentence}", self.owner);
        self.bag
            .add(Diagnostic::warning("idle-profile-key", sentence));
    }

    /// Warns of keys that nobody asked for; tells whether all went well.
    fn finish(self) -> bool {
        for key in self.map.keys() {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            let like = nearest(key, self.known.iter().copied());
            self.bag.add(
                Diagnostic::warning(
                    "unknown-profile-key",
                    format!(
                        "{} has the key `{key}`, which means nothing here",
                        self.owner
                    ),
                )
                .maybe_hint(like.map(|like| format!("did you mean `{like}`?"))),
            );
        }
        !self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(output: Json) -> (Option<Credentials>, Vec<String>) {
        let bag = Bag::new();
        let found = Credentials::read("shop", "dev", output.as_object().unwrap(), &bag);
        let said = bag
            .take()
            .into_iter()
            .map(|d| format!("{}: {}", d.code, d.message));
        (found, said.collect())
    }

    #[test]
    fn the_file_names_the_database() {
        for (output, database) in [
            (
                json!({"type": "duckdb", "path": "data/shop.duckdb"}),
                "shop",
            ),
            (json!({"type": "duckdb", "path": "a.b.duckdb"}), "a"),
            (json!({"type": "duckdb", "path": "main.duckdb"}), "main_db"),
            (json!({"type": "duckdb", "path": ":memory:"}), "memory"),
            (json!({"type": "duckdb"}), "memory"),
        ] {
            let (found, said) = read(output);
            assert_eq!(said, Vec::<String>::new());
            let found = found.unwrap();
            assert_eq!(
                (found.database.as_str(), found.schema.as_str()),
                (database, "main")
            );
        }
    }

    #[test]
    fn the_target_hides_secrets() {
        let (found, _) = read(json!({
            "type": "duckdb", "path": "x.duckdb", "threads": "4",
            "secrets": [{"type": "s3", "secret": "hush"}],
        }));
        let target = Json::Object(found.unwrap().target());
        assert!(!target.to_string().contains("hush"));
        assert_eq!(
            (&target["name"], &target["threads"]),
            (&json!("dev"), &json!(4))
        );
    }

    #[test]
    fn mistakes_are_named_together() {
        let (found, said) = read(json!({
            "type": "duckdb", "path": "md:shop", "threads": "x", "extensions": "httpfs",
            "atach": [], "plugins": [{"module": "excel"}], "database": 5,
        }));
        assert!(found.is_none());
        insta::assert_snapshot!(said.join("\n"), @r#"
        bad-profile: profile `shop`, target `dev` asks for plugins, which are Python programs; read files through `external_location` or `attach` instead
        bad-profile: profile `shop`, target `dev` has a MotherDuck path, which sqlmill cannot open; give a file or `:memory:`
        unknown-profile-key: profile `shop`, target `dev` has the key `atach`, which means nothing here
        bad-profile: profile `shop`, target `dev` must have a list as `extensions`, not `"httpfs"`
        bad-profile: profile `shop`, target `dev` must have a text as `database`, not `5`
        bad-profile: profile `shop`, target `dev` must have a whole number as `threads`, not `"x"`
        "#);
    }

    #[test]
    fn an_unknown_warehouse_is_refused() {
        let (found, said) = read(json!({"type": "oracle"}));
        assert!(found.is_none());
        assert_eq!(
            said,
            [
                "unknown-warehouse: profile `shop`, target `dev` has type `oracle`, which sqlmill does not know"
            ]
        );
    }
}
