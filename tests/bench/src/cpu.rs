//! What processes have used, from `/proc`.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Ticks a second in `/proc`: fixed at 100 by the kernel's interface.
const TICKS: u64 = 100;

struct Stat {
    parent: u32,
    /// Of the process itself, user and system.
    own: u64,
    /// Of its children that have ended and were waited for.
    ended_children: u64,
}

/// CPU time of a process so far, user and system.
pub(crate) fn of_process(process: u32) -> Outcome<Duration> {
    Ok(from_ticks(stat(process)?.own))
}

/// CPU time so far of a process, its children that live and those that have ended: a database server that gives each
/// connection a process of its own.
pub(crate) fn of_family(process: u32) -> Outcome<Duration> {
    let parent = stat(process)?;
    let children: u64 = children(process)?.filter_map(|child| stat(child).ok()).map(|child| child.own).sum();
    Ok(from_ticks(parent.own + parent.ended_children + children))
}

/// Memory of a process and its children, bytes, what they share counted once (PSS).
pub(crate) fn memory_of_family(process: u32) -> Outcome<u64> {
    let family = std::iter::once(process).chain(children(process)?);
    Ok(family.filter_map(|one| field(one, "smaps_rollup", "Pss:").ok()).sum())
}

/// Resident memory of a process, bytes.
pub(crate) fn resident(process: u32) -> Outcome<u64> {
    field(process, "status", "VmRSS:")
}

/// What the cores have done so far.
pub(crate) struct Cores {
    stolen: u64,
    all: u64,
}

impl Cores {
    pub(crate) fn now() -> Outcome<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().ok_or("unreadable /proc")?;
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are within user.
        let ticks: Vec<u64> =
            line.split_whitespace().skip(1).take(8).map(|field| field.parse().unwrap_or_default()).collect();
        Ok(Self { stolen: ticks.get(7).copied().unwrap_or_default(), all: ticks.iter().sum() })
    }

    /// The share of their time since then that the machine gave to others, from 0 to 1.
    pub(crate) fn stolen_since(&self, earlier: &Self) -> f64 {
        let all = self.all.saturating_sub(earlier.all).max(1);
        self.stolen.saturating_sub(earlier.stolen) as f64 / all as f64
    }
}

fn children(process: u32) -> Outcome<impl Iterator<Item = u32>> {
    let all =
        fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    Ok(all.filter(move |one| stat(*one).is_ok_and(|stat| stat.parent == process)))
}

fn stat(process: u32) -> Outcome<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field, a name in brackets, may hold blanks.
    let fields: Vec<u64> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    let at = |place: usize| fields.get(place).copied().ok_or("unreadable /proc");
    Ok(Stat { parent: u32::try_from(at(0)?)?, own: at(10)? + at(11)?, ended_children: at(12)? + at(13)? })
}

fn field(process: u32, file: &str, name: &str) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/{file}"))?;
    let line = text.lines().find(|line| line.starts_with(name)).ok_or("a field is missing in /proc")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("a field is empty in /proc")?.parse()?;
    Ok(kib * 1024)
}

const fn from_ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1000 / TICKS)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_family_holds_its_children_dead_or_alive() {
        let me = std::process::id();
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let before = of_family(me).unwrap();
        assert!(Command::new("sh").args(["-c", work]).status().unwrap().success());
        let dead = of_family(me).unwrap();
        assert!(dead >= before + Duration::from_millis(20), "{before:?} {dead:?}");
        let mut child = Command::new("sh").args(["-c", &format!("{work}; sleep 30")]).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(2));
        let alive = of_process(child.id()).unwrap();
        let family = of_family(me).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(alive > Duration::ZERO && family >= dead + alive, "{alive:?} {family:?}");
        assert!(resident(me).unwrap() > 1 << 20 && memory_of_family(me).unwrap() > 1 << 20);
    }
}
