//! Cores of the vault and cores of the load generator, apart: where the question is what the vault does under a load that
//! does not depend on it, the generator must not take its time.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Outcome;

/// While it lives, this thread and what it starts run on one half of the cores or the other.
pub(crate) struct Halves {
    all: CpuSet,
    vault: CpuSet,
    generator: CpuSet,
}

impl Halves {
    /// From now on this thread, and the processes and threads that it starts, are on the vault's half.
    pub(crate) fn begin() -> Outcome<Self> {
        let all = sched_getaffinity(None)?;
        let cores: Vec<_> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
        let (vault, generator) = cores.split_at(cores.len() / 2);
        if vault.is_empty() {
            return Err("the vault and the load generator need a core each".into());
        }
        let halves = Self { all, vault: set(vault), generator: set(generator) };
        sched_setaffinity(None, &halves.vault)?;
        Ok(halves)
    }

    /// And from now on, on the generator's.
    pub(crate) fn generate(&self) -> Outcome<()> {
        Ok(sched_setaffinity(None, &self.generator)?)
    }
}

impl Drop for Halves {
    fn drop(&mut self) {
        // What cannot be put back only makes the works that follow slower, and the next `begin` says so.
        let _ = sched_setaffinity(None, &self.all);
    }
}

fn set(cores: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    set
}
