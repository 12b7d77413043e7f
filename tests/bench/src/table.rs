//! The table.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;

/// One figure beside its floor.
pub(crate) struct Row {
    pub(crate) work: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    pub(crate) floor: f64,
    pub(crate) target: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) cpu_per_request: Duration,
}

/// Prints the table and, if asked, appends it to the results.
pub(crate) fn show(rows: &[Row], resident: u64, results: Option<&Path>) -> Outcome<()> {
    let text = render(rows, resident);
    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    {
        println!("{text}");
    }
    if let Some(path) = results {
        OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn render(rows: &[Row], resident: u64) -> String {
    let date = time::OffsetDateTime::now_utc().date();
    let mut text = format!(
        "\n## {date}, commit {}, {}\n\n| work (SQLite) | ours | floor | unit | ratio | target | p50 ms | p99 ms | vault CPU a request µs |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        commit(),
        machine(),
    );
    for row in rows {
        let ratio = row.ours / row.floor;
        let met = if ratio >= row.target { "met" } else { "missed" };
        text.push_str(&format!(
            "| {} | {:.0} | {:.0} | {} | {ratio:.2} | {:.2} {met} | {:.2} | {:.2} | {:.0} |\n",
            row.work,
            row.ours,
            row.floor,
            row.unit,
            row.target,
            row.p50.as_secs_f64() * 1e3,
            row.p99.as_secs_f64() * 1e3,
            row.cpu_per_request.as_secs_f64() * 1e6,
        ));
    }
    text.push_str(&format!("\nResident memory of the vault after the run: {} MiB.\n", resident >> 20));
    text
}

fn commit() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    output.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default().trim().to_owned()
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    format!("{cores} cores,{}", model.trim_start_matches(['\t', ':']))
}
