use async_trait::async_trait;
use strongroom_domain::{Principal, ProfileName};

/// What one person alone must not bring about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalSubject {
    /// A token profile whose readable columns leave few card numbers that a token may stand for.
    CorrelatableProfile {
        /// The profile's name.
        profile: ProfileName,
        /// How many card numbers would be left.
        card_numbers_left: u64,
    },
    /// Values of many tokens leave for the holder of a key.
    TokenExport {
        /// The job, as in URLs.
        job: String,
        /// RFC 7638 thumbprint of the receiver's public key, so that another key needs an approval of its own.
        receiver: [u8; 32],
    },
}

/// What somebody other than the caller has to agree to.
#[derive(Debug, Clone, Copy)]
pub struct ApprovalRequest<'a> {
    /// Who asks. Nobody approves a request of their own.
    pub principal: &'a Principal,
    /// What for.
    pub subject: &'a ApprovalSubject,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Somebody else has agreed to exactly this.
    Granted,
    /// Nobody has, so far.
    Missing,
}

/// Dual control. Whatever cannot say for certain that somebody agreed says [`Approval::Missing`].
#[async_trait]
pub trait Approvals: Send + Sync + 'static {
    /// Whether somebody other than the caller has agreed.
    async fn approval(&self, request: &ApprovalRequest<'_>) -> Approval;
}

/// Nobody agrees to anything: what a vault has that was not told who may approve.
pub struct NoApprovals;

#[async_trait]
impl Approvals for NoApprovals {
    async fn approval(&self, _request: &ApprovalRequest<'_>) -> Approval {
        Approval::Missing
    }
}
