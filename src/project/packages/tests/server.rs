//! A package index and archives on this machine, served from a table while a test runs.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// Answers on a port of its own until it is dropped.
pub(super) struct Server {
    pub(super) address: String,
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    pages: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

/// One version of a package in the index.
pub(super) struct Release<'a> {
    pub(super) number: &'a str,
    /// Entries of its packages file, as JSON.
    pub(super) packages: Value,
    pub(super) requires: Value,
    pub(super) sha1: &'a str,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let worker = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if theirs.is_over.load(Ordering::SeqCst) {
                    return;
                }
                theirs.answer(stream.unwrap());
            }
        });
        Server {
            address,
            shared,
            worker: Some(worker),
        }
    }

    pub(super) fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        let mut pages = self.shared.pages.lock().unwrap();
        pages.insert(path.to_string(), content.into());
    }

    /// Puts a package of the owner `acme` into the index, with an archive for each version.
    pub(super) fn publish(&self, name: &str, releases: &[Release<'_>]) {
        let mut versions = json!({});
        for release in releases {
            let path = format!("/archive/{name}/{}.tar.gz", release.number);
            versions[release.number] = json!({
                "name": name,
                "packages": release.packages,
                "require_dbt_version": release.requires,
                "downloads": {"tarball": format!("{}{path}", self.address), "sha1": release.sha1},
            });
            let project = format!("name: {name}\nversion: {}\n", release.number);
            self.put(&path, packed(&[("p-1/dbt_project.yml", project.as_str())]));
        }
        let page = json!({"namespace": "acme", "name": name, "versions": versions});
        self.put(&format!("/api/v1/acme/{name}.json"), page.to_string());
        self.put("/api/v1/index.json", self.index().to_string());
    }

    /// Paths that were asked for since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    fn index(&self) -> Value {
        let pages = self.shared.pages.lock().unwrap();
        let names = pages.keys().filter_map(|path| {
            let name = path.strip_prefix("/api/v1/")?.strip_suffix(".json")?;
            (name != "index").then_some(name)
        });
        names.collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // The worker waits for a call; this one tells it to look at the flag.
        drop(TcpStream::connect(
            self.address.trim_start_matches("http://"),
        ));
        if let Some(worker) = self.worker.take() {
            worker.join().unwrap();
        }
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let path = first.split(' ').nth(1).unwrap().to_string();
        for line in lines {
            if line.unwrap().is_empty() {
                break;
            }
        }
        let page = self.pages.lock().unwrap().get(&path).cloned();
        self.asked.lock().unwrap().push(path);
        let (status, body) = match page {
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", b"no".to_vec()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
    }
}

/// A `.tar.gz` with these files.
pub(super) fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}
