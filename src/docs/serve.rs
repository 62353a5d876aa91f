//! A server for one folder of files, for a browser on this machine.
//! Promise: only files below the folder are given out, and only to `GET` and `HEAD`.

use crate::base::fs;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub struct Server {
    listener: TcpListener,
    folder: PathBuf,
}

/// How often a waiting server looks whether it was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// No request is longer than this, in bytes; what comes behind is not read.
const LONGEST_REQUEST: u64 = 64 * 1024;

impl Server {
    /// Takes the port; port 0 takes any that is free.
    pub fn open(host: &str, port: u16, folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((host, port))?;
        listener.set_nonblocking(true)?;
        Ok(Server {
            listener,
            folder: folder.to_path_buf(),
        })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until it is stopped.
    pub fn run(&self, stopped: &AtomicBool) {
        while !stopped.load(Ordering::Relaxed) {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    let folder = self.folder.clone();
                    // A browser that goes away in the middle is no loss.
                    std::thread::spawn(move || drop(answer(stream, &folder)));
                }
                Err(_) => std::thread::sleep(LOOK_EVERY),
            }
        }
    }
}

fn answer(mut stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let limited = io::Read::take(stream.try_clone()?, LONGEST_REQUEST);
    // The whole head is read: a connection that is closed before would break the answer off.
    let mut lines = BufReader::new(limited).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let reply = reply(&first, folder);
    let (status, kind, length) = (reply.status, reply.kind, reply.body.len());
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )?;
    if !first.starts_with("HEAD ") {
        stream.write_all(&reply.body)?;
    }
    stream.flush()
}

struct Reply {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
}

/// The answer to a request's first line, `GET /manifest.json HTTP/1.1`.
fn reply(line: &str, folder: &Path) -> Reply {
    let plain = |status: &'static str| Reply {
        status,
        kind: "text/plain; charset=utf-8",
        body: status.as_bytes().to_vec(),
    };
    let mut words = line.split_whitespace();
    let (method, target) = (words.next(), words.next());
    let (Some("GET" | "HEAD"), Some(target)) = (method, target) else {
        return plain("405 Method Not Allowed");
    };
    let Some(below) = below(target) else {
        return plain("404 Not Found");
    };
    match fs::read_bytes(&folder.join(&below), "page") {
        Ok(body) => Reply {
            status: "200 OK",
            kind: kind(&below),
            body,
        },
        Err(_) => plain("404 Not Found"),
    }
}

/// The file that a request names, below the folder; `None` for a path that leads out of it.
fn below(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = if path.is_empty() { "index.html" } else { path };
    let path = decoded(path)?;
    let leads_in = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0'])
    };
    path.split('/').all(leads_in).then_some(path)
}

/// A path with `%20` and the like as the signs they stand for.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}

fn kind(path: &str) -> &'static str {
    let ending = path.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "json" => "application/json",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "md" | "txt" | "sql" | "py" | "yml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        let rows = [
            ("/", Some("index.html")),
            ("/manifest.json?x=1", Some("manifest.json")),
            ("/assets/a%20b.png", Some("assets/a b.png")),
            ("/../secret", None),
            ("/a/%2e%2e/b", None),
            ("/a//b", None),
            ("/%zz", None),
            ("http://x/", None),
        ];
        for (target, expected) in rows {
            assert_eq!(below(target).as_deref(), expected, "{target}");
        }
    }
}
