//! How identities look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::identities::{GrantView, IdentityView};

use crate::output::{Show, Table, cell};

impl Show for IdentityView {
    fn table(&self) -> Table {
        Table::about()
            .field("service", &self.service.0)
            .field("spiffe_id", &self.spiffe_id.0)
            .field("reason", &self.reason)
            .field("created_at", self.created_at.0)
            .field("created_by", &self.created_by)
            .optional("expires_at", self.expires_at.map(|time| time.0))
            .optional("disabled_at", self.disabled_at.map(|time| time.0))
            .optional("last_used_at", self.last_used_at.map(|time| time.0))
            .rows(&self.grants, |grant| [grant.id.clone(), in_a_line(grant)])
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.service.0)
    }
}

impl Show for List<IdentityView> {
    fn table(&self) -> Table {
        let columns = ["service", "roles", "created_at", "expires_at", "disabled_at", "last_used_at"];
        Table::of(&columns).rows(&self.items, |identity| {
            let held = identity.grants.iter().filter(|grant| grant.revoked_at.is_none());
            let roles: Vec<_> = held.map(|grant| grant.role.as_str()).collect();
            [
                identity.service.to_string(),
                cell(Some(roles.join(", ")).filter(|roles| !roles.is_empty())),
                identity.created_at.to_string(),
                cell(identity.expires_at.map(|time| time.0)),
                cell(identity.disabled_at.map(|time| time.0)),
                cell(identity.last_used_at.map(|time| time.0)),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|identity| identity.write_quiet(out))
    }
}

fn in_a_line(grant: &GrantView) -> String {
    let mut line = format!("{} since {} by {}", grant.role.as_str(), grant.granted_at.0, grant.granted_by);
    if let Some(time) = grant.expires_at {
        line.push_str(&format!(", until {}", time.0));
    }
    if let Some(time) = grant.revoked_at {
        line.push_str(&format!(", revoked {}", time.0));
    }
    line
}
