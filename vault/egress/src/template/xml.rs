//! XML 1.0, without document types: placeholders in text and in attributes' values.
//!
//! The text is read strictly: names, attributes, references, comments and the nesting of elements. So there is no
//! reader for whom a placeholder's place is something else.

use super::error::{Fault, TemplateReason};
use super::escape::Escape;
use super::skeleton::{HOLE, Skeleton};

pub(super) fn read(skeleton: &Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>> {
    let mut reader = Reader { text: skeleton.text(), at: 0, open: Vec::new(), root_seen: false };
    match reader.document() {
        Ok(()) => Ok(vec![Escape::Xml; skeleton.holes().len()]),
        Err(reason) => Err(skeleton.fault(reader.at, reason)),
    }
}

/// Reads from the beginning to the end; `at` is where it is, and where the fault is if there is one.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The names of the elements that have begun and not ended.
    open: Vec<&'a [u8]>,
    root_seen: bool,
}

type Read<T = ()> = Result<T, TemplateReason>;

const MALFORMED: TemplateReason = TemplateReason::Malformed("XML 1.0 in UTF-8, without a document type");

impl<'a> Reader<'a> {
    fn document(&mut self) -> Read {
        if self.rest().starts_with(b"<?xml") && self.rest().get(5).is_some_and(u8::is_ascii_whitespace) {
            self.declaration()?;
        }
        loop {
            self.text()?;
            if self.rest().is_empty() {
                break;
            }
            self.markup()?;
        }
        if self.root_seen && self.open.is_empty() { Ok(()) } else { Err(MALFORMED) }
    }

    /// `<?xml version="1.0" encoding="UTF-8"?>`. Another encoding would give the bytes of values another meaning.
    fn declaration(&mut self) -> Read {
        self.expect(b"<?xml")?;
        loop {
            let spaced = self.space();
            if self.eat(b"?>") {
                return Ok(());
            }
            let name = if spaced { self.name()? } else { return Err(MALFORMED) };
            let value = self.attribute_value(None)?;
            let allowed: &[&[u8]] = match name {
                b"version" => &[b"1.0"],
                b"encoding" => &[b"utf-8", b"us-ascii"],
                b"standalone" => &[b"yes", b"no"],
                _ => &[],
            };
            if !allowed.iter().any(|allowed| value.eq_ignore_ascii_case(allowed)) {
                return Err(MALFORMED);
            }
        }
    }

    /// Up to the next markup, or the end.
    fn text(&mut self) -> Read {
        while let Some(byte) = self.peek() {
            match byte {
                b'<' => break,
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                HOLE if self.open.is_empty() => {
                    return Err(TemplateReason::Misplaced("outside the XML root element"));
                }
                _ if self.open.is_empty() => return Err(MALFORMED),
                b'&' => self.reference()?,
                b']' if self.rest().starts_with(b"]]>") => return Err(MALFORMED),
                _ => self.character()?,
            }
        }
        Ok(())
    }

    fn markup(&mut self) -> Read {
        if self.eat(b"<!--") {
            self.skip_to(b"--", TemplateReason::Misplaced("in an XML comment"))?;
            self.expect(b">")
        } else if self.rest().starts_with(b"<![CDATA[") && !self.open.is_empty() {
            self.skip_to(b"]]>", TemplateReason::Misplaced("in an XML CDATA section"))
        } else if self.eat(b"<?") {
            // Another declaration further on is none.
            if self.name()?.eq_ignore_ascii_case(b"xml") {
                return Err(MALFORMED);
            }
            self.skip_to(b"?>", TemplateReason::Misplaced("in an XML processing instruction"))
        } else if self.eat(b"</") {
            self.end_tag()
        } else {
            self.expect(b"<")?;
            self.start_tag()
        }
    }

    fn start_tag(&mut self) -> Read {
        if self.open.is_empty() && self.root_seen {
            return Err(MALFORMED);
        }
        self.root_seen = true;
        let name = self.name()?;
        let mut attributes = Vec::new();
        loop {
            let spaced = self.space();
            if self.eat(b"/>") {
                return Ok(());
            }
            if self.eat(b">") {
                self.open.push(name);
                return Ok(());
            }
            let attribute = self.name()?;
            if !spaced || attributes.contains(&attribute) {
                return Err(MALFORMED);
            }
            attributes.push(attribute);
            let is_namespace = attribute == b"xmlns" || attribute.starts_with(b"xmlns:");
            self.attribute_value(
                is_namespace.then_some(TemplateReason::Misplaced("in the name of an XML namespace")),
            )?;
        }
    }

    fn end_tag(&mut self) -> Read {
        let name = self.name()?;
        self.space();
        if self.open.pop() != Some(name) {
            return Err(MALFORMED);
        }
        self.expect(b">")
    }

    /// From the equals sign to the closing quote; the value. `no_hole` is why there can be no placeholder.
    fn attribute_value(&mut self, no_hole: Option<TemplateReason>) -> Read<&'a [u8]> {
        self.space();
        self.expect(b"=")?;
        self.space();
        let quote =
            self.peek().filter(|byte| matches!(byte, b'"' | b'\'')).ok_or_else(|| self.unexpected())?;
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(byte) if byte == quote => break,
                Some(HOLE) => match no_hole {
                    Some(reason) => return Err(reason),
                    None => self.at += 1,
                },
                Some(b'&') => self.reference()?,
                Some(b'<') | None => return Err(MALFORMED),
                Some(_) => self.character()?,
            }
        }
        let value = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(value)
    }

    /// `&amp;`, `&#10;`, `&#xA;`: whole, or a value could complete it. Without a document type there are no others.
    fn reference(&mut self) -> Read {
        let known: [&[u8]; 5] = [b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"];
        if known.iter().any(|reference| self.eat(reference)) {
            return Ok(());
        }
        self.expect(b"&#")?;
        let is_digit = if self.eat(b"x") { u8::is_ascii_hexdigit } else { u8::is_ascii_digit };
        let digits = self.rest().iter().take_while(|byte| is_digit(byte)).count();
        if digits == 0 {
            return Err(self.unexpected());
        }
        self.at += digits;
        self.expect(b";")
    }

    fn character(&mut self) -> Read {
        match self.peek() {
            Some(b'\t' | b'\n' | b'\r' | b' '.. | HOLE) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(MALFORMED),
        }
    }

    fn name(&mut self) -> Read<&'a [u8]> {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_:-.".contains(byte) || !byte.is_ascii();
        let length = self.rest().iter().take_while(|byte| is_name(byte)).count();
        let name = self.rest().get(..length).unwrap_or_default();
        match name.first() {
            Some(first) if !first.is_ascii_digit() && !b"-.".contains(first) => {
                self.at += length;
                // A value would make the name longer.
                if self.peek() == Some(HOLE) { Err(self.unexpected()) } else { Ok(name) }
            }
            _ => Err(self.unexpected()),
        }
    }

    fn space(&mut self) -> bool {
        let spaces = self.rest().iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.at += spaces;
        spaces > 0
    }

    fn skip_to(&mut self, end: &[u8], misplaced: TemplateReason) -> Read {
        let length = memchr::memmem::find(self.rest(), end).unwrap_or(self.rest().len());
        if let Some(hole) = self.rest().iter().take(length).position(|byte| *byte == HOLE) {
            self.at += hole;
            return Err(misplaced);
        }
        self.at += length;
        self.expect(end)
    }

    fn eat(&mut self, expected: &[u8]) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    fn expect(&mut self, expected: &[u8]) -> Read {
        if self.eat(expected) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// What is here should be something else.
    fn unexpected(&self) -> TemplateReason {
        match self.peek() {
            Some(HOLE) => TemplateReason::Misplaced("in XML elsewhere than in text or an attribute's value"),
            _ => MALFORMED,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
}
