use strongroom_domain::{Action, DetokenizationPurpose, Principal, Reveal, RoleSet};

/// What is asked, with everything the rules may look at.
#[derive(Debug, Clone, Copy)]
pub struct AccessRequest<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The roles it holds at this moment, expired and revoked grants already left out.
    pub roles: RoleSet,
    /// What it wants to do.
    pub action: Action,
    /// For detokenization: what for.
    pub purpose: Option<DetokenizationPurpose>,
    /// For detokenization: how much.
    pub reveal: Option<Reveal>,
    /// For a grant: the role to be granted.
    pub granted: Option<strongroom_domain::Role>,
    /// For identities and grants: whether the object is the caller itself.
    pub concerns_itself: bool,
}

/// What the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A rule permits it and none forbids it.
    Allow,
    /// No rule permits it, one forbids it, or a rule could not be evaluated.
    Deny,
    /// The role may do this, but not for the stated purpose or to that extent.
    DenyPurpose,
}

/// Decides. Called on every request: must be fast and never block.
pub trait Policy: Send + Sync + 'static {
    /// Decides one request.
    fn decide(&self, request: &AccessRequest<'_>) -> Decision;

    /// Names the rules in force: a hash of schema and rules, for status and evidence.
    fn fingerprint(&self) -> &str;
}
