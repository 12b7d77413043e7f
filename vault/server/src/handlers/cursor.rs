//! Where a page of a list ended, as an opaque text. It is no secret and carries no right: it says from where on a caller
//! goes through what is its own anyway. It names list and tenant, so that one that went astray is refused and not
//! misunderstood.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strongroom_api::ErrorCode;
use strongroom_domain::TenantId;

use crate::problem::Failure;

/// Stands between the parts; no name, number or token has it.
const SEPARATOR: char = '\n';

/// Writes one.
pub(super) fn write<const N: usize>(list: &str, tenant: &TenantId, position: [&str; N]) -> String {
    let mut text = [list, SEPARATOR.encode_utf8(&mut [0; 4]), tenant.as_str()].concat();
    for part in position {
        text.push(SEPARATOR);
        text.push_str(part);
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// Reads one of this list and this tenant.
pub(super) fn read<const N: usize>(
    list: &str,
    tenant: &TenantId,
    cursor: &str,
) -> Result<[String; N], Failure> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(foreign)?;
    let mut parts = text.split(SEPARATOR);
    if parts.next() != Some(list) || parts.next() != Some(tenant.as_str()) {
        return Err(foreign());
    }
    let position: Vec<String> = parts.map(str::to_owned).collect();
    position.try_into().map_err(|_| foreign())
}

/// It is not one of this caller's, for this list.
pub(super) fn foreign() -> Failure {
    Failure::new(
        ErrorCode::InvalidRequest,
        "query parameter cursor: must be the next_cursor of a page of this list, for this caller",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_back_to_its_own_list_only() {
        let (acme, other) = (TenantId::parse("acme").unwrap(), TenantId::parse("other").unwrap());
        let cursor = write("tokens", &acme, ["1795359600000", "tok_x"]);
        assert_eq!(read("tokens", &acme, &cursor).unwrap(), ["1795359600000".to_owned(), "tok_x".to_owned()]);
        assert!(read::<2>("tokens", &other, &cursor).is_err());
        assert!(read::<2>("keys", &acme, &cursor).is_err());
        assert!(read::<1>("tokens", &acme, &cursor).is_err());
        for broken in ["", "x", "!", "dG9rZW5z", &cursor.replace('d', "=")] {
            assert!(read::<2>("tokens", &acme, broken).is_err(), "{broken}");
        }
    }
}
