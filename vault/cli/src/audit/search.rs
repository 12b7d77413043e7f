//! `strongroom audit search`

use std::io::{self, Write};

use clap::Args;
use strongroom_api::audit::{EventQuery, EventView};
use strongroom_api::{List, Text};
use strongroom_domain::Timestamp;

use crate::arguments::{PageArguments, text};
use crate::failure::Failure;
use crate::output::{Show, Table, cell};
use crate::session::Session;

/// Which events; everything given must match.
#[derive(Debug, Args)]
pub struct Arguments {
    /// From this time on, RFC 3339
    #[arg(long, value_parser = text::<Timestamp>, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Before this time, RFC 3339
    #[arg(long, value_parser = text::<Timestamp>, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// Who acted
    #[arg(long)]
    pub actor: Option<String>,
    /// What was done, such as token.detokenize
    #[arg(long)]
    pub action: Option<String>,
    /// To what
    #[arg(long)]
    pub object: Option<String>,
    /// How it ended: success, or a code
    #[arg(long)]
    pub outcome: Option<String>,
    /// Where a value was sent
    #[arg(long)]
    pub destination: Option<String>,
    /// In which request
    #[arg(long)]
    pub request_id: Option<String>,
    /// Which page.
    #[command(flatten)]
    pub page: PageArguments,
}

/// Finds them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let query = EventQuery {
        from: arguments.from.map(Text),
        to: arguments.to.map(Text),
        actor: arguments.actor,
        action: arguments.action,
        object: arguments.object,
        outcome: arguments.outcome,
        destination: arguments.destination,
        request_id: arguments.request_id,
        limit: arguments.page.limit,
        cursor: arguments.page.cursor,
    };
    let list = session.vault()?.search_audit_events(&query).await?;
    session.show(&list)?;
    session.output().tell_next_page(list.next_cursor.as_deref());
    Ok(())
}

impl Show for List<EventView> {
    fn table(&self) -> Table {
        let columns = [
            "time",
            "actor",
            "action",
            "object",
            "outcome",
            "purpose",
            "destination",
            "count",
            "request_id",
            "place",
        ];
        Table::of(&columns).rows(&self.items, |event| {
            [
                event.time.to_string(),
                event.actor.clone(),
                event.action.clone(),
                cell(event.object.as_ref()),
                event.outcome.clone(),
                cell(event.purpose.as_ref()),
                cell(event.destination.as_ref()),
                event.count.to_string(),
                event.request_id.clone(),
                format!("{}/{}", event.stream, event.sequence),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|event| writeln!(out, "{}/{}", event.stream, event.sequence))
    }
}
