//! JSON (RFC 8259): placeholders inside strings, and numbers outside them.

use serde_json::error::Category;
use zeroize::Zeroizing;

use super::error::{Fault, TemplateReason};
use super::escape::Escape;
use super::skeleton::{HOLE, Skeleton};

pub(super) fn read(skeleton: &Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>> {
    let escapes = places(skeleton)?;
    check_syntax(skeleton, &escapes)?;
    Ok(escapes)
}

/// Which holes are in strings and which are values of their own.
fn places(skeleton: &Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>> {
    let misplaced = |offset, place| skeleton.fault(offset, TemplateReason::Misplaced(place));
    let text = skeleton.text();
    let mut fields = skeleton.holes().iter().map(|hole| hole.placeholder.field);
    let mut escapes = Vec::with_capacity(skeleton.holes().len());
    let (mut in_string, mut escaped) = (false, false);
    // The first hole of the last string, until it is known that the string is no name.
    let mut perhaps_in_name = None;
    for (offset, byte) in text.iter().copied().enumerate() {
        match byte {
            HOLE if escaped => return Err(misplaced(offset, "after a backslash")),
            HOLE if in_string => {
                perhaps_in_name = perhaps_in_name.or(Some(offset));
                fields.next();
                escapes.push(Escape::JsonString);
            }
            HOLE => {
                if !fields.next().is_some_and(super::Field::is_number) {
                    return Err(misplaced(
                        offset,
                        "outside a JSON string, unless it is exp_month or exp_year",
                    ));
                }
                if !stands_alone(text, offset) {
                    return Err(misplaced(offset, "beside other characters outside a JSON string"));
                }
                escapes.push(Escape::JsonNumber);
            }
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => {
                in_string = !in_string;
                if in_string {
                    perhaps_in_name = None;
                }
            }
            b':' if !in_string => {
                // A value there could be taken for another member's name.
                if let Some(offset) = perhaps_in_name {
                    return Err(misplaced(offset, "in the name of a JSON member"));
                }
            }
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ if !in_string => perhaps_in_name = None,
            _ => {}
        }
    }
    Ok(escapes)
}

fn stands_alone(text: &[u8], offset: usize) -> bool {
    let before = offset.checked_sub(1).and_then(|before| text.get(before));
    let after = text.get(offset + 1);
    before.is_none_or(|byte| b"[:, \t\r\n".contains(byte))
        && after.is_none_or(|byte| b"]}, \t\r\n".contains(byte))
}

/// Reads the text with an innocent value in each hole: a letter that completes no escape, or a digit.
fn check_syntax(skeleton: &Skeleton, escapes: &[Escape]) -> Result<(), Fault<TemplateReason>> {
    let mut innocent = Zeroizing::new(skeleton.text().to_vec());
    let holes = innocent.iter_mut().filter(|byte| **byte == HOLE);
    for (hole, escape) in holes.zip(escapes) {
        *hole = if *escape == Escape::JsonNumber { b'1' } else { b'x' };
    }
    // To a value, though nobody wants it: a text that is only skipped may hold half a surrogate pair.
    serde_json::from_slice::<serde_json::Value>(&innocent).map(drop).map_err(|error| {
        let offset = match error.classify() {
            Category::Eof => innocent.len(),
            _ => offset_of(&innocent, error.line(), error.column()),
        };
        skeleton.fault(offset, TemplateReason::Malformed("JSON"))
    })
}

/// The offset of a line and a column, both counted from 1.
fn offset_of(text: &[u8], line: usize, column: usize) -> usize {
    let lines = text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>() + column.saturating_sub(1)
}
