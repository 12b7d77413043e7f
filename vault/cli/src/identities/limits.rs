//! `strongroom identities limits`

use std::io::{self, Write};

use clap::{Args, Subcommand};
use strongroom_api::Text;
use strongroom_api::identities::{SetVelocityLimits, VelocityLimit, VelocityLimitsView};
use strongroom_domain::{DetokenizationPurpose, ServiceName, VelocityKind};

use super::OneIdentity;
use crate::arguments::{Refusal, text, whole_number};
use crate::failure::Failure;
use crate::output::{Show, Table};
use crate::session::Session;

/// What to do with an identity's limits.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show its own limits and the defaults that bound it otherwise
    Get(OneIdentity),
    /// Give it these limits of its own and no others; none puts it back under the defaults
    Set(SetArguments),
}

/// Which limits, and whose.
#[derive(Debug, Args)]
pub struct SetArguments {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// A limit: what is counted, items and seconds, such as reveal=5000/3600, reveal/refund=50/86400 or search=60/60
    #[arg(long = "limit", value_parser = limit, value_name = "KIND=ITEMS/SECONDS")]
    pub limits: Vec<VelocityLimit>,
}

/// Does it.
pub(super) async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    match command {
        Command::Get(identity) => session.show(&vault.get_velocity_limits(&identity.service).await?),
        Command::Set(SetArguments { service, limits }) => {
            session.show(&vault.set_velocity_limits(&service, &SetVelocityLimits { limits }).await?)
        }
    }
}

fn limit(typed: &str) -> Result<VelocityLimit, Refusal> {
    let refusal = || Refusal("must be KIND=ITEMS/SECONDS, such as reveal/refund=50/86400".to_owned());
    let (scope, rate) = typed.split_once('=').ok_or_else(refusal)?;
    let (items, seconds) = rate.split_once('/').ok_or_else(refusal)?;
    let (kind, purpose) = match scope.split_once('/') {
        Some((kind, purpose)) => (kind, Some(DetokenizationPurpose::parse(purpose).ok_or_else(refusal)?)),
        None => (scope, None),
    };
    Ok(VelocityLimit {
        kind: Text(VelocityKind::parse(kind).ok_or_else(refusal)?),
        purpose: purpose.map(Text),
        items: whole_number::<_, 1, { u32::MAX as u64 }>(items)?,
        window_seconds: whole_number::<_, 1, 2_678_400>(seconds)?,
    })
}

impl Show for VelocityLimitsView {
    fn table(&self) -> Table {
        let own = self.limits.iter().map(|limit| (limit, "its own"));
        let defaults = self.defaults.iter().map(|limit| (limit, "default"));
        let rows: Vec<_> = own.chain(defaults).collect();
        Table::of(&["limit", "items", "seconds", "whose"]).rows(&rows, |(limit, whose)| {
            [scope(limit), limit.items.to_string(), limit.window_seconds.to_string(), (*whose).to_owned()]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.limits
            .iter()
            .try_for_each(|limit| writeln!(out, "{}={}/{}", scope(limit), limit.items, limit.window_seconds))
    }
}

fn scope(limit: &VelocityLimit) -> String {
    match &limit.purpose {
        Some(purpose) => format!("{}/{}", limit.kind.as_str(), purpose.as_str()),
        None => limit.kind.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_typed_as_it_is_shown() {
        for typed in ["reveal=5000/3600", "reveal/refund=50/86400", "search=60/60", "miss=1/1"] {
            let read = limit(typed).unwrap();
            assert_eq!(format!("{}={}/{}", scope(&read), read.items, read.window_seconds), typed);
        }
        for typed in
            ["", "reveal", "reveal=5", "reveal=a/b", "reveal/nothing=1/1", "everything=1/1", "search=-1/1"]
        {
            assert!(limit(typed).is_err(), "{typed}");
        }
    }
}
