//! The little that is needed of HTTP to hear a browser's answer on loopback.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No browser sends more before its answer is complete.
const LONGEST_HEAD: usize = 16 << 10;
/// A connection that a browser only opened in advance says nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that was read.
#[derive(Debug)]
pub(super) struct Visitor {
    stream: TcpStream,
    target: String,
}

impl Visitor {
    /// Reads a request; `None` for one that is no GET, too long, or does not come.
    pub(super) async fn read(mut stream: TcpStream) -> Option<Self> {
        let head = async {
            let mut head = Vec::new();
            while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
                if stream.read_buf(&mut head).await.ok()? == 0 {
                    return None;
                }
            }
            String::from_utf8(head).ok()
        };
        let head = tokio::time::timeout(PATIENCE, head).await.ok()??;
        let mut words = head.lines().next()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        (method == "GET").then(|| Self { target: target.to_owned(), stream })
    }

    /// Path and query.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// The path alone.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Sends a page and closes. A browser that has gone does not miss it.
    pub(super) async fn answer(mut self, status: u16, page: &Page) {
        let body = page.html();
        // The code is in the address: it must not be sent on as a referrer, nor kept.
        let head = format!(
            "HTTP/1.1 {status} {}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\nconnection: close\r\n\r\n",
            if status == 200 { "OK" } else { "Not so" },
            body.len()
        );
        let _ = self.stream.write_all(head.as_bytes()).await;
        let _ = self.stream.write_all(body.as_bytes()).await;
        let _ = self.stream.shutdown().await;
    }
}

/// What the browser shows at the end.
#[derive(Debug)]
pub(super) struct Page {
    title: String,
    text: String,
}

impl Page {
    pub(super) fn new(title: &str, text: &str) -> Self {
        Self { title: title.to_owned(), text: text.to_owned() }
    }

    fn html(&self) -> String {
        let safe = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let (title, text) = (safe(&self.title), safe(&self.text));
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title}</title><body style=\"font-family: sans-serif; max-width: 34em; margin: 4em auto\">\
             <main id=\"lms\"><h1>{title}</h1><p>{text}</p></main></body></html>"
        )
    }
}
