use strongroom_domain::{Action, ProfileName, TenantId};

use super::ProfileView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// What a token profile says.
    pub async fn get_profile(&self, call: &Call, name: &ProfileName) -> Result<ProfileView, VaultError> {
        run(&self.core, call, &GetProfile { tenant: call.principal.tenant(), name }).await
    }
}

struct GetProfile<'a> {
    tenant: &'a TenantId,
    name: &'a ProfileName,
}

impl Operation for GetProfile<'_> {
    type Output = ProfileView;

    const ACTION: Action = Action::ProfileGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.name)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<ProfileView>, VaultError> {
        let snapshot = core.snapshot();
        let mut profiles = snapshot.tenant(self.tenant)?.profiles();
        let row = profiles.find(|row| row.profile.name == *self.name).ok_or(VaultError::NotFound)?;
        Ok(Prepared::reading(ProfileView::of(row), self.subject()))
    }
}
