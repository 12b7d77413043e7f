//! Fields of whole documents.

mod decrypt;
mod encrypt;
mod reencrypt;

pub(crate) use decrypt::decrypt;
pub(crate) use encrypt::encrypt;
pub(crate) use reencrypt::reencrypt;

use strongroom_api::JsonDocument;
use strongroom_api::documents::{DocumentInput, ProtectedDocument};
use strongroom_core::{DocumentRequest, SealedDocument, VaultError};
use strongroom_crypto::document_v1::{DocumentError, FieldPath};

/// Off the wire.
fn request(wanted: DocumentInput) -> Result<DocumentRequest, VaultError> {
    let field = |(index, field): (usize, strongroom_api::Text<strongroom_api::documents::Field>)| {
        FieldPath::parse(&field.0.0).ok_or(VaultError::Document(DocumentError::Field(index)))
    };
    Ok(DocumentRequest {
        key: wanted.key.0,
        fields: wanted.fields.0.into_iter().enumerate().map(field).collect::<Result<_, _>>()?,
        context: wanted.context.0,
        document: wanted.document.into_secret(),
    })
}

/// Onto the wire.
fn protected(sealed: SealedDocument) -> ProtectedDocument {
    ProtectedDocument {
        document: JsonDocument::from_json(sealed.document),
        values: sealed.values,
        key_version: sealed.key_version.get(),
    }
}
