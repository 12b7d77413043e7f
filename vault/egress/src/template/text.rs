//! One template: a text, and how values are written in each of its holes.

use strongroom_domain::Secret;

use super::error::{Fault, FillReason, TemplateReason};
use super::escape::Escape;
use super::output::Output;
use super::placeholder::{Placeholder, TokenName, Values};
use super::skeleton::Skeleton;

/// A text that is well-formed as what it is, with placeholders in safe places only.
pub(super) struct Template {
    skeleton: Skeleton,
    escapes: Vec<Escape>,
}

/// Finds out how values are written in each hole of a text, and refuses texts that are not what they should be.
pub(super) type Reader = fn(&Skeleton) -> Result<Vec<Escape>, Fault<TemplateReason>>;

impl Template {
    pub(super) fn read(
        source: &str,
        names: &[TokenName],
        reader: Reader,
    ) -> Result<Self, Fault<TemplateReason>> {
        let skeleton = Skeleton::read(source, names)?;
        let escapes = reader(&skeleton)?;
        Ok(Self { skeleton, escapes })
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.skeleton.holes().iter().map(|hole| &hole.placeholder)
    }

    /// Puts the values in. `seen` is shown each value that goes in.
    pub(super) fn fill(
        &self,
        values: &dyn Values,
        limit: usize,
        seen: &mut dyn FnMut(&Placeholder, &str) -> Result<(), FillReason>,
    ) -> Result<Secret<Vec<u8>>, Fault<FillReason>> {
        let mut output = Output::with_limit(limit);
        let mut escapes = self.escapes.iter();
        for (literal, hole) in self.skeleton.parts() {
            let position = hole.map_or(0, |hole| hole.position);
            output.push(literal).map_err(|full| Fault::at(position, full.into()))?;
            let (Some(hole), Some(escape)) = (hole, escapes.next()) else { continue };
            write(&hole.placeholder, *escape, values, &mut output, seen)
                .map_err(|reason| Fault::at(position, reason))?;
        }
        Ok(Secret::new(output.into_bytes()))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "here values go into the request that they are for; the text is wiped like they are"
)]
fn write(
    placeholder: &Placeholder,
    escape: Escape,
    values: &dyn Values,
    output: &mut Output,
    seen: &mut dyn FnMut(&Placeholder, &str) -> Result<(), FillReason>,
) -> Result<(), FillReason> {
    let value = values.value(placeholder).ok_or(FillReason::NoValue)?;
    seen(placeholder, value.expose())?;
    escape.write(value.expose(), output)
}
