//! What must be so, going by the answers alone. It holds no card number: cards are named by their index.

pub(crate) mod fields;
pub(crate) mod people;
pub(crate) mod record;
pub(crate) mod tokens;

use fields::Fields;
use people::People;
use record::Record;
use tokens::Tokens;

/// All of it.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) tokens: Tokens,
    pub(crate) fields: Fields,
    pub(crate) people: People,
    pub(crate) record: Record,
}
