use std::borrow::Cow;

/// A text that cannot move the cursor, break the line or turn the reading direction of a terminal: what would is shown
/// by its code. Names in audit records come from requests, and a record must not be able to draw over itself.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Line and paragraph separators, bidirectional controls, and what has no width.
            '\u{2028}' | '\u{2029}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_the_cursor_is_shown_by_its_code() {
        assert_eq!(printable("café 🔑 \"x\""), "café 🔑 \"x\"");
        assert_eq!(printable("a\nb\t\u{1b}[2J\u{202e}c\u{9b}"), "a\\nb\\t\\u{1b}[2J\\u{202e}c\\u{9b}");
    }
}
