//! The documentation: the page that is written, and the server that gives it out.
#![cfg(feature = "duckdb")]

mod support;

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use support::project::TestProject;

const FILES: &str = "\
--- models/people.sql
select 1 as id, 'a' as name
--- models/schema.yml
models:
  - name: people
    description: Everybody </script> we know.
    columns:
      - name: id
        description: The number of a person.
";

#[test]
fn one_page_holds_everything() {
    let project = TestProject::new(FILES);
    project.succeed("run");
    project.succeed("docs generate --static");
    let page = project.read("target/static_index.html");
    for text in [
        "Everybody \\u003c/script> we know.",
        "The number of a person.",
        "VARCHAR",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    let plain = project.read("target/index.html");
    assert!(!plain.contains("The number of a person."));
}

#[test]
fn docs_that_nobody_wrote_cannot_be_served() {
    let ended = TestProject::new(FILES).call("docs serve --no-browser");
    assert!(ended.stderr.contains("write it with `docs generate`") && ended.code == 2);
}

#[test]
fn the_server_gives_out_the_folder() {
    let project = TestProject::new(FILES);
    project.succeed("docs generate --empty-catalog");
    let folder = project.root.join("target");
    let server = sqlmill::docs::Server::open("127.0.0.1", 0, &folder).unwrap();
    let address = server.address().unwrap();
    let stopped = Arc::new(AtomicBool::new(false));
    let until = stopped.clone();
    let running = std::thread::spawn(move || server.run(&until));
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let manifest = ask("GET /manifest.json");
    assert!(manifest.starts_with("HTTP/1.1 200") && manifest.ends_with('}'));
    assert!(ask("GET /").contains("text/html"));
    assert!(ask("GET /../dbt_project.yml").starts_with("HTTP/1.1 404"));
    assert!(ask("POST /").starts_with("HTTP/1.1 405"));
    stopped.store(true, Ordering::Relaxed);
    running.join().unwrap();
}
