//! Header values: visible ASCII in one line (RFC 9110, section 5.5).

use super::error::{Fault, TemplateReason};
use super::escape::Escape;
use super::skeleton::{HOLE, Skeleton};

pub(super) fn read(skeleton: &Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>> {
    let malformed = |offset| {
        skeleton.fault(offset, TemplateReason::Malformed("visible ASCII, without spaces at its ends"))
    };
    let text = skeleton.text();
    if let Some(offset) = text.iter().position(|byte| *byte != HOLE && !matches!(byte, b' '..=b'~')) {
        return Err(malformed(offset));
    }
    if text.first() == Some(&b' ') {
        return Err(malformed(0));
    }
    if text.last() == Some(&b' ') {
        return Err(malformed(text.len().saturating_sub(1)));
    }
    Ok(vec![Escape::Header; skeleton.holes().len()])
}
