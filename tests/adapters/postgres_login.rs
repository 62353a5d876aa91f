//! Opening a connection to PostgreSQL: each way in, and each step that can fail, told by its name.

use crate::open;
use crate::support::postgres;
use crate::support::postgres::Cluster;
use serde_json::Value;
use sqlmill::adapter::Adapter;
use sqlmill::adapter::AdapterError;
use sqlmill::base::Context;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use std::time::Instant;

/// An output that leads to the server, changed by keys of its own.
fn profile(cluster: &Cluster, changes: Value) -> Value {
    let mut profile = cluster.profile("public");
    for (key, value) in changes.as_object().unwrap() {
        profile[key] = value.clone();
    }
    profile
}

/// What a first query over a profile gives, or why there is no connection.
fn ask(output: &Value, context: &Context, sql: &str) -> Result<String, AdapterError> {
    let mut connection = open(output, context)?.connect("test")?;
    let (_, table) = connection.fetch(sql, None)?;
    let row: Vec<String> = table.rows[0].iter().map(ToString::to_string).collect();
    Ok(row.join(" "))
}

fn nowhere() -> Context {
    Context::fixed("/")
}

/// The message of a failure, with the port left out.
fn failure(cluster: &Cluster, changes: Value) -> String {
    let output = profile(cluster, changes);
    let error = ask(&output, &nowhere(), "select 1").unwrap_err();
    let port = output["port"].to_string();
    error
        .message
        .replace(&port, "[port]")
        .replace(&cluster.tls_file(""), "[folder]/")
        // As version 13 says it.
        .replace(", SSL off", ", no encryption")
}

const TLS: &str = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";

#[test]
fn every_step_that_fails_is_named() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"host": "no.such.host.invalid"})), @r#"
        could not translate host name "no.such.host.invalid" to address: Name or service not known
        HINT:  The name lookup failed: check `host`.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"port": closed})), @r#"
        connection to server at "127.0.0.1", port [port] failed: Connection refused
        HINT:  The port is closed: check `host` and `port`, and whether the server runs.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"host": "/no/such/folder"})), @r#"
        connection to server on socket "/no/such/folder/.s.PGSQL.[port]" failed: No such file or directory
        HINT:  The port is closed: check `host` and `port`, and whether the server runs.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"password": "wrong"})), @r#"
        connection to server at "127.0.0.1", port [port] failed: FATAL:  password authentication failed for user "owner"
        HINT:  The password is wrong, or there is no such user: check `user` and `password`.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"user": "nobody"})), @r#"
        connection to server at "127.0.0.1", port [port] failed: FATAL:  password authentication failed for user "nobody"
        HINT:  The password is wrong, or there is no such user: check `user` and `password`.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"password": null})), @r#"
        connection to server at "127.0.0.1", port [port] failed: fe_sendauth: no password supplied
        HINT:  There is no password: give `password` in the profile, PGPASSWORD, or a line in the password file.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"dbname": "nowhere"})), @r#"
        connection to server at "127.0.0.1", port [port] failed: FATAL:  database "nowhere" does not exist
        HINT:  There is no such database: check `dbname`.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"role": "no_role"})), @r#"
        role "no_role" does not exist
        HINT:  The login went well: check `role` in the profile.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"user": "guest", "role": "owner"})), @r#"
        permission denied to set role "owner"
        ROLE:  owner
        STATEMENT:  set role "owner"
        HINT:  The login went well: check `role` in the profile.
        "#);
    insta::assert_snapshot!(failure(cluster, serde_json::json!({"user": "only_tls", "sslmode": "disable"})), @r#"
        connection to server at "127.0.0.1", port [port] failed: FATAL:  pg_hba.conf rejects connection for host "127.0.0.1", user "only_tls", database "shop", no encryption
        HINT:  The server does not let this user in from here: check `user`, `sslmode` and the server's pg_hba.conf.
        "#);
}

#[test]
fn each_kind_of_password_opens() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    for user in ["guest", "by_md5", "by_cleartext"] {
        let output = profile(cluster, serde_json::json!({"user": user}));
        assert_eq!(
            ask(&output, &nowhere(), "select current_user").unwrap(),
            user
        );
    }
    let folder = cluster.folder.display().to_string();
    let output = profile(cluster, serde_json::json!({"host": folder}));
    assert_eq!(ask(&output, &nowhere(), "select 1").unwrap(), "1");
}

#[test]
fn passwords_come_from_the_environment_and_the_password_file() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let output = profile(cluster, serde_json::json!({"password": null}));
    let mut context = nowhere();
    context
        .env
        .insert("PGPASSWORD".to_string(), postgres::PASSWORD.to_string());
    ask(&output, &context, "select 1").unwrap();

    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    let line = format!(
        "# mine\n127.0.0.1:{}:*:owner:{}\n",
        cluster.port,
        postgres::PASSWORD
    );
    std::fs::write(&file, line).unwrap();
    let mut context = nowhere();
    context.home = Some(home.path().to_path_buf());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = ask(&output, &context, "select 1").unwrap_err();
    assert!(error.message.contains("no password supplied"), "{error}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    ask(&output, &context, "select 1").unwrap();

    let elsewhere = home.path().join("passwords");
    std::fs::rename(&file, &elsewhere).unwrap();
    context
        .env
        .insert("PGPASSFILE".to_string(), elsewhere.display().to_string());
    ask(&output, &context, "select 1").unwrap();
}

#[test]
fn sessions_start_as_the_profile_says() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    cluster.sql("create role builders; grant builders to guest");
    let output = profile(
        cluster,
        serde_json::json!({
            "user": "guest", "role": "builders", "search_path": "\"a b\", public",
            "application_name": "mill", "keepalives_idle": 30,
        }),
    );
    let sql = "select current_user, session_user, current_setting('search_path'), \
               current_setting('application_name'), current_setting('client_encoding')";
    assert_eq!(
        ask(&output, &nowhere(), sql).unwrap(),
        "builders guest \"a b\", public mill UTF8"
    );
    // Dates come as dates, whatever the database thinks of them.
    cluster.sql(
        "alter role by_md5 set datestyle = 'SQL, DMY'; alter role by_md5 set bytea_output = escape",
    );
    let output = profile(cluster, serde_json::json!({"user": "by_md5"}));
    let sql = "select '13/02/2024'::date, 'a\\\\b\\000'::bytea";
    assert_eq!(
        ask(&output, &nowhere(), sql).unwrap(),
        "2024-02-13 b'a\\\\b\\x00'"
    );
}

#[test]
fn tls_is_as_strict_as_the_mode() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    if !postgres::has_openssl() {
        return;
    }
    let authority = cluster.tls_file("ca.crt");
    let stranger = cluster.tls_file("other-ca.crt");
    let own = cluster.tls_file("server.crt");
    let rows = [
        ("owner", "127.0.0.1", "disable", None, Ok("false")),
        ("owner", "127.0.0.1", "allow", None, Ok("false")),
        ("owner", "127.0.0.1", "prefer", None, Ok("true")),
        ("owner", "127.0.0.1", "require", None, Ok("true")),
        ("only_tls", "127.0.0.1", "allow", None, Ok("true")),
        ("only_plain", "127.0.0.1", "prefer", None, Ok("false")),
        (
            "only_plain",
            "127.0.0.1",
            "require",
            None,
            Err("pg_hba.conf rejects"),
        ),
        (
            "owner",
            "127.0.0.1",
            "verify-ca",
            None,
            Err("name its file by `sslrootcert`"),
        ),
        (
            "owner",
            "127.0.0.1",
            "verify-ca",
            Some(&authority),
            Ok("true"),
        ),
        (
            "owner",
            "127.0.0.1",
            "verify-ca",
            Some(&stranger),
            Err("certificate verify failed"),
        ),
        (
            "owner",
            "127.0.0.1",
            "require",
            Some(&stranger),
            Err("certificate verify failed"),
        ),
        (
            "owner",
            "localhost",
            "verify-full",
            Some(&authority),
            Ok("true"),
        ),
        ("owner", "localhost", "verify-full", Some(&own), Ok("true")),
        (
            "owner",
            "127.0.0.1",
            "verify-full",
            Some(&authority),
            Err("does not match host name"),
        ),
        (
            "owner",
            "127.0.0.1",
            "verify-full",
            Some(&own),
            Err("does not match host name"),
        ),
    ];
    for (user, host, mode, roots, expected) in rows {
        let output = profile(
            cluster,
            serde_json::json!({"user": user, "host": host, "sslmode": mode, "sslrootcert": roots}),
        );
        let case = format!("{user} at {host} by {mode} with {roots:?}");
        let told = ask(&output, &nowhere(), TLS);
        match (told, expected) {
            (Ok(told), Ok(expected)) => assert_eq!(told, expected, "{case}"),
            (Err(e), Err(part)) => assert!(e.message.contains(part), "{case}: {e}"),
            (told, _) => panic!("{case}: {told:?}"),
        }
    }
}

#[test]
fn authorities_of_the_system_make_the_name_count() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    if !postgres::has_openssl() {
        return;
    }
    let mut context = nowhere();
    let authority = cluster.tls_file("ca.crt");
    context.env.insert("SSL_CERT_FILE".to_string(), authority);
    let at = |host: &str| {
        let keys = serde_json::json!({"host": host, "sslrootcert": "system"});
        ask(&profile(cluster, keys), &context, TLS)
    };
    assert_eq!(at("localhost").unwrap(), "true");
    let error = at("127.0.0.1").unwrap_err();
    assert!(
        error.message.contains("does not match host name"),
        "{error}"
    );
}

#[test]
fn a_certificate_of_our_own_lets_us_in() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    if !postgres::has_openssl() {
        return;
    }
    let output = profile(
        cluster,
        serde_json::json!({
            "user": "by_certificate", "password": null, "sslmode": "verify-ca",
            "sslrootcert": cluster.tls_file("ca.crt"), "sslcert": cluster.tls_file("client.crt"),
            "sslkey": cluster.tls_file("client.key"),
        }),
    );
    assert_eq!(ask(&output, &nowhere(), TLS).unwrap(), "true");
    let open_key = cluster.folder.join("open.key");
    std::fs::copy(cluster.folder.join("client.key"), &open_key).unwrap();
    std::fs::set_permissions(&open_key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut careless = output;
    careless["sslkey"] = open_key.display().to_string().into();
    let error = ask(&careless, &nowhere(), TLS).unwrap_err();
    assert!(error.message.contains("group or world access"), "{error}");
}

/// A server that knows no TLS, played by a socket.
#[test]
fn a_server_without_tls_is_refused_where_tls_must_be() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.read_exact(&mut [0; 8]).unwrap();
        socket.write_all(b"N").unwrap();
    });
    let output = serde_json::json!({
        "type": "postgres", "host": "127.0.0.1", "port": port, "user": "u", "password": "p",
        "dbname": "d", "schema": "s", "sslmode": "require", "retries": 0,
    });
    let error = ask(&output, &nowhere(), "select 1").unwrap_err();
    let message = error.message.replace(&port.to_string(), "[port]");
    insta::assert_snapshot!(message, @r#"
        connection to server at "127.0.0.1", port [port] failed: server does not support SSL, but SSL was required
        HINT:  TLS failed under `sslmode: require`: check `sslmode`, `sslrootcert`, `sslcert` and `sslkey`.
        "#);
    server.join().unwrap();
}

/// A port that listens and says nothing.
#[test]
fn patience_ends_as_the_profile_says_and_tries_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let output = serde_json::json!({
        "type": "postgres", "host": "127.0.0.1", "port": port, "user": "u", "password": "p",
        "dbname": "d", "schema": "s", "sslmode": "disable", "retries": 1, "connect_timeout": 1,
    });
    let started = Instant::now();
    let error = ask(&output, &nowhere(), "select 1").unwrap_err();
    assert!(error.message.contains("timeout expired"), "{error}");
    // Two tries of a second each, and a pause of one between.
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(2900) && took < Duration::from_secs(8),
        "{took:?}"
    );
    listener.set_nonblocking(true).unwrap();
    let tries = std::iter::from_fn(|| listener.accept().ok()).count();
    assert_eq!(tries, 2);
}

#[test]
fn a_late_server_is_waited_for() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let late = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let target = ("127.0.0.1", cluster.port);
    let target = std::net::TcpStream::connect(target)
        .unwrap()
        .peer_addr()
        .unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        let listener = TcpListener::bind(late).unwrap();
        let (near, _) = listener.accept().unwrap();
        let far = std::net::TcpStream::connect(target).unwrap();
        let (mut a, mut b) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut a, &mut b));
        let (mut a, mut b) = (far, near);
        std::io::copy(&mut a, &mut b).ok();
    });
    let output = profile(
        cluster,
        serde_json::json!({"port": late.port(), "retries": 3, "sslmode": "disable"}),
    );
    assert_eq!(ask(&output, &nowhere(), "select 1").unwrap(), "1");
}

#[test]
fn an_adapter_can_be_shared_before_anybody_connects() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let adapter: std::sync::Arc<dyn Adapter> = open(
        &profile(cluster, serde_json::json!({"port": 1})),
        &nowhere(),
    )
    .unwrap();
    assert_eq!(adapter.kind(), "postgres");
    adapter.cancel_all();
    adapter.close();
}
