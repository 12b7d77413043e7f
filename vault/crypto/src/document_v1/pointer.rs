/// A field as the caller names it: a JSON Pointer (RFC 6901) whose segments may be `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(Vec<Segment>);

/// Each is a level of the walk's stack.
const MOST_SEGMENTS: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// Every element or member.
    All,
    /// One member of that name, or the element of that index.
    One(String),
}

impl FieldPath {
    /// Reads a pointer of at most 32 segments. The empty one means the whole document and is none.
    pub fn parse(text: &str) -> Option<Self> {
        let segments: Option<Vec<_>> = text.strip_prefix('/')?.split('/').map(Segment::parse).collect();
        segments.filter(|segments| segments.len() <= MOST_SEGMENTS).map(Self)
    }

    pub(super) fn length(&self) -> usize {
        self.0.len()
    }

    /// Whether it must lead somewhere.
    pub(super) fn is_literal(&self) -> bool {
        !self.0.contains(&Segment::All)
    }

    /// Whether the segment at this depth is this name or index.
    pub(super) fn matches(&self, depth: usize, name: &str) -> bool {
        match self.0.get(depth) {
            Some(Segment::All) => true,
            Some(Segment::One(known)) => known == name,
            None => false,
        }
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let mut name = String::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            name.push(match character {
                '~' => match rest.next()? {
                    '0' => '~',
                    '1' => '/',
                    _ => return None,
                },
                other => other,
            });
        }
        Some(Self::One(name))
    }
}

/// Adds a segment to a value's own pointer.
pub(super) fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
