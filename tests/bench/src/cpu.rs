//! What a process has used.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Ticks a second in `/proc`: fixed at 100 by the kernel's interface.
const TICKS: u64 = 100;

/// CPU time of a process so far, user and system.
pub(crate) fn used(process: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).ok_or("unreadable /proc");
    let sum = ticks(11)? + ticks(12)?;
    Ok(Duration::from_millis(sum * 1000 / TICKS))
}

/// Resident memory of a process, bytes.
pub(crate) fn resident(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
    Ok(kib * 1024)
}
