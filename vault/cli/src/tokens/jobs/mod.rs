//! `strongroom tokens jobs`: how far imports and exports are.

use std::io::{self, Write};

use clap::Subcommand;
use strongroom_api::List;
use strongroom_api::jobs::JobView;
use strongroom_domain::JobId;

use crate::arguments::{PageArguments, text};
use crate::failure::Failure;
use crate::output::{Show, Table};
use crate::session::Session;

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the caller's jobs
    List(PageArguments),
    /// Show how far a job is
    Get {
        /// The job
        #[arg(value_parser = text::<JobId>, value_name = "JOB")]
        job: JobId,
    },
    /// Give a job up; what it has done stays done
    Cancel {
        /// The job
        #[arg(value_parser = text::<JobId>, value_name = "JOB")]
        job: JobId,
    },
}

/// Does it.
pub(super) async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    match command {
        Command::List(page) => {
            let jobs = vault.list_jobs(&page.into()).await?;
            session.show(&jobs)?;
            session.output().tell_next_page(jobs.next_cursor.as_deref());
            Ok(())
        }
        Command::Get { job } => session.show(&vault.get_job(&job).await?),
        Command::Cancel { job } => session.show(&vault.cancel_job(&job).await?),
    }
}

impl Show for JobView {
    /// Without the checksum's key: whoever needs it is a program.
    fn table(&self) -> Table {
        Table::about()
            .field("job", self.job.as_str())
            .field("type", self.kind.as_str())
            .field("state", self.state.as_str())
            .field("next part", self.next_part)
            .field("rows", self.rows)
            .optional("created", self.created)
            .optional("existing", self.existing)
            .optional("failed", self.failed)
            .optional("passed over", self.passed_over)
            .optional("receiver", self.receiver.as_deref())
            .field("begun", self.created_at.0)
            .field("last part", self.updated_at.0)
            .optional("ended", self.finished_at.as_ref().map(|time| time.0))
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.job.0)
    }
}

impl Show for List<JobView> {
    fn table(&self) -> Table {
        let columns = ["job", "type", "state", "rows", "failed", "begun", "last part"];
        Table::of(&columns).rows(&self.items, |job| {
            [
                job.job.0.to_string(),
                job.kind.0.to_string(),
                job.state.0.to_string(),
                job.rows.to_string(),
                job.failed.or(job.passed_over).unwrap_or_default().to_string(),
                job.created_at.0.to_string(),
                job.updated_at.0.to_string(),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|job| writeln!(out, "{}", job.job.0))
    }
}
