//! Reaching the server: a TCP port or the socket in a folder.

use super::failure::Failure;
use super::failure::Result;
use super::failure::Step;
use super::server::Server;
use super::wire::Stream;
use socket2::SockRef;
use socket2::TcpKeepalive;
use std::io;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Limits how long a socket waits, until it is stopped.
pub(super) enum Timer {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Timer {
    pub(super) fn stop(self) -> Result<()> {
        self.set(None).map_err(|e| Failure::socket(Step::Port, &e))
    }

    fn set(&self, patience: Option<Duration>) -> io::Result<()> {
        match self {
            Timer::Tcp(socket) => {
                socket.set_read_timeout(patience)?;
                socket.set_write_timeout(patience)
            }
            #[cfg(unix)]
            Timer::Unix(socket) => {
                socket.set_read_timeout(patience)?;
                socket.set_write_timeout(patience)
            }
        }
    }
}

/// An open socket to the first address of the host that answers.
pub(super) fn reach_port(server: &Server) -> Result<(TcpStream, Timer)> {
    let addresses = (server.host.as_str(), server.port).to_socket_addrs();
    let addresses: Vec<SocketAddr> = addresses
        .map_err(|e| Failure::socket(Step::NameLookup, &e))?
        .collect();
    let mut last = Failure::new(Step::NameLookup, "the name has no address");
    for address in &addresses {
        let reached = match server.patience {
            Some(patience) => TcpStream::connect_timeout(address, patience),
            None => TcpStream::connect(address),
        };
        match reached.and_then(|socket| prepared(socket, server)) {
            Ok(reached) => return Ok(reached),
            Err(e) => last = Failure::socket(Step::Port, &e),
        }
    }
    Err(last)
}

fn prepared(socket: TcpStream, server: &Server) -> io::Result<(TcpStream, Timer)> {
    socket.set_nodelay(true)?;
    let options = SockRef::from(&socket);
    match server.keepalives_idle {
        Some(idle) => options.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?,
        None => options.set_keepalive(true)?,
    }
    let timer = Timer::Tcp(socket.try_clone()?);
    timer.set(server.patience)?;
    Ok((socket, timer))
}

#[cfg(unix)]
pub(super) fn reach_folder(server: &Server) -> Result<(Box<dyn Stream>, Timer)> {
    let path = format!("{}/.s.PGSQL.{}", server.host, server.port);
    let reached = UnixStream::connect(path).and_then(|socket| {
        let timer = Timer::Unix(socket.try_clone()?);
        timer.set(server.patience)?;
        Ok((Box::new(socket) as Box<dyn Stream>, timer))
    });
    reached.map_err(|e| Failure::socket(Step::Port, &e))
}

#[cfg(not(unix))]
pub(super) fn reach_folder(_: &Server) -> Result<(Box<dyn Stream>, Timer)> {
    let reason = "this system has no Unix sockets; give the name of a host";
    Err(Failure::new(Step::Port, reason))
}
