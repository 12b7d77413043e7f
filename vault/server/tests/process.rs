//! The program as an operator meets it: what it says, and with which code it ends.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret as _;
use strongroom_softhsm::{CONFIG_VARIABLE, ThrowawayToken};

/// A node's files in a temporary folder, on a token of its own.
struct Node {
    folder: tempfile::TempDir,
    token: ThrowawayToken,
    api: SocketAddr,
    operations: SocketAddr,
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["data", "witness"] {
            fs::DirBuilder::new().mode(0o700).create(folder.path().join(name)).unwrap();
        }
        let node = Self {
            folder,
            token: ThrowawayToken::create("node").unwrap(),
            api: free_address(),
            operations: free_address(),
        };
        node.write_certificates();
        node.write_config("");
        node
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_certificates(&self) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server =
            CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        fs::write(self.path("ca.pem"), authority.pem()).unwrap();
        fs::write(self.path("server.pem"), server.pem()).unwrap();
        fs::write(self.path("server.key"), key.serialize_pem()).unwrap();
        set_mode(&self.path("server.key"), 0o400);
    }

    /// Everything by relative paths; the PIN comes by descriptor 3.
    fn write_config(&self, more: &str) {
        let text = format!(
            "node = \"a\"\ntrust_domain = \"example.org\"\n\
             tls = {{ certificate_file = \"server.pem\", private_key_file = \"server.key\", client_ca_file = \"ca.pem\" }}\n\
             listener.address = \"{}\"\noperations.address = \"{}\"\nstore.sqlite.path = \"data/vault.sqlite\"\n\
             witness.files = [\"witness/checkpoints.txt\"]\nhardening.danger_allow_root = true\n\
             hsm = {{ module = \"{}\", token_label = \"node\", pin_fd = 3, writable_paths = [\"{}\"] }}\n{more}",
            self.api,
            self.operations,
            self.token.module_path().display(),
            self.token.tokens_path().display(),
        );
        fs::write(self.path("strongroomd.toml"), text).unwrap();
    }

    /// The program with this PIN file on descriptor 3.
    fn command(&self, arguments: &str, pin: &Path) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "exec 3<\"$PIN_FILE\"; exec \"$PROGRAM\" \"$@\"", "sh"])
            .args(arguments.split(' '))
            .arg("--config")
            .arg(self.path("strongroomd.toml"))
            .env("PIN_FILE", pin)
            .env("PROGRAM", env!("CARGO_BIN_EXE_strongroomd"))
            .env(CONFIG_VARIABLE, self.token.config_path());
        command
    }

    fn run(&self, arguments: &str) -> (i32, String, String) {
        told(&self.command(arguments, &self.token.pin_path()).output().unwrap())
    }

    fn init(&self) -> (i32, String, String) {
        self.run("init --tenant acme --identity-admin people")
    }

    /// Starts it, and waits until it accepts connections.
    fn serve(&self) -> Child {
        let mut child = self
            .command("serve", &self.token.pin_path())
            .stderr(Stdio::from(fs::File::create(self.path("log")).unwrap()))
            .spawn()
            .unwrap();
        let from = Instant::now();
        while TcpStream::connect(self.api).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "{}", self.log());
            assert!(from.elapsed() < Duration::from_secs(60), "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn terminate(mut child: Child) -> Option<i32> {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn a_node_is_initialised_once_serves_and_stops_in_order() {
    let node = Node::new();
    let (code, _, error) = node.run("serve");
    assert_eq!(code, 15);
    assert_eq!(
        last_line(&error),
        "strongroomd: the database holds no cluster yet: run `strongroomd init` first"
    );

    let (code, first, error) = node.init();
    assert_eq!(code, 0, "{error}");
    assert!(
        first.contains("(made now)") && first.contains("tenant added   acme, identity-admin people"),
        "{first}"
    );
    assert!(first.contains("tenant added   platform"), "{first}");
    let (code, second, _) = node.init();
    assert!(
        code == 0 && second.contains("(was there already)") && !second.contains("tenant added"),
        "{second}"
    );
    let key = |text: &str| text.lines().find(|line| line.starts_with("audit key")).unwrap().to_owned();
    assert_eq!(key(&first), key(&second));

    let child = node.serve();
    let (code, _, error) = node.run("serve");
    assert_eq!(code, 14, "a second one on the same database: {error}");
    assert_eq!(terminate(child), Some(0));
    let log = node.log();
    assert!(last_line(&log).contains("\"stopped\""), "{log}");
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["timestamp"].is_string(), "{line}");
    }
    assert!(!log.contains(node.token.pin().expose_secret()));
}

#[test]
fn a_taken_port_and_a_rolled_back_database_are_refused() {
    let node = Node::new();
    assert_eq!(node.init().0, 0);
    let taken = TcpListener::bind(node.api).unwrap();
    let (code, _, error) = node.run("serve");
    assert_eq!(code, 16);
    assert!(
        last_line(&error).starts_with(&format!("strongroomd: listener.address: {}: ", node.api)),
        "{error}"
    );
    drop(taken);

    // A copy of an earlier time takes the database's place. The last note of the witness is of another stream.
    let (database, earlier) = (node.path("data/vault.sqlite"), node.path("earlier"));
    fs::copy(&database, &earlier).unwrap();
    assert_eq!(terminate(node.serve()), Some(0));
    fs::copy(&earlier, &database).unwrap();
    for log in ["data/vault.sqlite-wal", "data/vault.sqlite-shm"] {
        let _ = fs::remove_file(node.path(log));
    }
    let witness = node.path("witness/checkpoints.txt");
    let notes = fs::read_to_string(&witness).unwrap();
    let (of_one, signature) = notes.trim_end().rsplit_once("\n\n").unwrap();
    let origin = of_one.rsplit("\n\n").next().unwrap().lines().next().unwrap();
    fs::write(&witness, format!("{notes}{origin}.2\n1\nAAAA\n\n{signature}\n\n")).unwrap();
    let (code, _, error) = node.run("serve");
    assert_eq!(code, 14);
    assert!(last_line(&error).contains("records of a.1, the database has"), "{error}");
    assert!(last_line(&error).contains("the database was rolled back"), "{error}");
}

#[test]
fn a_wrong_pin_is_refused_and_never_shown() {
    let node = Node::new();
    let wrong = node.path("wrong-pin");
    fs::write(&wrong, "83915550123\n").unwrap();
    let (code, output, error) = told(&node.command("serve", &wrong).output().unwrap());
    assert_eq!(code, 13);
    assert!(last_line(&error).starts_with("strongroomd: the HSM refused the PIN"), "{error}");
    assert!(!output.contains("83915550123") && !error.contains("83915550123"));
}

#[test]
fn root_is_refused_before_anything_is_touched() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let node = Node::new();
    let path = node.path("strongroomd.toml");
    let text = fs::read_to_string(&path).unwrap().replace("hardening.danger_allow_root = true\n", "");
    fs::write(&path, text).unwrap();
    let (code, _, error) = node.run("serve");
    assert_eq!(
        (code, last_line(&error)),
        (11, "strongroomd: strongroomd does not run as root: start it as a user of its own")
    );
    assert!(!node.path("data/vault.sqlite").exists());
}

#[test]
fn check_config_tells_every_problem_in_a_line_and_no_secret() {
    let node = Node::new();
    assert_eq!(node.run("check-config").0, 0);

    set_mode(&node.path("server.key"), 0o640);
    set_mode(&node.path("data"), 0o755);
    fs::remove_dir(node.path("witness")).unwrap();
    fs::write(node.path("ca.pem"), fs::read(node.path("server.pem")).unwrap()).unwrap();
    fs::write(node.path("pin"), "83915550123").unwrap();
    set_mode(&node.path("pin"), 0o644);
    let path = node.path("strongroomd.toml");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("pin_fd = 3", "pin_file = \"pin\"")
        .replace(&node.token.module_path().display().to_string(), "none.so");
    fs::write(&path, format!("{text}log.filter = \"a=b=c\"\n")).unwrap();
    let (code, _, error) = node.run("check-config");
    assert_eq!(code, 10);
    let error = error.replace(&format!("{}/", node.folder.path().display()), "");
    assert_eq!(
        error.lines().collect::<Vec<_>>(),
        [
            "tls.private_key_file: server.key has mode 0640; it must be 0400 or 0600",
            "tls.client_ca_file: ca.pem holds a certificate that is not an authority's",
            "log.filter: is not a filter: `info`, or `info,strongroom_core=debug`",
            "hsm.pin_file: pin has mode 0644; it must be 0400",
            "hsm.module: none.so does not exist",
            "store.sqlite.path: data has mode 0755; it must be 0700",
            "witness.files: witness is not a folder",
            "strongroomd: problems found: 7",
        ]
    );
}

#[test]
fn a_file_that_is_no_configuration_is_told_by_its_line() {
    let node = Node::new();
    node.write_config("pin = \"83915550123\"\n");
    for command in ["check-config", "serve", "init --identity-admin people"] {
        let (code, output, error) = node.run(command);
        assert_eq!(code, 10);
        assert!(error.contains("strongroomd.toml:10: unknown field `pin`"), "{error}");
        assert!(!output.contains("8391555") && !error.contains("8391555"));
    }
}

#[test]
fn usage_and_version() {
    let run = |arguments: &[&str]| {
        told(&Command::new(env!("CARGO_BIN_EXE_strongroomd")).args(arguments).output().unwrap())
    };
    assert_eq!(run(&["version"]).1, format!("strongroomd {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["serve"]).0, 2);
    assert_eq!(run(&["--help"]).0, 0);
}
