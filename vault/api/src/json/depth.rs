//! How deep a JSON text nests, found out without a stack.

/// Whether brackets outside strings nest no deeper than that. Says nothing about whether the text is JSON.
pub(super) fn is_within(text: &[u8], most: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_brackets_outside_strings() {
        assert!(is_within(br#"{"a":[1,[2]]}"#, 3));
        assert!(!is_within(br#"{"a":[1,[2]]}"#, 2));
        assert!(is_within(br#"["[[[[", "\"[[[", "\\"]"#, 1));
        assert!(is_within(b"[][][][]", 1));
        assert!(is_within(b"]]]][", 1));
    }
}
