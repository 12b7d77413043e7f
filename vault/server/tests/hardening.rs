//! The process after hardening, seen from inside: each test runs itself again in a process of its own, because there is
//! no way back.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom_server::config::HardeningConfig;
use strongroom_server::hardening::{HardeningError, Outcome, Step, harden};

const CHILD: &str = "STRONGROOM_TEST_HARDENED";

/// Runs this one test again as a child, with a folder that it may write to and one beside it; true in the child.
fn in_child(test: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(CHILD) {
        return Some(PathBuf::from(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["writable", "other"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    None
}

fn config() -> HardeningConfig {
    HardeningConfig { danger_allow_root: true, ..HardeningConfig::default() }
}

fn hardened(folder: &Path) -> Vec<Step> {
    harden(&config(), &[folder.join("writable")], &[]).unwrap()
}

fn outcome<'a>(steps: &'a [Step], name: &str) -> &'a Outcome {
    &steps.iter().find(|step| step.name == name).unwrap().outcome
}

fn status(field: &str) -> String {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap().to_owned();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn memory_stays_in_the_process() {
    let Some(folder) = in_child("memory_stays_in_the_process") else { return };
    let steps = hardened(&folder);
    for step in ["no_core_dumps", "not_dumpable", "no_new_privileges"] {
        assert_eq!(outcome(&steps, step), &Outcome::Done, "{step}");
    }
    let limits = fs::read_to_string("/proc/thread-self/limits").unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"]);
    assert_eq!(status("NoNewPrivs:"), "1");
    assert_eq!(rustix::process::dumpable_behavior().unwrap(), rustix::process::DumpableBehavior::NotDumpable);
    match outcome(&steps, "locked_memory") {
        Outcome::Done => {
            let locked_before: u64 = status("VmLck:").parse().unwrap();
            let block = vec![1_u8; 8 << 20];
            let locked_after: u64 = status("VmLck:").parse().unwrap();
            assert!(locked_after >= locked_before + 8192, "what is allocated later is locked as well");
            assert_eq!(block.len(), 8 << 20);
        }
        Outcome::Missing(reason) => assert!(!reason.is_empty()),
        other @ Outcome::Partial(_) => panic!("locking is all or nothing: {other:?}"),
    }
}

#[test]
fn files_are_private_and_written_only_where_allowed() {
    let Some(folder) = in_child("files_are_private_and_written_only_where_allowed") else { return };
    let steps = hardened(&folder);
    let allowed = folder.join("writable/file");
    fs::write(&allowed, "x").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&allowed).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "umask 0077");
    let beside = fs::write(folder.join("other/file"), "x").map_err(|error| error.kind());
    match outcome(&steps, "landlock") {
        Outcome::Done | Outcome::Partial(_) => {
            assert_eq!(beside, Err(ErrorKind::PermissionDenied));
            assert!(fs::create_dir(folder.join("other/folder")).is_err());
            assert!(fs::rename(&allowed, folder.join("other/file")).is_err());
            assert!(fs::read_dir("/etc").is_ok(), "reading stays free");
            // Threads that are started afterwards are bound too.
            let other = folder.join("other/file");
            let from_thread = std::thread::spawn(move || fs::write(other, "x").map_err(|error| error.kind()));
            assert_eq!(from_thread.join().unwrap(), Err(ErrorKind::PermissionDenied));
        }
        Outcome::Missing(_) => assert_eq!(beside, Ok(())),
    }
}

#[test]
fn nobody_is_connected_to() {
    let Some(folder) = in_child("nobody_is_connected_to") else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let steps = hardened(&folder);
    let connected = std::net::TcpStream::connect(listener.local_addr().unwrap()).map(drop);
    match outcome(&steps, "landlock") {
        Outcome::Done => assert_eq!(connected.unwrap_err().kind(), ErrorKind::PermissionDenied),
        Outcome::Partial(_) | Outcome::Missing(_) => assert!(connected.is_ok()),
    }
    assert!(std::net::TcpListener::bind("127.0.0.1:0").is_ok(), "listening stays free");
}

#[test]
fn no_other_program_is_started() {
    let Some(folder) = in_child("no_other_program_is_started") else { return };
    // On a thread that was there before: the filter binds all of them.
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let before = std::thread::spawn(move || {
        gone.recv().unwrap();
        Command::new("/bin/true").status().map_err(|error| error.raw_os_error())
    });
    let steps = hardened(&folder);
    go.send(()).unwrap();
    assert_eq!(outcome(&steps, "seccomp"), &Outcome::Done);
    assert_eq!(before.join().unwrap().map(drop), Err(Some(1)), "EPERM");
    assert_eq!(status("Seccomp:"), "2");
}

#[test]
fn root_is_refused_and_what_is_required_is() {
    let Some(folder) = in_child("root_is_refused_and_what_is_required_is") else { return };
    let writable = [folder.join("writable")];
    if rustix::process::geteuid().is_root() {
        let refused = harden(&HardeningConfig::default(), &writable, &[]);
        assert_eq!(refused, Err(HardeningError::Root));
    }
    let steps = hardened(&folder);
    let missing: Vec<_> = steps
        .iter()
        .filter(|step| matches!(step.outcome, Outcome::Missing(_)))
        .map(|step| step.name)
        .collect();
    let required = harden(&HardeningConfig { required: true, ..config() }, &writable, &[]);
    match required {
        Ok(_) => assert_eq!(missing, Vec::<&str>::new()),
        Err(HardeningError::Required { step, .. }) => assert_eq!(missing.first(), Some(&step)),
        Err(other) => panic!("{other}"),
    }
}
