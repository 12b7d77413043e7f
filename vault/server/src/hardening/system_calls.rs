//! seccomp: system calls that a vault never makes and that an intruder would like to. They fail with EPERM.
//!
//! A list of the allowed ones would be tighter, but it would have to know every PKCS#11 module.

use seccompiler::{BpfProgram, TargetArch, apply_filter_all_threads, compile_from_json};
use serde_json::json;

use super::Outcome;

/// Names that x86-64 and AArch64 have in common.
const DENIED: &[&str] = &[
    // other programs
    "execve",
    "execveat",
    // other processes' memory and files, also those of our own user
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_getfd",
    "kcmp",
    // the kernel itself
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "reboot",
    "acct",
    "swapon",
    "swapoff",
    "quotactl",
    "personality",
    // what is mounted where, and out of a confinement
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "setns",
    "unshare",
    "open_by_handle_at",
    // the kernel's own key rings
    "add_key",
    "request_key",
    "keyctl",
    // the clock that certificates and records rest on
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    // a second way to make system calls, which filters do not see
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
];

const EPERM: u32 = 1;

pub(super) fn deny() -> Outcome {
    match program() {
        Ok(program) => match apply_filter_all_threads(&program) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Missing(error.to_string()),
        },
        Err(reason) => Outcome::Missing(reason),
    }
}

fn program() -> Result<BpfProgram, String> {
    let filter = json!({ "vault": {
        "mismatch_action": "allow",
        "match_action": { "errno": EPERM },
        "filter": DENIED.iter().map(|name| json!({ "syscall": name })).collect::<Vec<_>>(),
    }});
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let mut compiled =
        compile_from_json(filter.to_string().as_bytes(), architecture).map_err(|error| error.to_string())?;
    compiled.remove("vault").ok_or_else(|| "the filter was not compiled".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_on_every_architecture() {
        for architecture in [TargetArch::x86_64, TargetArch::aarch64] {
            for name in DENIED {
                let filter = json!({ "vault": {
                    "mismatch_action": "allow",
                    "match_action": { "errno": EPERM },
                    "filter": [{ "syscall": name }],
                }});
                let compiled = compile_from_json(filter.to_string().as_bytes(), architecture);
                assert!(compiled.is_ok(), "{name}: {:?}", compiled.err().map(|error| error.to_string()));
            }
        }
        assert!(program().is_ok());
    }
}
