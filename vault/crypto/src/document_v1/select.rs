//! Finds values in a document without taking it apart: their places in its text.

use std::collections::BTreeSet;

use super::{DocumentError, FieldPath, MOST_VALUES, Selected, pointer};

/// The values that the fields lead to, in the order of the document.
pub fn select(document: &str, fields: &[FieldPath]) -> Result<Vec<Selected>, DocumentError> {
    if serde_json::from_str::<serde::de::IgnoredAny>(document).is_err() {
        return Err(DocumentError::NotJson);
    }
    let mut walk = Walk { document, at: 0, fields, pointer: String::new(), found: Vec::new() };
    let all: Vec<usize> = (0..fields.len()).collect();
    walk.value(&all, 0)?;
    for (index, field) in fields.iter().enumerate() {
        if field.is_literal() && !walk.found.iter().any(|selected| selected.field == index) {
            return Err(DocumentError::Missing(index));
        }
    }
    Ok(walk.found)
}

/// A walk through a text that is valid JSON.
struct Walk<'a> {
    document: &'a str,
    at: usize,
    fields: &'a [FieldPath],
    pointer: String,
    found: Vec<Selected>,
}

impl Walk<'_> {
    /// Goes past a value. `leading`: the fields whose first `depth` segments led here.
    fn value(&mut self, leading: &[usize], depth: usize) -> Result<(), DocumentError> {
        self.skip_space();
        let start = self.at;
        let ends_here =
            |index: &&usize| self.fields.get(**index).is_some_and(|field| field.length() == depth);
        if let Some(field) = leading.iter().find(ends_here).copied() {
            if let Some(other) = leading.iter().find(|other| **other != field) {
                return Err(DocumentError::Overlap(*other));
            }
            self.skip_value();
            if self.found.len() == MOST_VALUES {
                return Err(DocumentError::TooMany);
            }
            self.found.push(Selected { field, pointer: self.pointer.clone(), span: start..self.at });
            return Ok(());
        }
        match self.peek() {
            Some(b'{') if !leading.is_empty() => self.members(leading, depth),
            Some(b'[') if !leading.is_empty() => self.elements(leading, depth),
            _ => {
                self.skip_value();
                Ok(())
            }
        }
    }

    fn members(&mut self, leading: &[usize], depth: usize) -> Result<(), DocumentError> {
        let mut names = BTreeSet::new();
        self.at += 1;
        while self.next_item(b'}') {
            let start = self.at;
            self.skip_string();
            let name = self.document.get(start..self.at).unwrap_or_default();
            let name: String = serde_json::from_str(name).map_err(|_| DocumentError::NotJson)?;
            self.skip_space();
            self.at += 1; // the colon
            self.child(leading, depth, &name)?;
            if !names.insert(name) {
                return Err(DocumentError::Duplicate);
            }
        }
        Ok(())
    }

    fn elements(&mut self, leading: &[usize], depth: usize) -> Result<(), DocumentError> {
        let mut index = 0_usize;
        self.at += 1;
        while self.next_item(b']') {
            self.child(leading, depth, &index.to_string())?;
            index += 1;
        }
        Ok(())
    }

    fn child(&mut self, leading: &[usize], depth: usize, name: &str) -> Result<(), DocumentError> {
        let leads_on =
            |index: &usize| self.fields.get(*index).is_some_and(|field| field.matches(depth, name));
        let leading: Vec<usize> = leading.iter().copied().filter(leads_on).collect();
        let parent = self.pointer.len();
        pointer::push(&mut self.pointer, name);
        let outcome = self.value(&leading, depth + 1);
        self.pointer.truncate(parent);
        outcome
    }

    /// Moves to the next item of an object or array, or past its end.
    fn next_item(&mut self, end: u8) -> bool {
        self.skip_space();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_space();
        }
        match self.peek() {
            None => false,
            Some(byte) if byte == end => {
                self.at += 1;
                false
            }
            Some(_) => true,
        }
    }

    /// Past a value that nothing leads into: without a stack, however deep it is.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                // A number, true, false or null.
                _ => self.at += self.rest().iter().take_while(|byte| !b",:]} \t\n\r".contains(byte)).count(),
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Past a string, from its quotation mark.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += match byte {
                b'\\' => 2,
                _ => 1,
            };
            if byte == b'"' {
                return;
            }
        }
    }

    fn skip_space(&mut self) {
        self.at += self.rest().iter().take_while(|byte| b" \t\n\r".contains(byte)).count();
    }

    fn peek(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.document.as_bytes().get(self.at..).unwrap_or_default()
    }
}
