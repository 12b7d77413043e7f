//! Paths that could be read in two ways.

use strongroom_domain::TokenReference;

use crate::problem::Failure;

/// Refuses what another reader might take for another path: percent-encoding, empty and dotted segments, and every
/// character that no path of the table and no id has. What is refused here is not found, like any path that is not
/// there.
///
/// An alias in place of a token is the one exception: behind `alias:` it may hold colons, and slashes as `%2F`. Nobody takes
/// that for anything else: no alias has an empty or dotted part.
pub(super) fn refuse_ambiguous(path: &str) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let fits = |(place, segment): (usize, &str)| {
        let is_name = segment.bytes().all(plain) && !matches!(segment, "" | "." | "..");
        is_name || (place == 2 && path.starts_with("/v1/tokens/") && is_alias(segment))
    };
    if path.starts_with('/') && path.split('/').skip(1).enumerate().all(fits) {
        Ok(())
    } else {
        Err(Failure::not_found())
    }
}

/// Whether it is `alias:` and an alias, with exactly the colons and slashes encoded that stand in one.
fn is_alias(segment: &str) -> bool {
    let decoded = segment.replace("%3A", ":").replace("%2F", "/");
    !segment.contains('/') && matches!(TokenReference::parse(&decoded), Ok(TokenReference::Alias(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_path() {
        for fine in [
            "/v1/tokens",
            "/v1/openapi.json",
            "/v1/keys/customer-notes/rotate",
            "/v1/tokens/alias:card_1",
            "/v1/tokens/alias:customer-42%2Fcard-1/detokenize",
            "/v1/tokens/alias%3Aold%3A7",
        ] {
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
            "/v1/keys/alias:a",
            "/v1/tokens/a:b",
            "/v1/tokens/alias:",
            "/v1/tokens/alias:a/detokenize:b",
            "/v1/tokens/%61lias:a",
            "/v1/tokens/alias:%61",
            "/v1/tokens/alias:a%2fb",
            "/v1/tokens/alias:a%2F..%2Fb",
            "/v1/tokens/alias:%2F%2F",
            "/v1/tokens/alias:a%252Fb",
            "/v1/tokens/alias:4111111111111111",
            "v1/tokens",
        ] {
            assert!(refuse_ambiguous(refused).is_err(), "{refused}");
        }
    }
}
