//! A text with its placeholders taken out and a mark in the place of each.

use zeroize::Zeroizing;

use super::error::{Fault, TemplateReason};
use super::placeholder::{Field, Placeholder, TokenName};

/// A text in which [`HOLE`] stands where values will.
pub(super) struct Skeleton {
    /// Wiped: what callers send beside placeholders may be secret too.
    text: Zeroizing<Vec<u8>>,
    holes: Vec<Hole>,
}

/// One placeholder of a text.
pub(super) struct Hole {
    pub(super) placeholder: Placeholder,
    /// Where it begins in the source.
    pub(super) position: usize,
    /// How long it is there.
    length: usize,
}

/// Stands for a value. No media type here allows it in a text.
pub(super) const HOLE: u8 = 0;

impl Skeleton {
    /// Finds the placeholders.
    pub(super) fn read(source: &str, names: &[TokenName]) -> Result<Self, Fault<TemplateReason>> {
        if let Some(position) = source.bytes().position(|byte| byte == HOLE) {
            return Err(Fault::at(position, TemplateReason::Malformed("without NUL")));
        }
        let mut text = Zeroizing::new(Vec::with_capacity(source.len()));
        let mut holes = Vec::new();
        let (mut rest, mut position) = (source, 0);
        while let Some((before, after)) = rest.split_once("{{") {
            text.extend_from_slice(before.as_bytes());
            position += before.len();
            let fault = |reason| Fault::at(position, reason);
            let (inner, following) = after.split_once("}}").ok_or(fault(TemplateReason::Unclosed))?;
            let placeholder = read_placeholder(inner, names).map_err(fault)?;
            let length = inner.len() + 4;
            if holes.len() == MAX_PLACEHOLDERS {
                return Err(fault(TemplateReason::TooMany));
            }
            holes.push(Hole { placeholder, position, length });
            text.push(HOLE);
            position += length;
            rest = following;
        }
        text.extend_from_slice(rest.as_bytes());
        Ok(Self { text, holes })
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// Literals and placeholders in turn: there is one literal, perhaps an empty one, before each placeholder and one
    /// at the end.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&[u8], Option<&Hole>)> {
        let holes = self.holes.iter().map(Some).chain(std::iter::once(None));
        self.text.split(|byte| *byte == HOLE).zip(holes)
    }

    /// A fault at an offset of the text, told as a position in the source.
    pub(super) fn fault(&self, offset: usize, reason: TemplateReason) -> Fault<TemplateReason> {
        let before = self.text.iter().take(offset).filter(|byte| **byte == HOLE).count();
        let more: usize = self.holes.iter().take(before).map(|hole| hole.length - 1).sum();
        Fault::at(offset + more, reason)
    }
}

fn read_placeholder(inner: &str, names: &[TokenName]) -> Result<Placeholder, TemplateReason> {
    if inner.contains("{{") {
        return Err(TemplateReason::Nested);
    }
    let (name, field) = inner.split_once('.').ok_or(TemplateReason::Form)?;
    let name = TokenName::parse(name).map_err(|_| TemplateReason::Form)?;
    if !names.contains(&name) {
        return Err(TemplateReason::UnknownName);
    }
    let field = Field::parse(field).ok_or(TemplateReason::UnknownField)?;
    Ok(Placeholder { name, field })
}

/// More than any request of the field has; each one is a value to be copied.
const MAX_PLACEHOLDERS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<TokenName> {
        ["card", "key"].map(|name| TokenName::parse(name).unwrap()).into()
    }

    fn refusal(source: &str) -> Option<(usize, TemplateReason)> {
        Skeleton::read(source, &names()).err().map(|fault| (fault.position, fault.reason))
    }

    #[test]
    fn finds_placeholders_and_what_is_between() {
        let skeleton = Skeleton::read("a{{card.number}}{{key.value}}}b", &names()).ok().unwrap();
        assert_eq!(skeleton.text(), b"a\0\0}b");
        let holes: Vec<_> =
            skeleton.holes().iter().map(|hole| (hole.position, hole.placeholder.field)).collect();
        assert_eq!(holes, [(1, Field::Number), (16, Field::Value)]);
        let literals: Vec<_> = skeleton.parts().map(|(literal, hole)| (literal, hole.is_some())).collect();
        assert_eq!(literals, [(&b"a"[..], true), (b"", true), (b"}b", false)]);
        for (offset, position) in [(0, 0), (1, 1), (2, 16), (3, 29), (4, 30)] {
            assert_eq!(skeleton.fault(offset, TemplateReason::Form).position, position);
        }
    }

    #[test]
    fn says_where_and_what_is_wrong() {
        for (source, position, reason) in [
            ("abc{{card.number", 3, TemplateReason::Unclosed),
            ("{{card.number}", 0, TemplateReason::Unclosed),
            ("{{card.number}}{{", 15, TemplateReason::Unclosed),
            ("a{{card.{{card.number}}}}", 1, TemplateReason::Nested),
            ("{{{card.number}}}", 0, TemplateReason::Form),
            ("{{card}}", 0, TemplateReason::Form),
            ("{{ card.number }}", 0, TemplateReason::Form),
            ("{{Card.number}}", 0, TemplateReason::Form),
            ("{{}}", 0, TemplateReason::Form),
            ("{{other.number}}", 0, TemplateReason::UnknownName),
            ("{{card.pin}}", 0, TemplateReason::UnknownField),
            ("{{card.number.number}}", 0, TemplateReason::UnknownField),
            ("a\0", 1, TemplateReason::Malformed("without NUL")),
        ] {
            assert_eq!(refusal(source), Some((position, reason)), "{source}");
        }
        assert_eq!(refusal(&"{{card.number}}".repeat(MAX_PLACEHOLDERS)), None);
        let many = refusal(&"{{card.number}}".repeat(MAX_PLACEHOLDERS + 1));
        assert_eq!(many.map(|refused| refused.1), Some(TemplateReason::TooMany));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(source in r"([{}a-c.]|\{\{card\.number\}\})*") {
            if let Ok(skeleton) = Skeleton::read(&source, &names()) {
                let literals: usize = skeleton.parts().map(|(literal, _)| literal.len()).sum();
                proptest::prop_assert_eq!(literals + skeleton.holes().len() * 15, source.len());
            }
        }
    }
}
