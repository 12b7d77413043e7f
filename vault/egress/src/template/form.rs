//! Forms (URL standard, application/x-www-form-urlencoded): placeholders in values only.

use super::error::{Fault, TemplateReason};
use super::escape::Escape;
use super::skeleton::{HOLE, Skeleton};

pub(super) fn read(skeleton: &Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>> {
    let malformed = |offset| skeleton.fault(offset, TemplateReason::Malformed("a form, percent-encoded"));
    let text = skeleton.text();
    let mut in_value = false;
    for (offset, byte) in text.iter().copied().enumerate() {
        match byte {
            HOLE if !in_value => {
                let place = "in the name of a form's field";
                return Err(skeleton.fault(offset, TemplateReason::Misplaced(place)));
            }
            // What begins like an escape would take its digits from the value.
            b'%' if !escape_follows(text, offset) => return Err(malformed(offset)),
            b'&' => in_value = false,
            b'=' => in_value = true,
            HOLE | b'%' | b'!'..=b'~' if !b"\"#<>\\^`{|}".contains(&byte) => {}
            _ => return Err(malformed(offset)),
        }
    }
    Ok(vec![Escape::Form; skeleton.holes().len()])
}

fn escape_follows(text: &[u8], offset: usize) -> bool {
    text.get(offset + 1..offset + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}
