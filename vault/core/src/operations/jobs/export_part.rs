use strongroom_crypto::fields_v1;
use strongroom_crypto::row_checksum_v1::RowChecksum;
use strongroom_domain::{
    Action, DetokenizationPurpose, JobId, JobState, KeyPurpose, Principal, Reveal, Secret, TenantId, Value,
};

use super::progress::{ExportTerms, Work};
use super::running::Job;
use super::{MOST_ROWS, part};
use crate::audit::EventDraft;
use crate::operations::tokens::{TokenView, check_live, open_metadata, open_value};
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::ports::store::{TokenCursor, TokenFilter, TokenRow};
use crate::ports::{Approval, ApprovalRequest, ApprovalSubject};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A token on its way out.
pub struct ExportedToken {
    /// Its place in the export, from 1.
    pub row: u64,
    /// What is known of it.
    pub view: TokenView,
    /// The value.
    pub value: Value,
}

/// A part before it is encrypted to the receiver.
pub struct ExportPart<'a> {
    /// Of which job.
    pub job: &'a JobId,
    /// Which part, from 0.
    pub part: u32,
    /// The tokens.
    pub rows: &'a [ExportedToken],
    /// The key of the checksum.
    pub checksum_key: &'a Secret<[u8; 32]>,
    /// With the last part: rows of the whole export and the checksum over them.
    pub total: Option<(u64, RowChecksum)>,
}

/// A part as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPart {
    /// Of which job.
    pub job: JobId,
    /// Which part.
    pub part: u32,
    /// How many tokens are in it.
    pub rows: u32,
    /// Whether it is the last one.
    pub is_last: bool,
    /// The rows, for the receiver alone (`jwe`).
    pub jwe: String,
}

impl Vault {
    /// One part of an export. `render` writes it down before it is encrypted. The same part again is the same ciphertext.
    pub async fn export_part(
        &self,
        call: &Call,
        job: &JobId,
        part: u32,
        purpose: DetokenizationPurpose,
        render: impl Fn(&ExportPart<'_>) -> Result<Secret<Vec<u8>>, VaultError> + Send + Sync,
    ) -> Result<ExportedPart, VaultError> {
        run(&self.core, call, &Export { principal: &call.principal, job, part, purpose, render }).await
    }
}

struct Export<'a, W> {
    principal: &'a Principal,
    job: &'a JobId,
    part: u32,
    purpose: DetokenizationPurpose,
    render: W,
}

/// Sealed bytes after which a part ends: written as JSON, a value grows sixfold at the worst, and must then still have
/// room in a JWE.
const MOST_SEALED: usize = 512 * 1024;
/// Pages looked at for one part, whether or not their tokens can leave: bounds how long it takes.
const PAGES: usize = 16;

impl<W> Operation for Export<'_, W>
where
    W: Fn(&ExportPart<'_>) -> Result<Secret<Vec<u8>>, VaultError> + Send + Sync,
{
    type Output = ExportedPart;

    const ACTION: Action = Action::TokenExport;

    fn access(&self) -> Access {
        Access { purpose: Some(self.purpose), reveal: Some(Reveal::Full), ..Access::default() }
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.job).purpose(Some(self.purpose)).reveal(Some(Reveal::Full))
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<ExportedPart>, VaultError> {
        let mut job = Job::find(core, self.principal, self.job).await?;
        let Work::Export { terms, after, is_drained } = &job.progress.work else {
            return Err(VaultError::JobState("the job is no export"));
        };
        job.check_running()?;
        if terms.purpose != self.purpose {
            return Err(VaultError::PurposeDenied);
        }
        self.require_approval(core, terms).await?;
        if let Some(kept) = part::answered(core, &job, self.part, b"").await? {
            let exported = self.kept(&kept)?;
            let event = self.subject().count(exported.rows as usize).row_version(job.row.row_version);
            return Ok(Prepared::reading(exported, event));
        }
        if *is_drained {
            return Err(VaultError::JobState("the export has no more parts"));
        }
        let terms = terms.clone();
        let gathered = self.gather(core, &terms, after.clone()).await?;
        let (rows, events) = self.open(core, &gathered, job.row.rows).await?;
        let exported = self.advance(core, &mut job, &terms, gathered, &rows)?;
        let mut effects = vec![job.revise(core).await?];
        effects.extend(part::keep(core, &job, self.part, b"", &exported.kept()?).await?);
        let own = self.subject().count(rows.len()).row_version(job.row.row_version);
        let events = std::iter::once(own).chain(events).collect();
        Ok(Prepared { output: exported, effects, events, on_commit: None })
    }
}

/// Rows of the database that go into a part.
struct Gathered {
    rows: Vec<TokenRow>,
    /// Asked for, and without a value that could leave.
    passed_over: u64,
    after: Option<TokenCursor>,
    is_drained: bool,
}

impl<W> Export<'_, W>
where
    W: Fn(&ExportPart<'_>) -> Result<Secret<Vec<u8>>, VaultError> + Send + Sync,
{
    /// Each time, and not only the first: what was agreed to may be taken back.
    async fn require_approval(&self, core: &Core, terms: &ExportTerms) -> Result<(), VaultError> {
        let subject = ApprovalSubject::TokenExport {
            job: self.job.as_str().to_owned(),
            receiver: terms.receiver.thumbprint_bytes(),
        };
        let request = ApprovalRequest { principal: self.principal, subject: &subject };
        match core.approvals().approval(&request).await {
            Approval::Granted => Ok(()),
            Approval::Missing => Err(VaultError::ApprovalRequired(format!(
                "an export lets values leave the vault: {} for the key {}",
                self.job,
                terms.receiver.thumbprint()
            ))),
        }
    }

    fn tenant(&self) -> &TenantId {
        self.principal.tenant()
    }

    /// The next tokens that were asked for.
    async fn gather(
        &self,
        core: &Core,
        terms: &ExportTerms,
        after: Option<TokenCursor>,
    ) -> Result<Gathered, VaultError> {
        let now = core.clock().now();
        let filter = TokenFilter {
            profile: terms.profile.clone(),
            created_from: terms.created_from,
            created_to: Some(terms.created_to),
            ..TokenFilter::default()
        };
        let mut gathered = Gathered { rows: Vec::new(), passed_over: 0, after, is_drained: false };
        let (mut sealed, page) = (0, u32::try_from(MOST_ROWS).unwrap_or(u32::MAX));
        for _ in 0..PAGES {
            let after = gathered.after.as_ref();
            let rows = core.store().list_tokens(self.tenant(), &filter, after, page).await?;
            gathered.is_drained = rows.len() < MOST_ROWS;
            for row in rows {
                let size = sealed_size(&row);
                let can_leave =
                    row.envelope.is_some() && row.max_uses.is_none() && check_live(&row, now).is_ok();
                let is_full = gathered.rows.len() == MOST_ROWS || (sealed + size > MOST_SEALED && sealed > 0);
                if can_leave && is_full {
                    gathered.is_drained = false;
                    return Ok(gathered);
                }
                gathered.after = Some(filter.position(&row));
                if can_leave {
                    sealed += size;
                    gathered.rows.push(row);
                } else {
                    gathered.passed_over = gathered.passed_over.saturating_add(1);
                }
            }
            if gathered.is_drained {
                break;
            }
        }
        Ok(gathered)
    }

    /// Opens the values; each has a record of its own.
    async fn open(
        &self,
        core: &Core,
        gathered: &Gathered,
        rows_before: u64,
    ) -> Result<(Vec<ExportedToken>, Vec<EventDraft>), VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant())?.built_in_key(KeyPurpose::Tokenization)?;
        let mut tokens = Vec::with_capacity(gathered.rows.len());
        let mut events = Vec::with_capacity(gathered.rows.len());
        for (row, number) in gathered.rows.iter().zip(rows_before.saturating_add(1)..) {
            let value = open_value(core, &snapshot, key, row).await?;
            let metadata = open_metadata(core, &snapshot, key, row).await?;
            tokens.push(ExportedToken { row: number, view: TokenView::of(row, metadata, None), value });
            let event = self.subject().object(&row.token).profile(&row.profile);
            events.push(event.row_version(row.row_version));
        }
        Ok((tokens, events))
    }

    /// Takes the rows into the count and the checksum, and encrypts them.
    fn advance(
        &self,
        core: &Core,
        job: &mut Job,
        terms: &ExportTerms,
        gathered: Gathered,
        rows: &[ExportedToken],
    ) -> Result<ExportedPart, VaultError> {
        let key = job.progress.rows();
        for token in rows {
            let code = key.value(token.row, token.view.token.as_str(), &token.value);
            job.progress.checksum = job.progress.checksum.and(code);
        }
        job.row.rows = job.row.rows.saturating_add(rows.len() as u64);
        job.row.failed = job.row.failed.saturating_add(gathered.passed_over);
        job.row.next_part = self.part.saturating_add(1);
        job.row.state = JobState::Open;
        let is_last = gathered.is_drained;
        if let Work::Export { after, is_drained, .. } = &mut job.progress.work {
            (*after, *is_drained) = (gathered.after, is_last);
        }
        let plain = (self.render)(&ExportPart {
            job: self.job,
            part: self.part,
            rows,
            checksum_key: &job.progress.checksum_key,
            total: is_last.then_some((job.row.rows, job.progress.checksum)),
        })?;
        let entropy = Secret::build([0; 32], |bytes| core.entropy().fill(bytes))?;
        #[expect(clippy::disallowed_methods, reason = "encrypted to the receiver")]
        let jwe = terms
            .receiver
            .seal_long(&entropy, plain.expose())
            .map_err(|_| VaultError::Internal("a part of an export is too long"))?;
        let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        Ok(ExportedPart { job: self.job.clone(), part: self.part, rows, is_last, jwe })
    }

    fn kept(&self, kept: &Secret<Vec<u8>>) -> Result<ExportedPart, VaultError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "what was encrypted to the receiver when the part was made"
        )]
        let exported = ExportedPart::read(self.job, self.part, kept.expose());
        exported.ok_or(VaultError::IntegrityFailure)
    }
}

impl ExportedPart {
    /// In the form in which it is kept, sealed, to be given again.
    fn kept(&self) -> Result<Vec<u8>, VaultError> {
        let (is_last, rows) = ([u8::from(self.is_last)], self.rows.to_be_bytes());
        let fields: [(&str, &[u8]); 3] =
            [("is_last", &is_last), ("jwe", self.jwe.as_bytes()), ("rows", &rows)];
        let kept =
            fields_v1::encode(&fields).map_err(|_| VaultError::Internal("a part could not be encoded"))?;
        #[expect(clippy::disallowed_methods, reason = "encrypted to the receiver already")]
        Ok(kept.expose().clone())
    }

    fn read(job: &JobId, part: u32, bytes: &[u8]) -> Option<Self> {
        let fields = fields_v1::decode(bytes).ok()?;
        let find = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        Some(Self {
            job: job.clone(),
            part,
            rows: u32::from_be_bytes(find("rows")?.try_into().ok()?),
            is_last: find("is_last")? == [1],
            jwe: std::str::from_utf8(find("jwe")?).ok()?.to_owned(),
        })
    }
}

fn sealed_size(row: &TokenRow) -> usize {
    // What stands around the values is of about this size.
    const AROUND: usize = 256;
    let names = row.aliases.iter().map(|alias| alias.as_str().len());
    let names: usize = names.chain(row.tags.iter().map(|tag| tag.as_str().len())).sum();
    AROUND
        + names
        + row.envelope.as_ref().map_or(0, Vec::len)
        + row.metadata_envelope.as_ref().map_or(0, Vec::len)
}
