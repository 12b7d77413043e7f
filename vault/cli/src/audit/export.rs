//! `strongroom audit export`

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use strongroom_client::AuditExport;

use crate::failure::Failure;
use crate::output::{NewFile, closed};
use crate::progress::Progress;
use crate::session::Session;

/// Where to.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File to write; - for standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// Writes it away. A file stands under its name only once all of it is there.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let path = arguments.out.as_path();
    let progress = Progress::of_bytes(None, session.output().style());
    if path == Path::new("-") {
        let export = session.patient_vault()?.export_audit().await?;
        return copy(export, &mut io::stdout(), &closed, &progress).await.map(drop);
    }
    let mut file = NewFile::create(path, arguments.force)?;
    let export = session.patient_vault()?.export_audit().await?;
    let failed = |error: io::Error| Failure::file(path, &error);
    let bytes = copy(export, &mut file, &failed, &progress).await?;
    file.finish()?;
    progress.clear();
    session.output().note(&format!("exported: {bytes} bytes; verify them with: strongroom audit verify"));
    Ok(())
}

async fn copy(
    mut export: AuditExport,
    out: &mut impl Write,
    failed: &impl Fn(io::Error) -> Failure,
    progress: &Progress,
) -> Result<u64, Failure> {
    let mut bytes = 0;
    while let Some(part) = export.next_part().await? {
        out.write_all(&part).map_err(failed)?;
        bytes += part.len() as u64;
        progress.at(bytes);
    }
    out.flush().map_err(failed)?;
    Ok(bytes)
}
