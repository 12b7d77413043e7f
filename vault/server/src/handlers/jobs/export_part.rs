use strongroom_api::jobs::{Checksum, ExportContent, ExportQuery, ExportTotal};
use strongroom_api::tokens::{DetokenizedToken, Metadata};
use strongroom_api::{Text, to_wiped_json};
use strongroom_core::{ExportPart, ExportedToken, VaultError};
use strongroom_domain::Secret;

use super::view::key;
use crate::handlers::Outcome;
use crate::handlers::tokens::exported;
use crate::request::{Received, Reply};

/// `GET /v1/jobs/{job}/parts/{part}`.
pub(crate) async fn export_part(received: Received, query: ExportQuery) -> Outcome {
    let (job, part) = (received.job()?, received.part()?);
    let exported =
        received.vault.export_part(&received.call, &job, part, query.purpose.0, |part| content(part)).await?;
    Reply::json(&strongroom_api::jobs::ExportedPart {
        job: Text(exported.job),
        part: exported.part,
        rows: exported.rows,
        last: exported.is_last,
        jwe: exported.jwe,
    })
}

/// As the receiver reads it. The buffer is wiped once it is encrypted.
fn content(part: &ExportPart<'_>) -> Result<Secret<Vec<u8>>, VaultError> {
    let tokens: Result<Vec<_>, _> = part.rows.iter().map(token).collect();
    let total = part
        .total
        .map(|(rows, checksum)| ExportTotal { rows, checksum: Text(Checksum(*checksum.as_bytes())) });
    let content = ExportContent {
        job: Text(part.job.clone()),
        part: part.part,
        checksum_key: key(part.checksum_key),
        tokens: tokens?,
        total,
    };
    let mut written = to_wiped_json(&content)
        .map_err(|_| VaultError::Internal("a part of an export could not be written"))?;
    Ok(Secret::new(std::mem::take(&mut *written)))
}

fn token(token: &ExportedToken) -> Result<strongroom_api::jobs::ExportedToken, VaultError> {
    let metadata = Metadata::new(token.view.metadata.pairs().clone())
        .map_err(|_| VaultError::Internal("stored metadata does not have the form of the contract"))?;
    let DetokenizedToken { token: name, value_type, card, bank_account, identity_number, text } =
        exported(token.view.token.clone(), &token.value);
    Ok(strongroom_api::jobs::ExportedToken {
        row: token.row,
        token: name,
        value_type,
        card,
        bank_account,
        identity_number,
        text,
        profile: Text(token.view.profile.clone()),
        created_at: Text(token.view.created_at),
        expires_at: token.view.expires_at.map(Text),
        metadata,
        aliases: token.view.aliases.iter().cloned().map(Text).collect(),
        tags: token.view.tags.iter().cloned().map(Text).collect(),
    })
}
