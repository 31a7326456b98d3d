//! A server that speaks HTTP by hand, so that it can break a connection anywhere.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use url::Url;

/// What becomes of a connection. Each takes one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Whatever the server answers when all is well.
    Normal,
    Answer(Answer),
    /// Reset while the request is on its way; nothing of it is read.
    ResetUnread,
    /// Reset after the request was read and carried out.
    ResetAfter,
    /// The beginning of an answer, then the end of the connection.
    BreakOff(Answer),
    /// The beginning of an answer, then silence.
    Stall(Answer),
    /// Something that is not TLS.
    Chatter,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body: body.into() }
    }

    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    fn head(&self) -> String {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = self.body.len();
        format!(
            "HTTP/1.1 {} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n",
            self.status
        )
    }
}

/// A request that was read in full.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Method and target.
    pub(crate) line: String,
    /// Lines of the head, the first left out.
    pub(crate) head: String,
    pub(crate) body: String,
    /// The status that was sent back, if one was.
    pub(crate) status: Option<u16>,
}

type Plan = dyn Fn(usize) -> Act + Send + Sync;
type Normal = dyn Fn(&Seen) -> Answer + Send + Sync;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Does with the connection `n` (from 0) what `plan` says.
    pub(crate) async fn start(
        plan: impl Fn(usize) -> Act + Send + Sync + 'static,
        normal: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let (plan, normal): (Arc<Plan>, Arc<Normal>) = (Arc::new(plan), Arc::new(normal));
        tokio::spawn(async move {
            for n in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (act, normal, log) = (plan(n), Arc::clone(&normal), Arc::clone(&log));
                // An error means that the client went away, as it may.
                tokio::spawn(async move { serve(stream, act, normal.as_ref(), &log).await.ok() });
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://{}", self.address).parse().expect("an address")
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("log").clone()
    }
}

/// A port that refuses connections for as long as this is kept.
pub(crate) fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

async fn serve(mut stream: TcpStream, act: Act, normal: &Normal, log: &Mutex<Vec<Seen>>) -> io::Result<()> {
    match act {
        Act::ResetUnread => {
            stream.peek(&mut [0]).await?;
            return stream.set_zero_linger();
        }
        Act::Chatter => {
            let _ = stream.read(&mut [0; 1024]).await?;
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
            return stream.shutdown().await;
        }
        Act::Normal | Act::Answer(_) | Act::ResetAfter | Act::BreakOff(_) | Act::Stall(_) => {}
    }
    let mut request = read(&mut stream).await?;
    let answer = match act {
        Act::ResetAfter => {
            log.lock().expect("log").push(request);
            return stream.set_zero_linger();
        }
        Act::Answer(ref answer) | Act::BreakOff(ref answer) | Act::Stall(ref answer) => answer.clone(),
        Act::Normal | Act::ResetUnread | Act::Chatter => normal(&request),
    };
    request.status = Some(answer.status);
    log.lock().expect("log").push(request);
    stream.write_all(answer.head().as_bytes()).await?;
    if let Act::BreakOff(_) | Act::Stall(_) = act {
        stream.write_all(answer.body.get(..answer.body.len() / 2).unwrap_or_default()).await?;
        stream.flush().await?;
        if let Act::Stall(_) = act {
            // Until the client has had enough.
            let _ = stream.read(&mut [0]).await?;
        }
        return Ok(());
    }
    stream.write_all(&answer.body).await?;
    stream.shutdown().await?;
    // The client reads to the end before the connection goes.
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut [0])).await;
    Ok(())
}

async fn read(stream: &mut TcpStream) -> io::Result<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8_lossy(&bytes[..end]).into_owned();
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let whole = head.len() + 4 + length.unwrap_or(0);
    while bytes.len() < whole {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let (line, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    Ok(Seen {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        head: rest.to_owned(),
        body: String::from_utf8_lossy(&bytes[head.len() + 4..]).into_owned(),
        status: None,
    })
}
