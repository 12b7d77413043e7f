//! `strongroom grants`

use std::io::{self, Write};

use clap::{Args, Subcommand};
use strongroom_api::Text;
use strongroom_api::identities::{CreateGrant, GrantView, Reason};
use strongroom_domain::{Role, ServiceName, Timestamp};

use crate::arguments::{Refusal, one_of, reason, text};
use crate::failure::Failure;
use crate::output::{Show, Table};
use crate::session::Session;

/// What to do with grants.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Appoint an identity to a role
    Create(CreateArguments),
    /// End an appointment
    Revoke(RevokeArguments),
}

/// Whom to appoint to what.
#[derive(Debug, Args)]
pub struct CreateArguments {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// The role; data roles and administration roles exclude each other
    #[arg(long, value_parser = one_of!(Role))]
    pub role: Role,
    /// Let values leave encrypted to one of the identity's keys only; for the role detokenizer
    #[arg(long)]
    pub encrypted_only: bool,
    /// Why, for those who review it later
    #[arg(long, value_parser = reason, value_name = "TEXT")]
    pub reason: Reason,
    /// From when on it no longer holds, RFC 3339
    #[arg(long, value_parser = text::<Timestamp>, value_name = "TIME")]
    pub expires_at: Option<Timestamp>,
}

/// Which appointment.
#[derive(Debug, Args)]
pub struct RevokeArguments {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// The grant, as shown with the identity
    #[arg(value_parser = grant_id)]
    pub grant: String,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => {
            let request = CreateGrant {
                role: Text(arguments.role),
                encrypted_only: arguments.encrypted_only,
                reason: arguments.reason,
                expires_at: arguments.expires_at.map(Text),
            };
            session.show(&session.vault()?.create_grant(&arguments.service, &request).await?)
        }
        Command::Revoke(arguments) => {
            session.show(&session.vault()?.revoke_grant(&arguments.service, &arguments.grant).await?)
        }
    }
}

fn grant_id(typed: &str) -> Result<String, Refusal> {
    let hexadecimal = |digits: &str| {
        digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match typed.strip_prefix("grt_") {
        Some(digits) if hexadecimal(digits) => Ok(typed.to_owned()),
        _ => Err(Refusal("must be grt_ and 16 hexadecimal digits".to_owned())),
    }
}

impl Show for GrantView {
    fn table(&self) -> Table {
        Table::about()
            .field("id", &self.id)
            .field("role", self.role.as_str())
            .optional("values", self.encrypted_only.then_some("encrypted only"))
            .field("reason", &self.reason)
            .field("granted_at", self.granted_at.0)
            .field("granted_by", &self.granted_by)
            .optional("expires_at", self.expires_at.map(|time| time.0))
            .optional("revoked_at", self.revoked_at.map(|time| time.0))
            .optional("revoked_by", self.revoked_by.as_ref())
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_named_by_its_id() {
        assert!(grant_id("grt_0123456789abcdef").is_ok());
        for typed in ["", "grt_", "grt_0123456789ABCDEF", "grt_0123456789abcde/", "0123456789abcdef"] {
            assert!(grant_id(typed).is_err(), "{typed}");
        }
    }
}
