//! A PostgreSQL server of the tests' own: in a temporary folder, on a loopback port, started once for a
//! test program. A watcher stops it when the program ends, however it ends.

use serde_json::Value;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::OnceLock;

/// Who owns everything in the server.
pub(crate) const OWNER: &str = "owner";
pub(crate) const PASSWORD: &str = "it's a secret";
pub(crate) const DATABASE: &str = "shop";

/// Who may come in how; the first line that fits counts.
const HBA: &str = "
local   all all                     scram-sha-256
hostssl all by_certificate 127.0.0.1/32 cert
hostnossl all only_plain   127.0.0.1/32 scram-sha-256
host    all only_plain     127.0.0.1/32 reject
hostssl all only_tls       127.0.0.1/32 scram-sha-256
host    all only_tls       127.0.0.1/32 reject
host    all by_md5         127.0.0.1/32 md5
host    all by_cleartext   127.0.0.1/32 password
host    all all            127.0.0.1/32 scram-sha-256
host    all all            ::1/128      scram-sha-256
";

const SETTINGS: &str = "
listen_addresses = 'localhost'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
autovacuum = off
timezone = 'UTC'
log_min_messages = fatal
";

pub(crate) struct Cluster {
    pub folder: PathBuf,
    pub port: u16,
    programs: PathBuf,
}

/// A server for one test alone, which may stop it; `None` as for [`cluster`].
pub(crate) fn own_cluster() -> Option<Cluster> {
    found_programs().map(Cluster::start)
}

/// The server, started with the first question; `None`, with a word on stderr, where the machine has no
/// PostgreSQL. A machine of `CI` must have it.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(own_cluster).as_ref()
}

/// The programs of the server; without them a word on stderr, and in `CI` a failure.
fn found_programs() -> Option<PathBuf> {
    let found = programs();
    if found.is_none() {
        let word = "PostgreSQL's initdb is neither in /usr/lib/postgresql/*/bin nor in PATH";
        assert!(
            std::env::var_os("CI").is_none(),
            "{word}: install the package `postgresql`"
        );
        let lost = "every test over PostgreSQL is left out";
        // Past the capture of a passing test, which nobody would read.
        let told = format!("{word}: {lost}\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
    }
    found
}

impl Cluster {
    /// An output of a profile that leads here, with a schema of its own.
    pub(crate) fn profile(&self, schema: &str) -> Value {
        json!({
            "type": "postgres", "host": "127.0.0.1", "port": self.port, "user": OWNER,
            "password": PASSWORD, "dbname": DATABASE, "schema": schema, "retries": 0,
        })
    }

    /// The same in a text for `profiles.yml`, for the profile `shop`.
    pub(crate) fn profiles_file(&self, schema: &str, threads: usize) -> String {
        let mut output = self.profile(schema);
        output["threads"] = threads.into();
        format!("--- profiles.yml\nshop: {{target: dev, outputs: {{dev: {output}}}}}\n")
    }

    /// What a text of SQL gives: rows in lines, cells with `|` between.
    pub(crate) fn sql(&self, text: &str) -> String {
        self.sql_in(DATABASE, text)
    }

    pub(crate) fn sql_in(&self, database: &str, text: &str) -> String {
        let output = self.psql(database, text).output().expect("psql starts");
        assert!(output.status.success(), "{text}\n{}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_string()
    }

    /// Sends a text that takes its time; killing the child ends its connection.
    pub(crate) fn background(&self, text: &str) -> Child {
        let mut psql = self.psql(DATABASE, text);
        psql.stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        psql.spawn().expect("psql starts")
    }

    fn psql(&self, database: &str, text: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args("-X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1".split(' '));
        psql.args(["-p", &self.port.to_string(), "-U", OWNER, "-d", database]);
        psql.args(["-c", text]).env("PGPASSWORD", PASSWORD);
        psql
    }

    /// Files for TLS: `ca.crt`, `other-ca.crt`, `client.crt`, `client.key`.
    pub(crate) fn tls_file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Starts it after a stop, on the same port.
    pub(crate) fn start_again(&self) {
        self.run("pg_ctl", &["-D", "data", "-l", "log", "-w", "start"]);
    }

    /// Stops it at once, as a machine does that loses its power.
    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &["-D", "data", "-m", "immediate", "-w", "stop"]);
    }

    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let folder = folder.keep();
        let cluster = Cluster {
            port: free_port(),
            folder,
            programs,
        };
        give_away(&cluster.folder);
        cluster.watch();
        cluster.make();
        cluster.make_certificates();
        cluster.start_again();
        cluster.fill();
        cluster
    }

    /// Writes the files of the server.
    fn make(&self) {
        let password = self.folder.join("password");
        fs::write(&password, PASSWORD).unwrap();
        give_away(&password);
        let options =
            "-D data -U owner --pwfile=password -A scram-sha-256 -E UTF8 --locale=C --no-sync";
        self.run("initdb", &options.split(' ').collect::<Vec<_>>());
        let data = self.folder.join("data");
        fs::write(data.join("pg_hba.conf"), HBA).unwrap();
        let mut settings = fs::read_to_string(data.join("postgresql.conf")).unwrap();
        settings += SETTINGS;
        settings += &format!(
            "port = {}\nunix_socket_directories = '{}'\n",
            self.port,
            self.folder.display()
        );
        if has_openssl() {
            settings +=
                "ssl = on\nssl_cert_file = '../server.crt'\nssl_key_file = '../server.key'\n";
            settings += "ssl_ca_file = '../ca.crt'\n";
        }
        fs::write(data.join("postgresql.conf"), settings).unwrap();
    }

    /// An authority, the server's certificate for `localhost` alone, a client's, and a stranger's.
    fn make_certificates(&self) {
        if !has_openssl() {
            return;
        }
        let script = "
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger -keyout other.key -out other-ca.crt
            sign() {
                openssl req -newkey rsa:2048 -nodes -subj \"/CN=$2\" -keyout $1.key -out $1.csr
                printf 'subjectAltName=DNS:%s\\nbasicConstraints=CA:FALSE\\n' \"$2\" > $1.ext
                openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile $1.ext -out $1.crt
            }
            sign server localhost
            sign client by_certificate
            chmod 600 *.key
        ";
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(&self.folder);
        let output = shell.output().expect("sh starts");
        assert!(output.status.success(), "{}", said(&output));
        give_away(&self.folder.join("server.key"));
    }

    /// The database and the roles of `HBA`.
    fn fill(&self) {
        self.sql_in("postgres", &format!("create database {DATABASE}"));
        let quoted = PASSWORD.replace('\'', "''");
        for role in [
            "only_plain",
            "only_tls",
            "by_cleartext",
            "by_certificate",
            "guest",
        ] {
            self.sql(&format!("create role {role} login password '{quoted}'"));
        }
        self.sql(&format!(
            "set password_encryption = 'md5'; create role by_md5 login password '{quoted}'"
        ));
        self.sql("revoke create on schema public from public");
    }

    /// Stops the server and removes its folder once this program has ended, however it ended: the
    /// watcher's input closes then.
    #[expect(clippy::zombie_processes, reason = "it outlives this program")]
    fn watch(&self) {
        let script = format!(
            "trap '' INT TERM; cat >/dev/null; {} -D data -m immediate -w stop; cd /; rm -rf '{}'",
            self.line("pg_ctl"),
            self.folder.display()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&self.folder);
        shell.stdin(Stdio::piped());
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        let mut watcher = shell.spawn().expect("sh starts");
        // Stays open for as long as this program lives.
        std::mem::forget(watcher.stdin.take());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec {} \"$@\"", self.line(program)), "sh"]);
        shell.args(arguments).current_dir(&self.folder);
        // The server must not hold on to this program's streams.
        let log = fs::File::create(self.folder.join("said")).unwrap();
        shell.stdin(Stdio::null());
        shell.stdout(log.try_clone().unwrap()).stderr(log);
        let status = shell.status().expect("sh starts");
        let said = fs::read_to_string(self.folder.join("said")).unwrap();
        assert!(status.success(), "{program}: {said}");
    }

    /// A program of the server's, as a user that it agrees to run as.
    fn line(&self, program: &str) -> String {
        let path = self.programs.join(program);
        match is_root() {
            true => format!(
                "setpriv --reuid=postgres --regid=postgres --clear-groups '{}'",
                path.display()
            ),
            false => format!("'{}'", path.display()),
        }
    }
}

/// What `PG_BIN` names, or the newest version that is installed.
fn programs() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("PG_BIN") {
        return Some(PathBuf::from(folder));
    }
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    versions.sort_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name);
        let version = version.map(|name| name.to_string_lossy().into_owned());
        version.and_then(|name| name.parse::<u32>().ok())
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    versions
        .pop()
        .or_else(|| folders.find(|folder| folder.join("initdb").exists()))
}

pub(crate) fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("CI").is_none(),
        "install openssl: the tests of TLS need it"
    );
    found
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id starts");
    id.stdout.trim_ascii() == b"0"
}

/// The server refuses to run as root, and to read what others may change.
pub(crate) fn give_away(path: &Path) {
    if is_root() {
        let mut chown = Command::new("chown");
        let status = chown.arg("postgres:postgres").arg(path).status().unwrap();
        assert!(status.success());
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
