//! How keys look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::crypto::{JwkSet, PublicKeyView};
use strongroom_api::keys::KeyView;

use crate::output::{Show, Table};

impl Show for KeyView {
    fn table(&self) -> Table {
        Table::about()
            .field("name", &self.name.0)
            .field("id", self.id.0)
            .field("purpose", self.purpose.as_str())
            .field("protection", self.protection.as_str())
            .field("rotation_days", self.rotation_days)
            .field("created_at", self.created_at.0)
            .field("current_version", self.current_version)
            .rows(&self.versions, |version| {
                let state = version.state.as_str();
                [
                    format!("version {}", version.version),
                    format!("{state} since {}", version.state_changed_at.0),
                ]
            })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.name.0)
    }
}

impl Show for List<KeyView> {
    fn table(&self) -> Table {
        let columns = ["name", "purpose", "protection", "version", "rotation_days", "created_at"];
        Table::of(&columns).rows(&self.items, |key| {
            [
                key.name.to_string(),
                key.purpose.as_str().to_owned(),
                key.protection.as_str().to_owned(),
                key.current_version.to_string(),
                key.rotation_days.to_string(),
                key.created_at.to_string(),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|key| key.write_quiet(out))
    }
}

impl Show for List<PublicKeyView> {
    fn table(&self) -> Table {
        Table::of(&["version", "state", "algorithm", "pem"]).rows(&self.items, |key| {
            let state = key.state.as_str().to_owned();
            [key.key_version.to_string(), state, key.algorithm.clone(), key.pem.clone()]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|key| write!(out, "{}", key.pem))
    }
}

impl Show for JwkSet {
    fn table(&self) -> Table {
        Table::of(&["kid", "use", "alg"])
            .rows(&self.keys, |key| [key.kid.clone(), key.key_use.clone(), key.alg.clone()])
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", serde_json::to_string(self)?)
    }
}
