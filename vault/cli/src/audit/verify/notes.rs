//! Signed notes, one after the other in a file.

/// Every signature line begins with an em dash and a space (C2SP signed-note).
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// A note and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The number of its first line.
    pub(super) line: usize,
    /// The note, with line breaks as they were signed.
    pub(super) text: String,
}

/// A place where no note goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The number of the line where the note begins that is none.
    pub(super) line: usize,
}

/// Splits a file of notes: each is text, an empty line and signature lines. Empty lines between notes do not matter, nor
/// do the line breaks of another system; a text with an empty line in it is no checkpoint, so one ends it.
pub(super) fn split(file: &str, longest: usize) -> Result<Vec<Note>, Malformed> {
    let mut notes = Vec::new();
    let mut current: Option<(Note, Part)> = None;
    for (index, line) in file.lines().enumerate() {
        let signature = line.starts_with(SIGNATURE_PREFIX);
        let (mut note, part) = match current.take() {
            // The next note begins, or empty lines stand between.
            Some((note, Part::Signatures)) if !signature => {
                notes.push(note);
                if line.is_empty() {
                    continue;
                }
                (begin(index), Part::Text)
            }
            Some(open) => open,
            None if line.is_empty() => continue,
            None => (begin(index), Part::Text),
        };
        let next = match (part, line.is_empty(), signature) {
            (Part::Text, false, false) => Part::Text,
            (Part::Text, true, _) => Part::Gap,
            (Part::Gap | Part::Signatures, _, true) => Part::Signatures,
            _ => return Err(Malformed { line: note.line }),
        };
        note.text.push_str(line);
        note.text.push('\n');
        if note.text.len() > longest {
            return Err(Malformed { line: note.line });
        }
        current = Some((note, next));
    }
    match current {
        None => Ok(notes),
        Some((note, Part::Signatures)) => {
            notes.push(note);
            Ok(notes)
        }
        Some((note, Part::Text | Part::Gap)) => Err(Malformed { line: note.line }),
    }
}

/// Which part of a note was read last.
#[derive(Clone, Copy)]
enum Part {
    Text,
    Gap,
    Signatures,
}

const fn begin(index: usize) -> Note {
    Note { line: index + 1, text: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "log/a\n4\nroot=\n\n\u{2014} key sig=\n";
    const TWO: &str = "log/b\n6\nroot=\n\n\u{2014} key sig=\n\u{2014} witness sig=\n";

    fn texts(file: &str) -> Vec<String> {
        split(file, 1000).unwrap().into_iter().map(|note| note.text).collect()
    }

    #[test]
    fn notes_stand_with_or_without_empty_lines_between_them() {
        for between in ["", "\n", "\n\n\n"] {
            let file = format!("{between}{ONE}{between}{TWO}{between}{ONE}{between}");
            assert_eq!(texts(&file), [ONE, TWO, ONE], "{between:?}");
        }
        assert!(texts("").is_empty() && texts("\n\n").is_empty());
    }

    #[test]
    fn the_line_breaks_of_another_system_do_not_matter() {
        assert_eq!(texts(&format!("{ONE}{TWO}").replace('\n', "\r\n")), [ONE, TWO]);
        assert_eq!(texts(ONE.trim_end()), [ONE]);
    }

    #[test]
    fn says_where_the_note_begins_that_is_none() {
        for (file, line) in [
            ("text only\n".to_owned(), 1),
            (format!("{ONE}text only\n\n"), 6),
            (format!("{ONE}\ntext\n\nmore text\n"), 7),
            ("\u{2014} key sig=\n".to_owned(), 1),
            (format!("{TWO}a\n\u{2014} key sig=\n"), 7),
            (format!("{ONE}a\n\n\nb\n"), 6),
            ("x".repeat(2000), 1),
        ] {
            assert_eq!(split(&file, 1000), Err(Malformed { line }), "{file}");
        }
        assert_eq!(split(&format!("{ONE}\n{TWO}"), 1000).unwrap()[1].line, 7);
    }
}
