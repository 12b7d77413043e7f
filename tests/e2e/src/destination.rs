//! A destination outside the vault: HTTPS on this machine, with the vault's own development certificate. It remembers
//! what it was sent and behaves as the path says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::Outcome;

/// A server that stands in for a payment service, until dropped.
pub struct Destination {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    silent: Arc<AtomicBool>,
}

impl Destination {
    /// Serves on this port, or a free one if 0, with `server.pem` and `server.key` of a development folder.
    pub fn serve(port: u16, folder: &Path) -> Outcome<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = CertificateDer::pem_file_iter(folder.join("server.pem"))?.collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key"))?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let (asked, silent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(true)));
        let (config, noted, held) = (Arc::new(config), Arc::clone(&asked), Arc::clone(&silent));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, noted, held) = (Arc::clone(&config), Arc::clone(&noted), Arc::clone(&held));
                std::thread::spawn(move || {
                    // A caller that breaks off is no failure of this side.
                    let _ = converse(stream, config, &noted, &held);
                });
            }
        });
        Ok(Self { port, asked, silent })
    }

    /// Where it listens on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The requests so far, each as it came.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until there are so many.
    pub async fn asked_times(&self, times: usize) -> Outcome<()> {
        for _ in 0..3000 {
            if self.asked().len() >= times {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!("the destination was asked {} times", self.asked().len()).into())
    }

    /// Lets those go on that wait at `/silent`.
    pub fn answer_all(&self) {
        self.silent.store(false, Ordering::SeqCst);
    }
}

fn converse(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    asked: &Mutex<Vec<String>>,
    silent: &AtomicBool,
) -> Outcome<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(config)?, stream);
    let (head, body) = request(&mut stream)?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{head}\r\n\r\n{body}"));
    while path == "/silent" && silent.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let json = |status: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let answer = match path.as_str() {
        "/echo" | "/v1/payments/echo" => json("200 OK", &body),
        "/other" => json("200 OK", r#"{"network_number":"5555555555554444"}"#),
        "/redirect" => {
            "HTTP/1.1 302 Found\r\nlocation: https://169.254.169.254/\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        "/bomb" => {
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n0123456789".to_owned()
        }
        "/flood" => json("200 OK", &format!("\"{}\"", "a".repeat(100_000))),
        "/declined" => json("402 Payment Required", r#"{"approved":false}"#),
        _ => json("201 Created", r#"{"approved":true}"#),
    };
    stream.write_all(answer.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}

fn request(stream: &mut impl Read) -> Outcome<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok((head.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err("the request broke off".into()),
            read => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
        }
    }
}
