//! Whole JSON documents: some of their fields sealed, opened or sealed anew, all or none; the rest keeps its bytes.

mod decrypt;
mod encrypt;
mod reencrypt;

use strongroom_crypto::document_v1::{FieldPath, Selected, select};
use strongroom_domain::{Context, KeyName, KeyVersion, Secret};

use super::crypto::Scheme;
use crate::VaultError;
use crate::registry::Key;

/// A document and the fields of it that are meant.
pub struct DocumentRequest {
    /// The key.
    pub key: KeyName,
    /// Which fields.
    pub fields: Vec<FieldPath>,
    /// What they are bound to, beside their places in the document.
    pub context: Context,
    /// The document, JSON.
    pub document: Secret<String>,
}

/// A document with its fields sealed.
pub struct SealedDocument {
    /// The document. Its other fields are as they were, and may be as secret as before.
    pub document: Secret<String>,
    /// How many values were sealed.
    pub values: usize,
    /// The version of the key that they were sealed with.
    pub key_version: KeyVersion,
}

/// A document with its fields opened.
pub struct OpenedDocument {
    /// The document.
    pub document: Secret<String>,
    /// How many values were opened.
    pub values: usize,
}

impl DocumentRequest {
    #[expect(clippy::disallowed_methods, reason = "the document is looked through and goes nowhere else")]
    fn text(&self) -> &str {
        self.document.expose()
    }

    /// The values that the fields lead to.
    fn select(&self) -> Result<Vec<Selected>, VaultError> {
        Ok(select(self.text(), &self.fields)?)
    }
}

/// A value encrypted in its own format looks like any other: in a document nothing would tell that it is one.
fn scheme_for_documents(key: &Key) -> Result<Scheme<'_>, VaultError> {
    match Scheme::of(key)? {
        Scheme::FormatPreserving(_) => Err(VaultError::KeyPurpose),
        scheme => Ok(scheme),
    }
}
