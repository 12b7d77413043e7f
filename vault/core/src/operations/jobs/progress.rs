//! What of a job is sealed: what it was asked to do, and where it goes on.

use std::time::Duration;

use strongroom_crypto::fields_v1;
use strongroom_crypto::jwe::PublicJwk;
use strongroom_crypto::row_checksum_v1::{RowChecksum, RowChecksumKey};
use strongroom_domain::{DetokenizationPurpose, LineFormat, ProfileName, Secret, Timestamp, Token};

use crate::VaultError;
use crate::ports::store::TokenCursor;

/// All of it.
pub(super) struct Progress {
    /// The key of the checksum, known to both sides.
    pub(super) checksum_key: Secret<[u8; 32]>,
    /// Over the rows so far.
    pub(super) checksum: RowChecksum,
    pub(super) work: Work,
}

/// What is done.
pub(super) enum Work {
    Import {
        terms: ImportTerms,
        /// Lines of the file before the next part.
        lines: u64,
    },
    Export {
        terms: ExportTerms,
        /// The last token that was looked at.
        after: Option<TokenCursor>,
        /// Whether the last part has been made.
        is_drained: bool,
    },
}

/// What is asked for every line of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportTerms {
    /// How the lines are written.
    pub format: LineFormat,
    /// The columns of CSV, in their order; none for other formats.
    pub columns: Vec<String>,
    /// The token profile.
    pub profile: ProfileName,
    /// How long the tokens live, if shorter than the profile says.
    pub ttl: Option<Duration>,
    /// Whether revealing a value uses its token up.
    pub single_use: bool,
}

/// What leaves, what for and for whom.
#[derive(Clone)]
pub(super) struct ExportTerms {
    pub(super) receiver: PublicJwk,
    pub(super) purpose: DetokenizationPurpose,
    pub(super) profile: Option<ProfileName>,
    pub(super) created_from: Option<Timestamp>,
    pub(super) created_to: Timestamp,
}

impl Progress {
    pub(super) fn rows(&self) -> RowChecksumKey {
        RowChecksumKey::new(&self.checksum_key)
    }

    pub(super) fn encode(&self) -> Result<Secret<Vec<u8>>, VaultError> {
        let mut texts: Vec<(&str, String)> = Vec::with_capacity(10);
        match &self.work {
            Work::Import { terms, lines } => {
                texts.push(("columns", terms.columns.join("\n")));
                texts.push(("format", terms.format.as_str().to_owned()));
                texts.push(("lines", lines.to_string()));
                texts.push(("profile", terms.profile.as_str().to_owned()));
                texts.push(("single_use", u8::from(terms.single_use).to_string()));
                texts.extend(terms.ttl.map(|ttl| ("ttl", ttl.as_secs().to_string())));
            }
            Work::Export { terms, after, is_drained } => {
                if let Some(after) = after {
                    texts.push(("after_time", after.at.unix_millis().to_string()));
                    texts.push(("after_token", after.token.as_str().to_owned()));
                }
                texts.extend(terms.created_from.map(|from| ("created_from", from.unix_millis().to_string())));
                texts.push(("created_to", terms.created_to.unix_millis().to_string()));
                texts.push(("is_drained", u8::from(*is_drained).to_string()));
                texts.extend(terms.profile.as_ref().map(|name| ("profile", name.as_str().to_owned())));
                texts.push(("purpose", terms.purpose.as_str().to_owned()));
                texts.push(("receiver", terms.receiver.to_string()));
            }
        }
        #[expect(clippy::disallowed_methods, reason = "the key goes into the seal and nowhere else")]
        let key = self.checksum_key.expose();
        let mut fields: Vec<(&str, &[u8])> =
            vec![("checksum", self.checksum.as_bytes()), ("checksum_key", key)];
        fields.extend(texts.iter().map(|(name, text)| (*name, text.as_bytes())));
        fields.sort_unstable_by_key(|(name, _)| *name);
        fields_v1::encode(&fields).map_err(|_| VaultError::Internal("a job could not be encoded"))
    }

    /// Whatever is wrong with it, it was not written here: what is sealed is authentic.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let fields = fields_v1::decode(bytes).ok()?;
        let find = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let text = |name: &str| find(name).and_then(|value| std::str::from_utf8(value).ok());
        let flag = |name: &str| Some(text(name)? == "1");
        let time = |text: &str| text.parse().ok().map(Timestamp::from_unix_millis);
        let profile = |text: &str| ProfileName::parse(text).ok();
        let work = if let Some(receiver) = find("receiver") {
            let after = match (text("after_time"), text("after_token")) {
                (Some(at), Some(token)) => {
                    Some(TokenCursor { at: time(at)?, token: Token::parse(token).ok()? })
                }
                _ => None,
            };
            let terms = ExportTerms {
                receiver: PublicJwk::parse(receiver).ok()?,
                purpose: DetokenizationPurpose::parse(text("purpose")?)?,
                profile: text("profile").and_then(profile),
                created_from: text("created_from").and_then(time),
                created_to: time(text("created_to")?)?,
            };
            Work::Export { terms, after, is_drained: flag("is_drained")? }
        } else {
            let columns = text("columns")?.split('\n').filter(|name| !name.is_empty());
            let terms = ImportTerms {
                format: LineFormat::parse(text("format")?)?,
                columns: columns.map(str::to_owned).collect(),
                profile: profile(text("profile")?)?,
                ttl: text("ttl").and_then(|text| text.parse().ok()).map(Duration::from_secs),
                single_use: flag("single_use")?,
            };
            Work::Import { terms, lines: text("lines")?.parse().ok()? }
        };
        Some(Self {
            checksum_key: Secret::new(find("checksum_key")?.try_into().ok()?),
            checksum: RowChecksum::from_bytes(find("checksum")?.try_into().ok()?),
            work,
        })
    }
}
