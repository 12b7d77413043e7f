//! On what, and of what, the figures are.

use std::fs;
use std::process::Command;

/// Date, commit and machine in a line.
pub(crate) fn described() -> String {
    let date = time::OffsetDateTime::now_utc().date();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{date}, commit {}, {cores} cores, {}, Linux {}", commit(), processor(), kernel.trim())
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown processor", |rest| rest.trim_start_matches(['\t', ' ', ':'])).to_owned()
}

/// The commit, marked if what was built may differ from it. What is recorded here is not built.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
    };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!tests/bench/RESULTS.md"])
            .is_some_and(|text| !text.is_empty());
    let mark = if changed { " with changes" } else { "" };
    format!("{}{mark}", git(&["rev-parse", "--short", "HEAD"]).unwrap_or_default())
}
