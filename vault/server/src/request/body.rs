//! Taking a body in: bounded, in time, and into one buffer that is wiped.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;
use strongroom_api::ErrorCode;
use zeroize::{Zeroize, Zeroizing};

use crate::problem::Failure;

/// Reads the whole body, of at most `cap` bytes.
///
/// The buffer has its full size from the start, since one that grew would leave copies behind. A stated length beyond
/// the cap is refused without keeping any of it; a body that goes on beyond it, at the first byte too many.
pub(super) async fn read(
    body: Body,
    stated_length: Option<u64>,
    cap: usize,
    deadline: Duration,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if body.is_end_stream() {
        return Ok(Zeroizing::new(Vec::new()));
    }
    let room = match stated_length {
        Some(length) => usize::try_from(length).ok().filter(|length| *length <= cap),
        None => Some(cap),
    };
    let reading = async {
        match room {
            Some(room) => collect(body, Zeroizing::new(Vec::with_capacity(room)), cap).await,
            None => Err(refuse(body, cap).await),
        }
    };
    tokio::time::timeout(deadline, reading).await.unwrap_or_else(|_elapsed| {
        let text = format!("the body must arrive within {} seconds", deadline.as_secs().max(1));
        Err(Failure::new(ErrorCode::RequestTimeout, text))
    })
}

/// Takes in a body that nobody will look at, if it says that it is small and is here at once. Returns its length, or
/// nothing if it was not read to its end.
pub(super) async fn discard_if_small(body: Body) -> Option<usize> {
    const SMALL: usize = 16 * 1024;
    const AT_ONCE: Duration = Duration::from_millis(100);
    let stated = body.size_hint().exact().filter(|length| *length <= SMALL as u64)?;
    read(body, Some(stated), SMALL, AT_ONCE).await.ok().map(|body| body.len())
}

async fn collect(
    mut body: Body,
    mut buffer: Zeroizing<Vec<u8>>,
    cap: usize,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // More than was stated cannot come over HTTP/1; over HTTP/2 the stream is reset by then. Both bounds hold anyway.
    let room = buffer.capacity().min(cap);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::new(ErrorCode::InvalidRequest, "the body broke off"))?;
        let Ok(part) = frame.into_data() else { continue };
        if part.len() > room.saturating_sub(buffer.len()) {
            return Err(refuse(body, cap).await);
        }
        buffer.extend_from_slice(&part);
        wipe(part);
    }
    Ok(buffer)
}

/// Lets go of what is too much, within bounds, so that a caller who is still writing comes to read why it was refused
/// rather than finding the connection broken.
async fn refuse(mut body: Body, cap: usize) -> Failure {
    const MOST: usize = 4 << 20;
    let mut passed = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(part) = frame.into_data() else { continue };
        passed += part.len();
        wipe(part);
        if passed > MOST {
            break;
        }
    }
    too_large(cap)
}

/// What the connection read into is shared with it more often than not; then it is the allocator that wipes it.
pub(super) fn wipe(part: Bytes) {
    if let Ok(mut part) = part.try_into_mut() {
        part.as_mut().zeroize();
    }
}

fn too_large(cap: usize) -> Failure {
    match cap {
        0 => Failure::new(ErrorCode::InvalidRequest, "this call takes no body"),
        _ => {
            Failure::new(ErrorCode::PayloadTooLarge, format!("the body of this call has at most {cap} bytes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    fn in_parts(parts: &'static [&'static str]) -> Body {
        let parts =
            parts.iter().map(|part| Ok::<_, std::convert::Infallible>(Bytes::from_static(part.as_bytes())));
        Body::from_stream(futures_util::stream::iter(parts))
    }

    #[tokio::test]
    async fn takes_as_much_as_the_cap_and_not_a_byte_more() {
        let whole = read(in_parts(&["ab", "cd"]), None, 4, SOON).await.unwrap();
        assert_eq!(whole.as_slice(), b"abcd");
        assert_eq!(whole.capacity(), 4);
        for (parts, stated, cap) in
            [(&["ab", "cde"][..], None, 4), (&["ab"][..], Some(5), 4), (&["abc"][..], Some(2), 4)]
        {
            let refusal = read(in_parts(parts), stated, cap, SOON).await.unwrap_err();
            assert_eq!(refusal.code(), ErrorCode::PayloadTooLarge);
        }
        let unwanted = read(in_parts(&["a"]), None, 0, SOON).await.unwrap_err();
        assert_eq!(unwanted.code(), ErrorCode::InvalidRequest);
    }

    #[tokio::test]
    async fn does_not_wait_for_ever() {
        let never = futures_util::stream::pending::<Result<Bytes, std::convert::Infallible>>();
        let refusal = read(Body::from_stream(never), None, 4, Duration::from_millis(5)).await.unwrap_err();
        assert_eq!(refusal.code(), ErrorCode::RequestTimeout);
    }
}
