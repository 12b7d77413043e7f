//! How encryption keys look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::encryption_keys::EncryptionKeyView;

use crate::output::{Show, Table, cell};

impl Show for EncryptionKeyView {
    fn table(&self) -> Table {
        Table::about()
            .field("kid", &self.kid.0)
            .field("reason", &self.reason)
            .field("created_at", self.created_at.0)
            .field("created_by", &self.created_by)
            .optional("expires_at", self.expires_at.map(|time| time.0))
            .optional("revoked_at", self.revoked_at.map(|time| time.0))
            .optional("revoked_by", self.revoked_by.as_ref())
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.kid.0)
    }
}

impl Show for List<EncryptionKeyView> {
    fn table(&self) -> Table {
        Table::of(&["kid", "created_at", "expires_at", "revoked_at", "reason"]).rows(&self.items, |key| {
            [
                key.kid.to_string(),
                key.created_at.to_string(),
                cell(key.expires_at.map(|time| time.0)),
                cell(key.revoked_at.map(|time| time.0)),
                key.reason.clone(),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|key| key.write_quiet(out))
    }
}
