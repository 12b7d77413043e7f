//! Paths that could be read in two ways.

use crate::problem::Failure;

/// Refuses what another reader might take for another path: percent-encoding, empty and dotted segments, and every
/// character that no path of the table and no id has. What is refused here is not found, like any path that is not
/// there.
pub(super) fn refuse_ambiguous(path: &str) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    let mut segments = path.split('/').skip(1);
    if path.bytes().all(plain) && segments.all(|segment| !matches!(segment, "" | "." | "..")) {
        Ok(())
    } else {
        Err(Failure::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_path() {
        for fine in ["/v1/tokens", "/v1/openapi.json", "/v1/keys/customer-notes/rotate"] {
            assert!(refuse_ambiguous(fine).is_ok(), "{fine}");
        }
        for refused in [
            "/v1/keys/a%2fb",
            "/v1/keys/%2e%2e",
            "/v1/keys/%61",
            "/v1//keys",
            "//v1/keys",
            "/v1/keys/",
            "/v1/keys/../tokens",
            "/v1/./keys",
            "/v1/keys/a;b=c",
            "/v1/keys/a\\b",
            "/v1/keys/a:b",
        ] {
            assert!(refuse_ambiguous(refused).is_err(), "{refused}");
        }
    }
}
