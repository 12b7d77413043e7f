//! What commands read. Card numbers and plaintexts come from standard input or a file and never from the arguments,
//! which every user of the machine can see while the command runs.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;

use strongroom_api::SecretText;
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::Failure;

/// A card number with spaces, dashes and a line break is far shorter.
const LONGEST_NUMBER: usize = 4096;

/// Reads a secret line from the file, or from standard input. The vault checks it; here it is only bounded.
pub fn secret_line(prompt: &str, file: Option<&Path>) -> Result<SecretText, Failure> {
    secret(prompt, file, "expected one card number of 12 to 19 digits, on standard input or in --number-file")
}

/// Reads a security code in the same way.
pub fn security_code(file: Option<&Path>) -> Result<SecretText, Failure> {
    secret("Security code", file, "expected one security code, on standard input or in --code-file")
}

fn secret(prompt: &str, file: Option<&Path>, expected: &str) -> Result<SecretText, Failure> {
    if file.is_none() && io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "{prompt}: ");
        return line_from(&mut one_line(io::stdin().lock()), expected);
    }
    match file {
        Some(path) => {
            let mut opened = File::open(path).map_err(|error| Failure::file(path, &error))?;
            line_from(&mut opened, expected)
        }
        None => line_from(&mut io::stdin().lock(), expected),
    }
}

/// Reads all there is, at most so many bytes, from the file or from standard input.
pub fn bytes(file: Option<&Path>, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let too_long = || Failure::Input(format!("the input is longer than {most} bytes"));
    let read = match file.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let mut opened = File::open(path).map_err(|error| Failure::file(path, &error))?;
            bounded(&mut opened, most).map_err(|error| Failure::file(path, &error))?
        }
        None => bounded(&mut io::stdin().lock(), most)
            .map_err(|error| Failure::Local(format!("standard input: {}", error.kind())))?,
    };
    read.ok_or_else(too_long)
}

fn line_from(reader: &mut impl Read, expected: &str) -> Result<SecretText, Failure> {
    let bytes = bounded(reader, LONGEST_NUMBER)
        .map_err(|error| Failure::Local(format!("the secret cannot be read: {}", error.kind())))?;
    let text = bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::trim);
    match text {
        Some(text) if !text.is_empty() => Ok(SecretText::new(text.to_owned())),
        _ => Err(Failure::Input(expected.to_owned())),
    }
}

/// Everything, or nothing if it is more than so many bytes. The buffer has its full size from the start: one that grew
/// would leave copies behind.
fn bounded(reader: &mut impl Read, most: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut buffer = Zeroizing::new(vec![0; most + 1]);
    let mut length = 0;
    while let Some(free) = buffer.get_mut(length..).filter(|free| !free.is_empty()) {
        match reader.read(free) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if length > most {
        return Ok(None);
    }
    if let Some(unused) = buffer.get_mut(length..) {
        unused.zeroize();
    }
    buffer.truncate(length);
    Ok(Some(buffer))
}

/// Up to the end of the first line: a person ends with Return, not with Control-D.
fn one_line(reader: impl Read) -> impl Read {
    OneLine { reader, ended: false }
}

struct OneLine<R> {
    reader: R,
    ended: bool,
}

impl<R: Read> Read for OneLine<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let count = self.reader.read(buffer)?;
        self.ended = buffer.get(..count).is_some_and(|read| read.contains(&b'\n'));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_without_its_line_break() {
        let number = line_from(&mut &b" 4111 1111 1111 1111\r\n"[..], "a number").ok().unwrap();
        assert!(number.secret().ct_eq(b"4111 1111 1111 1111"));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for input in [&b""[..], b" \n", &[b'4'; LONGEST_NUMBER + 1], b"\xff\xff"] {
            assert!(line_from(&mut &*input, "a number").is_err());
        }
        assert!(bounded(&mut &b"1234"[..], 3).unwrap().is_none());
        assert_eq!(bounded(&mut &b"123"[..], 3).unwrap().unwrap().as_slice(), b"123");
    }

    #[test]
    fn a_terminal_is_read_to_the_end_of_the_line() {
        let mut typed = one_line(&b"12\n34"[..]);
        let mut buffer = [0; 3];
        assert_eq!(typed.read(&mut buffer).unwrap(), 3);
        assert_eq!(typed.read(&mut buffer).unwrap(), 0);
    }
}
