//! A value as it is sealed, and the metadata beside it.

use std::num::NonZeroU32;
use std::sync::Arc;

use strongroom_crypto::envelope_v1::Envelope;
use strongroom_crypto::{Injective, fields_v1};
use strongroom_domain::{
    BankAccount, Brand, Card, CountryCode, Expiry, FreeText, Holder, Iban, IdentityNumber, KeyPurpose,
    KeyVersion, LuhnRule, Pan, Secret, Shown, TenantId, TokenState, Value, ValueKind,
};

use super::Metadata;
use crate::VaultError;
use crate::jobs::refresh_registry;
use crate::ports::Entropy;
use crate::ports::store::TokenRow;
use crate::registry::{Key, KeyVersionEntry, Snapshot, WorkingKey};
use crate::vault::Core;

/// Which of a token's columns a ciphertext stands in; part of what it is bound to.
#[derive(Clone, Copy)]
enum Column {
    Value,
    Metadata,
}

/// Seals a value for the row of this token and no other.
pub(super) fn seal_value(
    value: &Value,
    working: &WorkingKey,
    version: &KeyVersionEntry,
    entropy: &dyn Entropy,
    row: &TokenRow,
) -> Result<Vec<u8>, VaultError> {
    let plain = encode(value)?;
    #[expect(clippy::disallowed_methods, reason = "the value goes into the seal and nowhere else")]
    working.seal(version, entropy, &place(row, Column::Value), plain.expose())
}

/// Opens the value of a row. Altered, or another row's: an integrity failure, never another value.
pub(in crate::operations) async fn open_value(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    row: &TokenRow,
) -> Result<Value, VaultError> {
    let envelope = row.envelope.as_deref().ok_or(VaultError::TokenNotReversible)?;
    let working = working_key_of(core, snapshot, key, envelope).await?;
    let plain = working.open(envelope, &place(row, Column::Value))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "parsed into the value's own secret types; the buffer is wiped on return"
    )]
    let value = decode(row.shown.kind(), plain.expose()).ok_or(VaultError::IntegrityFailure)?;
    // What may be known stands in clear beside the value; a row whose parts disagree was put together by somebody else.
    if value.shown(row.shown.digits()) == row.shown { Ok(value) } else { Err(VaultError::IntegrityFailure) }
}

/// Seals metadata, if there is any. A token that has names or labels has it sealed in any case: the seal binds them, also
/// where there is no value to be sealed.
pub(super) fn seal_metadata(
    metadata: &Metadata,
    working: &WorkingKey,
    version: &KeyVersionEntry,
    entropy: &dyn Entropy,
    row: &TokenRow,
) -> Result<Option<Vec<u8>>, VaultError> {
    if metadata.pairs().is_empty() && !needs_seal(row) {
        return Ok(None);
    }
    let plain = metadata.encode()?;
    #[expect(clippy::disallowed_methods, reason = "the metadata goes into the seal and nowhere else")]
    working.seal(version, entropy, &place(row, Column::Metadata), plain.expose()).map(Some)
}

/// Opens the metadata of a row.
pub(in crate::operations) async fn open_metadata(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    row: &TokenRow,
) -> Result<Metadata, VaultError> {
    let Some(envelope) = row.metadata_envelope.as_deref() else {
        let is_lost = row.state == TokenState::Active && needs_seal(row);
        return if is_lost { Err(VaultError::IntegrityFailure) } else { Ok(Metadata::default()) };
    };
    let working = working_key_of(core, snapshot, key, envelope).await?;
    let plain = working.open(envelope, &place(row, Column::Metadata))?;
    #[expect(clippy::disallowed_methods, reason = "metadata is the caller's to read")]
    Metadata::decode(plain.expose())
}

fn needs_seal(row: &TokenRow) -> bool {
    !(row.aliases.is_empty() && row.tags.is_empty())
}

async fn working_key_of(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    envelope: &[u8],
) -> Result<Arc<WorkingKey>, VaultError> {
    let header = Envelope::parse(envelope).map_err(|_| VaultError::IntegrityFailure)?.header();
    if header.key_id != key.row.key_id {
        return Err(VaultError::IntegrityFailure);
    }
    if !key.versions.contains_key(&header.key_version) {
        return new_working_key(core, &key.row.tenant, header.key_version).await;
    }
    let version = key.version(header.key_version)?;
    core.working_key(snapshot, version).await
}

/// A version that is not known here: another node has made it a moment ago, or somebody else has made the row.
async fn new_working_key(
    core: &Core,
    tenant: &TenantId,
    version: KeyVersion,
) -> Result<Arc<WorkingKey>, VaultError> {
    refresh_registry(core).await?;
    let snapshot = core.snapshot();
    let key = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?;
    if !key.versions.contains_key(&version) {
        return Err(VaultError::IntegrityFailure);
    }
    core.working_key(&snapshot, key.version(version)?).await
}

/// What a value is bound to: its row, the names it is found by, and everything in that row which decides how long and how
/// often it may be shown.
/// State and row version are left out: they change while the value stays, and a row brought back from a backup is found
/// by the record.
fn place(row: &TokenRow, column: Column) -> Vec<u8> {
    let column: &[u8] = match column {
        Column::Value => b"envelope",
        Column::Metadata => b"metadata_envelope",
    };
    let expires_at = row.expires_at.map(|end| end.unix_millis().to_be_bytes());
    let max_uses = row.max_uses.map_or(0, NonZeroU32::get);
    let aliases =
        row.aliases.iter().fold(Injective::new("aliases"), |all, one| all.part(one.as_str().as_bytes()));
    let tags = row.tags.iter().fold(Injective::new("tags"), |all, one| all.part(one.as_str().as_bytes()));
    Injective::new("strongroom/token/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.token.as_str().as_bytes())
        .part(column)
        .part(row.profile.as_str().as_bytes())
        .part(&shown(&row.shown))
        .part(&aliases.finish())
        .part(&tags.finish())
        .part(&max_uses.to_be_bytes())
        .part(row.created_by.as_str().as_bytes())
        .part(&row.created_at.unix_millis().to_be_bytes())
        .part(expires_at.as_ref().map_or(&[], <[u8; 8]>::as_slice))
        .finish()
}

fn shown(shown: &Shown) -> Vec<u8> {
    let parts = Injective::new(shown.kind().as_str());
    match shown {
        Shown::Card { brand, bin, last_four, expiry } => parts
            .part(brand.map_or("", Brand::as_str).as_bytes())
            .part(bin.as_ref().map_or(&[], |digits| digits.as_bytes().as_slice()))
            .part(last_four.as_ref().map_or(&[], |digits| digits.as_bytes().as_slice()))
            .part(expiry.map(expiry_text).unwrap_or_default().as_bytes()),
        Shown::BankAccount { country, ending } => {
            parts.part(country.as_str().as_bytes()).part(ending.as_bytes())
        }
        Shown::IdentityNumber { country } => {
            parts.part(country.as_ref().map_or("", CountryCode::as_str).as_bytes())
        }
        Shown::Text => parts,
    }
    .finish()
}

fn expiry_text(expiry: Expiry) -> String {
    format!("{:04}-{:02}", expiry.year(), expiry.month())
}

#[expect(clippy::disallowed_methods, reason = "the value is written down to be sealed")]
fn encode(value: &Value) -> Result<Secret<Vec<u8>>, VaultError> {
    let expiry;
    let mut fields: Vec<(&str, &[u8])> = Vec::with_capacity(3);
    match value {
        Value::Card(card) => {
            if let Some(known) = card.expiry {
                expiry = expiry_text(known);
                fields.push(("expiry", expiry.as_bytes()));
            }
            fields.extend(holder_field(card.holder.as_ref()));
            fields.push(("number", card.number.expose_digits()));
        }
        Value::BankAccount(account) => {
            fields.extend(holder_field(account.holder.as_ref()));
            fields.push(("iban", account.iban.secret().expose().as_bytes()));
        }
        Value::IdentityNumber(number) => {
            if let Some(country) = &number.country {
                fields.push(("country", country.as_str().as_bytes()));
            }
            fields.push(("number", number.secret().expose().as_bytes()));
        }
        Value::Text(text) => fields.push(("text", text.secret().expose().as_bytes())),
    }
    fields_v1::encode(&fields).map_err(|_| VaultError::Internal("a value could not be encoded"))
}

#[expect(clippy::disallowed_methods, reason = "the name is written down to be sealed")]
fn holder_field(holder: Option<&Holder>) -> Option<(&str, &[u8])> {
    holder.map(|holder| ("holder", holder.secret().expose().as_bytes()))
}

fn decode(kind: ValueKind, bytes: &[u8]) -> Option<Value> {
    let fields = fields_v1::decode(bytes).ok()?;
    let field = |wanted: &str| {
        let value = fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        value.map(std::str::from_utf8).transpose().ok()
    };
    let holder = |text: Option<&str>| text.map(|text| Holder::parse(text.to_owned())).transpose().ok();
    Some(match kind {
        ValueKind::Card => Value::Card(Card {
            // The profile may have relaxed the check digit when the card came in; what was let in then is let out now.
            number: Pan::parse(field("number")??, LuhnRule::Relaxed).ok()?,
            expiry: match field("expiry")? {
                Some(text) => Some(parse_expiry(text)?),
                None => None,
            },
            holder: holder(field("holder")?)?,
        }),
        ValueKind::BankAccount => Value::BankAccount(BankAccount {
            iban: Iban::parse(field("iban")??).ok()?,
            holder: holder(field("holder")?)?,
        }),
        ValueKind::IdentityNumber => {
            let country = match field("country")? {
                Some(code) => Some(CountryCode::parse(code)?),
                None => None,
            };
            Value::IdentityNumber(IdentityNumber::parse(field("number")??, country).ok()?)
        }
        ValueKind::Text => Value::Text(FreeText::parse(field("text")??.to_owned()).ok()?),
    })
}

fn parse_expiry(text: &str) -> Option<Expiry> {
    let (year, month) = text.split_once('-')?;
    Expiry::new(month.parse().ok()?, year.parse().ok()?).ok()
}
