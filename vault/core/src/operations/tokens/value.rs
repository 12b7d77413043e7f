//! A card as it is sealed, and the metadata beside it.

use std::sync::Arc;

use strongroom_crypto::envelope_v1::Envelope;
use strongroom_crypto::{Injective, fields_v1};
use strongroom_domain::{Card, Expiry, Holder, KeyPurpose, KeyVersion, LuhnRule, Pan, TenantId};

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

/// Seals a card for the row of this token and no other.
pub(super) fn seal_card(
    card: &Card,
    working: &WorkingKey,
    version: &KeyVersionEntry,
    entropy: &dyn Entropy,
    row: &TokenRow,
) -> Result<Vec<u8>, VaultError> {
    let expiry = card.expiry.map(expiry_text);
    let mut fields: Vec<(&str, &[u8])> = Vec::with_capacity(3);
    if let Some(expiry) = &expiry {
        fields.push(("expiry", expiry.as_bytes()));
    }
    #[expect(clippy::disallowed_methods, reason = "the card goes into the seal and nowhere else")]
    {
        if let Some(holder) = &card.holder {
            fields.push(("holder", holder.secret().expose().as_bytes()));
        }
        fields.push(("number", card.number.expose_digits()));
        let plain =
            fields_v1::encode(&fields).map_err(|_| VaultError::Internal("a card could not be encoded"))?;
        working.seal(version, entropy, &place(row, Column::Value), plain.expose())
    }
}

/// Opens the card of a row. Altered, or another row's: an integrity failure, never another card.
pub(super) async fn open_card(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    row: &TokenRow,
) -> Result<Card, VaultError> {
    let envelope = row.envelope.as_deref().ok_or(VaultError::TokenNotReversible)?;
    let working = working_key_of(core, snapshot, key, envelope).await?;
    let plain = working.open(envelope, &place(row, Column::Value))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "parsed into the card's own secret types; the buffer is wiped on return"
    )]
    let card = parse_card(plain.expose())?;
    // BIN and last four stand in clear beside the value; a row whose parts disagree was put together by somebody else.
    if card.number.bin() != row.bin || card.number.last_four() != row.last_four {
        return Err(VaultError::IntegrityFailure);
    }
    Ok(card)
}

/// Seals metadata, if there is any.
pub(super) fn seal_metadata(
    metadata: &Metadata,
    working: &WorkingKey,
    version: &KeyVersionEntry,
    entropy: &dyn Entropy,
    row: &TokenRow,
) -> Result<Option<Vec<u8>>, VaultError> {
    let Some(plain) = metadata.encode()? else { return Ok(None) };
    #[expect(clippy::disallowed_methods, reason = "the metadata goes into the seal and nowhere else")]
    working.seal(version, entropy, &place(row, Column::Metadata), plain.expose()).map(Some)
}

/// Opens the metadata of a row.
pub(super) async fn open_metadata(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    row: &TokenRow,
) -> Result<Metadata, VaultError> {
    let Some(envelope) = row.metadata_envelope.as_deref() else { return Ok(Metadata::default()) };
    let working = working_key_of(core, snapshot, key, envelope).await?;
    let plain = working.open(envelope, &place(row, Column::Metadata))?;
    #[expect(clippy::disallowed_methods, reason = "metadata is the caller's to read")]
    Metadata::decode(plain.expose())
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

/// What a value is bound to: its row, and everything in that row which decides how long and how often it may be shown.
/// State and row version are left out: they change while the value stays, and a row brought back from a backup is found
/// by the record.
fn place(row: &TokenRow, column: Column) -> Vec<u8> {
    let column: &[u8] = match column {
        Column::Value => b"envelope",
        Column::Metadata => b"metadata_envelope",
    };
    let expires_at = row.expires_at.map(|end| end.unix_millis().to_be_bytes());
    let card_expiry = row.card_expiry.map(expiry_text).unwrap_or_default();
    Injective::new("strongroom/token/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.token.as_str().as_bytes())
        .part(column)
        .part(row.profile.as_str().as_bytes())
        .part(row.bin.as_bytes())
        .part(row.last_four.as_bytes())
        .part(row.brand.as_str().as_bytes())
        .part(card_expiry.as_bytes())
        .part(&[u8::from(row.single_use)])
        .part(row.created_by.as_str().as_bytes())
        .part(&row.created_at.unix_millis().to_be_bytes())
        .part(expires_at.as_ref().map_or(&[], <[u8; 8]>::as_slice))
        .finish()
}

fn expiry_text(expiry: Expiry) -> String {
    format!("{:04}-{:02}", expiry.year(), expiry.month())
}

fn parse_card(bytes: &[u8]) -> Result<Card, VaultError> {
    let fields = fields_v1::decode(bytes).map_err(|_| VaultError::IntegrityFailure)?;
    let field = |wanted: &str| {
        let value = fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        value.map(|value| std::str::from_utf8(value).map_err(|_| VaultError::IntegrityFailure)).transpose()
    };
    let number = field("number")?.ok_or(VaultError::IntegrityFailure)?;
    // The profile may have relaxed the check digit when the card came in; what was let in then is let out now.
    let number = Pan::parse(number, LuhnRule::Relaxed).map_err(|_| VaultError::IntegrityFailure)?;
    let expiry =
        field("expiry")?.map(|text| parse_expiry(text).ok_or(VaultError::IntegrityFailure)).transpose()?;
    let holder = field("holder")?
        .map(|text| Holder::parse(text.to_owned()).map_err(|_| VaultError::IntegrityFailure))
        .transpose()?;
    Ok(Card { number, expiry, holder })
}

fn parse_expiry(text: &str) -> Option<Expiry> {
    let (year, month) = text.split_once('-')?;
    Expiry::new(month.parse().ok()?, year.parse().ok()?).ok()
}
