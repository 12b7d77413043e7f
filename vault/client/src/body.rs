//! Bodies that are wiped when they are done with.

use bytes::Bytes;
use reqwest::Response;
use serde::Serialize;
use strongroom_api::to_wiped_json;
use zeroize::{Zeroize as _, Zeroizing};

use crate::ClientError;

/// More than any answer but an export has.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// A request's body. All tries share it; it is wiped with the last of them.
pub(crate) fn written<T: Serialize>(request: &T) -> Result<Bytes, ClientError> {
    let body =
        to_wiped_json(request).map_err(|_| ClientError::Request("the request cannot be written as JSON"))?;
    Ok(Bytes::from_owner(body))
}

/// A request's body of lines, copied once into a buffer that is wiped.
pub(crate) fn of_lines(lines: &[u8]) -> Bytes {
    Bytes::from_owner(Zeroizing::new(lines.to_vec()))
}

/// Reads an answer to its end into a buffer that is wiped.
pub(crate) async fn read(response: &mut Response) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let too_large = || ClientError::Answer { status: response.status().as_u16() };
    let stated = response.content_length().map_or(Ok(0), usize::try_from).map_err(|_| too_large())?;
    if stated > MAX_ANSWER {
        return Err(too_large());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(stated));
    while let Some(chunk) = response.chunk().await.map_err(ClientError::transport)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ClientError::Answer { status: response.status().as_u16() });
        }
        append(&mut body, &chunk);
        // Possible where the HTTP library keeps no part of its buffer.
        if let Ok(mut chunk) = chunk.try_into_mut() {
            chunk.as_mut().zeroize();
        }
    }
    Ok(body)
}

/// Appends without leaving an old copy behind: a vector that grows by itself frees its old memory as it is.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = body.len() + chunk.len();
    if needed > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_keeps_what_was_there() {
        let mut body = Zeroizing::new(Vec::new());
        for chunk in [&b"ab"[..], b"", b"cdefghij", b"k"] {
            append(&mut body, chunk);
        }
        assert_eq!(body.as_slice(), b"abcdefghijk");
    }

    #[test]
    fn tries_share_one_body() {
        let body = written(&serde_json::json!({"a": 1})).unwrap();
        assert_eq!(body.clone().as_ptr(), body.as_ptr());
        assert_eq!(&body[..], b"{\"a\":1}");
    }
}
