//! Memory stays in this process: no core dumps, no debuggers, no swap.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, capabilities, set_no_new_privs};

use super::{Outcome, outcome};

/// The hard limit too, so that nobody raises it again.
pub(super) fn no_core_dumps() -> Outcome {
    outcome(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }))
}

/// Also hands `/proc/<pid>` to root, so that processes of the same user neither read our memory nor attach to us.
pub(super) fn not_dumpable() -> Outcome {
    outcome(set_dumpable_behavior(DumpableBehavior::NotDumpable))
}

pub(super) fn no_new_privileges() -> Outcome {
    outcome(set_no_new_privs(true))
}

/// Locks all pages there are and all to come, each when it is first touched. Under a limit that would turn into failing
/// allocations once it is used up, so it is all or nothing.
pub(super) fn lock() -> Outcome {
    let limit = getrlimit(Resource::Memlock);
    if limit.maximum.is_none() && limit.current.is_some() {
        let unlimited = Rlimit { current: None, maximum: None };
        if let Err(error) = setrlimit(Resource::Memlock, unlimited) {
            return Outcome::Missing(error.to_string());
        }
    }
    if limit.maximum.is_some() && !may_lock_without_limit() {
        return Outcome::Missing(
            "RLIMIT_MEMLOCK is limited, so keys could be swapped out: set LimitMEMLOCK=infinity, or use no or \
             encrypted swap"
                .to_owned(),
        );
    }
    outcome(mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT))
}

fn may_lock_without_limit() -> bool {
    capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK))
}
