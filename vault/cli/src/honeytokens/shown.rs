//! How honeytokens look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::honeytokens::HoneytokenView;

use crate::output::{Show, Table, cell};

impl Show for HoneytokenView {
    fn table(&self) -> Table {
        Table::about()
            .field("id", &self.id)
            .field("reason", &self.reason)
            .field("created_at", self.created_at.0)
            .field("created_by", &self.created_by)
            .optional("withdrawn_at", self.withdrawn_at.map(|time| time.0))
            .optional("withdrawn_by", self.withdrawn_by.as_ref())
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.id)
    }
}

impl Show for List<HoneytokenView> {
    fn table(&self) -> Table {
        Table::of(&["id", "reason", "created_at", "withdrawn_at"]).rows(&self.items, |honeytoken| {
            [
                honeytoken.id.clone(),
                honeytoken.reason.clone(),
                honeytoken.created_at.to_string(),
                cell(honeytoken.withdrawn_at.map(|time| time.0)),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|honeytoken| honeytoken.write_quiet(out))
    }
}
