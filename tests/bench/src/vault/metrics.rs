//! What the vault says of itself on its operations port.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Outcome;

pub(super) fn is_ready(port: u16) -> bool {
    get(port, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The sum of a metric over all its labels; zero if it was never counted.
pub(super) fn sum(port: u16, name: &str) -> Outcome<f64> {
    let answer = get(port, "/metrics")?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err("the vault showed no metrics".into());
    }
    let samples = answer.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        (rest.starts_with('{') || rest.starts_with(' ')).then(|| rest.rsplit(' ').next())?
    });
    samples.map(|value| Ok(value.parse::<f64>()?)).sum()
}

fn get(port: u16, path: &str) -> Outcome<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
