//! Approvals in a file of the host's operator.
//!
//! Whoever can call the vault cannot write the file, and whoever can write the file, without an identity, cannot call the
//! vault: so far there are two people. What is missing is that the file says who they are; an engine for approvals, with
//! identities of its own and m of n of them, will take this adapter's place.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strongroom_core::ports::{Approval, ApprovalRequest, ApprovalSubject, Approvals};

use crate::config::{PrivateFileError, WhoMayRead, open_private};

/// Longer than a file of approvals that somebody has thought about.
const MAX_BYTES: u64 = 64 * 1024;

/// What the operator agrees to, a line each, read again at each question:
///
/// ```text
/// # tenant, what, and exactly which
/// acme token-export job_0123456789abcdef0123456789abcdef NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
/// acme correlatable-profile loyalty 1000
/// ```
///
/// A line that is taken out is taken back. Whatever is wrong with the file, nothing in it is agreed to.
pub struct OperatorApprovals {
    path: PathBuf,
}

impl OperatorApprovals {
    /// By this file, which need not be there yet. One that is there and that others could write is refused at once.
    pub fn open(path: &Path) -> Result<Self, PrivateFileError> {
        match open_private(path, WhoMayRead::Owner) {
            Ok(_) | Err(PrivateFileError::Unreadable(std::io::ErrorKind::NotFound)) => {
                Ok(Self { path: path.to_owned() })
            }
            Err(error) => Err(error),
        }
    }

    fn read(&self) -> Result<String, PrivateFileError> {
        let file = open_private(&self.path, WhoMayRead::Owner)?;
        let mut text = String::new();
        let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| PrivateFileError::Unreadable(error.kind()))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(PrivateFileError::NotText);
        }
        Ok(text)
    }
}

#[async_trait]
impl Approvals for OperatorApprovals {
    async fn approval(&self, request: &ApprovalRequest<'_>) -> Approval {
        let wanted = line_of(request);
        match self.read() {
            Ok(text) if text.lines().any(|line| line.split_whitespace().eq(wanted.split(' '))) => {
                Approval::Granted
            }
            Ok(_) => Approval::Missing,
            Err(error) => {
                tracing::warn!(%error, "the file of approvals cannot be used; nothing in it is agreed to");
                Approval::Missing
            }
        }
    }
}

/// The line that agrees to exactly this.
fn line_of(request: &ApprovalRequest<'_>) -> String {
    let tenant = request.principal.tenant();
    match request.subject {
        ApprovalSubject::TokenExport { job, receiver } => {
            format!("{tenant} token-export {job} {}", URL_SAFE_NO_PAD.encode(receiver))
        }
        ApprovalSubject::CorrelatableProfile { profile, card_numbers_left } => {
            format!("{tenant} correlatable-profile {profile} {card_numbers_left}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use strongroom_domain::{CertificateSerial, Principal, ProfileName, SpiffeId};

    use super::*;

    const JOB: &str = "job_0123456789abcdef0123456789abcdef";

    fn principal(tenant: &str) -> Principal {
        Principal {
            id: SpiffeId::parse(&format!("spiffe://example.org/tenant/{tenant}/service/mover")).unwrap(),
            certificate: CertificateSerial::from_bytes(&[1]),
        }
    }

    async fn asked(approvals: &OperatorApprovals, tenant: &str, job: &str, receiver: [u8; 32]) -> Approval {
        let subject = ApprovalSubject::TokenExport { job: job.to_owned(), receiver };
        let principal = principal(tenant);
        approvals.approval(&ApprovalRequest { principal: &principal, subject: &subject }).await
    }

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[tokio::test]
    async fn exactly_what_is_named_is_agreed_to_and_read_anew_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("approvals");
        let approvals = OperatorApprovals::open(&path).unwrap();
        assert_eq!(asked(&approvals, "acme", JOB, [7; 32]).await, Approval::Missing);
        let line = format!("acme  token-export {JOB} {}", URL_SAFE_NO_PAD.encode([7; 32]));
        write(&path, &format!("# moved to the other house, agreed on Monday\n\n{line}\n"), 0o600);
        assert_eq!(asked(&approvals, "acme", JOB, [7; 32]).await, Approval::Granted);
        assert_eq!(asked(&approvals, "acme", JOB, [8; 32]).await, Approval::Missing, "another receiver");
        assert_eq!(asked(&approvals, "globex", JOB, [7; 32]).await, Approval::Missing, "another tenant");
        let other = JOB.replace('0', "1");
        assert_eq!(asked(&approvals, "acme", &other, [7; 32]).await, Approval::Missing, "another job");
        for wrong in [
            format!("# {line}"),
            format!("{line} and more"),
            line.replace("token-export", "*"),
            String::new(),
        ] {
            write(&path, &wrong, 0o600);
            assert_eq!(asked(&approvals, "acme", JOB, [7; 32]).await, Approval::Missing, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_file_that_others_could_have_written_agrees_to_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("approvals");
        let approvals = OperatorApprovals::open(&path).unwrap();
        let line = format!("acme token-export {JOB} {}\n", URL_SAFE_NO_PAD.encode([7; 32]));
        for (mode, expected) in [
            (0o600, Approval::Granted),
            (0o400, Approval::Granted),
            (0o620, Approval::Missing),
            (0o606, Approval::Missing),
        ] {
            write(&path, &line, mode);
            assert_eq!(asked(&approvals, "acme", JOB, [7; 32]).await, expected, "{mode:o}");
        }
        assert!(OperatorApprovals::open(&path).is_err());
        write(&path, &"#".repeat(70_000), 0o600);
        assert_eq!(asked(&approvals, "acme", JOB, [7; 32]).await, Approval::Missing);
    }

    #[tokio::test]
    async fn a_profile_is_agreed_to_with_its_arithmetic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("approvals");
        write(&path, "acme correlatable-profile loyalty 1000\n", 0o400);
        let approvals = OperatorApprovals::open(&path).unwrap();
        for (card_numbers_left, expected) in [(1000, Approval::Granted), (999, Approval::Missing)] {
            let profile = ProfileName::parse("loyalty").unwrap();
            let subject = ApprovalSubject::CorrelatableProfile { profile, card_numbers_left };
            let principal = principal("acme");
            let request = ApprovalRequest { principal: &principal, subject: &subject };
            assert_eq!(approvals.approval(&request).await, expected);
        }
    }
}
