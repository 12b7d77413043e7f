//! How a value is written so that it means itself and nothing else.

use super::error::FillReason;
use super::output::{Full, Output};

/// The place that a value is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Inside a JSON string (RFC 8259, section 7).
    JsonString,
    /// A JSON value of its own, which is a number.
    JsonNumber,
    /// A value of a form (URL standard, application/x-www-form-urlencoded).
    Form,
    /// Text or an attribute's value of XML 1.0.
    Xml,
    /// A text without any syntax but its lines.
    Text,
    /// A header's value (RFC 9110, section 5.5).
    Header,
}

impl Escape {
    /// Writes a value.
    pub(super) fn write(self, value: &str, output: &mut Output) -> Result<(), FillReason> {
        match self {
            Self::JsonString => each(value, output, json),
            Self::JsonNumber if is_small_number(value) => Ok(output.push(value.as_bytes())?),
            Self::JsonNumber => Err(FillReason::NotANumber),
            Self::Form => Ok(value.bytes().try_for_each(|byte| form(byte, output))?),
            Self::Xml => each(value, output, xml),
            Self::Text => each(value, output, text),
            Self::Header => each(value, output, header),
        }
    }
}

impl From<Full> for FillReason {
    fn from(Full: Full) -> Self {
        Self::TooLarge
    }
}

/// How one character is written.
enum Written {
    AsItIs,
    As(&'static str),
    /// The four hexadecimal digits of JSON.
    JsonEscape,
    /// The decimal reference of XML, which means the same in every encoding of the text.
    XmlReference,
}

fn each(value: &str, output: &mut Output, rule: fn(char) -> Option<Written>) -> Result<(), FillReason> {
    for character in value.chars() {
        let written = rule(character).ok_or(FillReason::Character)?;
        // None of these is a secret for long enough to matter more than the value itself; they stay on the stack.
        let mut buffer = [0; 12];
        match written {
            Written::AsItIs => output.push(character.encode_utf8(&mut buffer).as_bytes())?,
            Written::As(text) => output.push(text.as_bytes())?,
            Written::JsonEscape => {
                output.push(b"\\u00")?;
                output.push(&hexadecimal(u8::try_from(character).map_err(|_| FillReason::Character)?))?;
            }
            Written::XmlReference => {
                output.push(b"&#")?;
                output.push(decimal(u32::from(character), &mut buffer))?;
                output.push(b";")?;
            }
        }
    }
    Ok(())
}

fn json(character: char) -> Option<Written> {
    Some(match character {
        '"' => Written::As("\\\""),
        '\\' => Written::As("\\\\"),
        '\0'..='\x1f' => Written::JsonEscape,
        _ => Written::AsItIs,
    })
}

fn xml(character: char) -> Option<Written> {
    Some(match character {
        '&' => Written::As("&amp;"),
        '<' => Written::As("&lt;"),
        '>' => Written::As("&gt;"),
        '"' => Written::As("&quot;"),
        '\'' => Written::As("&apos;"),
        // As references: readers turn other line breaks and tabs into spaces.
        '\t' | '\n' | '\r' => Written::XmlReference,
        ' '..='~' => Written::AsItIs,
        // XML 1.0 has no way of writing these.
        '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => return None,
        _ => Written::XmlReference,
    })
}

/// A line break would make one line two.
fn text(character: char) -> Option<Written> {
    let breaks = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    (!breaks).then_some(Written::AsItIs)
}

/// Visible ASCII and spaces; and nothing that would end a list's element, a parameter or a quoted string.
fn header(character: char) -> Option<Written> {
    let allowed = matches!(character, ' '..='~') && !matches!(character, '"' | ',' | ';' | '\\');
    allowed.then_some(Written::AsItIs)
}

fn form(byte: u8, output: &mut Output) -> Result<(), Full> {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'*') {
        output.push(&[byte])
    } else {
        output.push(b"%")?;
        output.push(&hexadecimal(byte))
    }
}

fn hexadecimal(byte: u8) -> [u8; 2] {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + value - 10 };
    [digit(byte >> 4), digit(byte & 15)]
}

fn decimal(mut number: u32, buffer: &mut [u8; 12]) -> &[u8] {
    let mut start = buffer.len();
    for place in buffer.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
}

/// A JSON number has no zeros before it; four digits are enough for a year.
fn is_small_number(value: &str) -> bool {
    (1..=4).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && (value == "0" || !value.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escape: Escape, value: &str) -> Result<String, FillReason> {
        let mut output = Output::with_limit(1000);
        escape.write(value, &mut output)?;
        Ok(String::from_utf8(output.into_bytes()).unwrap())
    }

    #[test]
    fn each_place_has_its_own_way_of_writing() {
        let value = "a\"\\<&>'\n%ä€😀 b";
        for (escape, expected) in [
            (Escape::JsonString, "a\\\"\\\\<&>'\\u000A%ä€😀 b"),
            (Escape::Form, "a%22%5C%3C%26%3E%27%0A%25%C3%A4%E2%82%AC%F0%9F%98%80%20b"),
            (Escape::Xml, "a&quot;\\&lt;&amp;&gt;&apos;&#10;%&#228;&#8364;&#128512; b"),
        ] {
            assert_eq!(written(escape, value).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for (escape, values) in [
            (Escape::Xml, &["\0", "\x01", "\x1b", "\u{fffe}"][..]),
            (Escape::Text, &["a\nb", "a\rb", "\0", "\u{85}", "\u{2028}", "\t"]),
            (Escape::Header, &["a\r\nb", "\0", "\t", "ä", "\x7f", "a,b", "a;b", "\"", "\\"]),
        ] {
            for value in values {
                assert_eq!(written(escape, value), Err(FillReason::Character), "{escape:?} {value:?}");
            }
        }
        for value in ["", "07", "-1", "1.0", "1e3", "12345", "0x1", " 1", "true", "1,2"] {
            assert_eq!(written(Escape::JsonNumber, value), Err(FillReason::NotANumber), "{value:?}");
        }
        for value in ["0", "1", "12", "2031"] {
            assert_eq!(written(Escape::JsonNumber, value).as_deref(), Ok(value));
        }
    }

    #[test]
    fn a_limit_is_kept() {
        let mut output = Output::with_limit(5);
        assert_eq!(Escape::JsonString.write("ab\"c", &mut output), Ok(()));
        assert_eq!(Escape::JsonString.write("d", &mut output), Err(FillReason::TooLarge));
    }
}
