//! Test cases in processes of their own, each on a token of its own.
//!
//! A PKCS#11 module has one state per process, and SoftHSM reads its configuration from the environment. So a test
//! program without the usual harness lists its cases here; started by `cargo test` it starts itself once more per case,
//! with a fresh token, and reports like the harness does. Names given as arguments select cases.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use secrecy::SecretString;

use crate::initialise::read_pin;
use crate::{CONFIG_VARIABLE, SoftHsmError, ThrowawayToken, find_module};

/// A test case and what its token is to be like.
pub struct Case {
    /// What it shows, as a Rust identifier.
    pub name: &'static str,
    /// Mechanisms that the module is to refuse.
    pub hidden_mechanisms: &'static [&'static str],
    /// Panics if it is not so.
    pub run: fn(&TokenAddress),
}

/// How a test case reaches its token.
pub struct TokenAddress {
    module: PathBuf,
    tokens: PathBuf,
    label: String,
    pin: SecretString,
}

impl TokenAddress {
    /// The PKCS#11 module.
    pub fn module_path(&self) -> &Path {
        &self.module
    }

    /// The folder that holds the token's files.
    pub fn tokens_path(&self) -> &Path {
        &self.tokens
    }

    /// CKA_LABEL of the token.
    pub fn token_label(&self) -> &str {
        &self.label
    }

    /// The user's PIN.
    pub const fn pin(&self) -> &SecretString {
        &self.pin
    }

    fn from_environment() -> Result<Self, SoftHsmError> {
        let folder = PathBuf::from(std::env::var_os(FOLDER_VARIABLE).unwrap_or_default());
        Ok(Self {
            module: find_module()?,
            tokens: folder.join("tokens"),
            label: std::env::var(LABEL_VARIABLE).unwrap_or_default(),
            pin: read_pin(&folder.join("pin"))?,
        })
    }
}

/// A case on a token with everything SoftHSM can do, named as its function.
#[macro_export]
macro_rules! case {
    ($run:ident) => {
        $crate::case!($run, without [])
    };
    ($run:ident, without [$($mechanism:literal),*]) => {
        $crate::isolated::Case { name: stringify!($run), hidden_mechanisms: &[$($mechanism),*], run: $run }
    };
}

/// The body of `main` in such a test program.
pub fn run(cases: &[Case]) -> ExitCode {
    match std::env::var(CASE_VARIABLE) {
        Ok(name) => run_here(cases, &name),
        Err(_) => run_each_in_its_process(cases),
    }
}

#[expect(clippy::print_stderr, reason = "the report of a test program")]
fn run_here(cases: &[Case], name: &str) -> ExitCode {
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        eprintln!("no test case of that name");
        return ExitCode::FAILURE;
    };
    match TokenAddress::from_environment() {
        Ok(address) => {
            (case.run)(&address);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the report of a test program")]
fn run_each_in_its_process(cases: &[Case]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let selected = cases
        .iter()
        .filter(|case| wanted.is_empty() || wanted.iter().any(|part| case.name.contains(part.as_str())));
    if arguments.iter().any(|argument| argument == "--list") {
        selected.for_each(|case| println!("{}: test", case.name));
        return ExitCode::SUCCESS;
    }
    let mut failed = Vec::new();
    for case in selected {
        match start(case) {
            Ok(output) if output.status.success() => println!("test {} ... ok", case.name),
            Ok(output) => {
                println!("test {} ... FAILED ({})", case.name, output.status);
                println!("{}{}", text(&output.stdout), text(&output.stderr));
                failed.push(case.name);
            }
            Err(error) => {
                println!("test {} ... FAILED\n{error}", case.name);
                failed.push(case.name);
            }
        }
    }
    if failed.is_empty() {
        println!("\ntest result: ok.\n");
        ExitCode::SUCCESS
    } else {
        println!("\ntest result: FAILED: {}\n", failed.join(", "));
        ExitCode::FAILURE
    }
}

fn start(case: &Case) -> Result<Output, SoftHsmError> {
    // A label has at most 32 bytes.
    let label: String = case.name.chars().take(32).collect();
    let token = ThrowawayToken::create_without(&label, case.hidden_mechanisms)?;
    let output = Command::new(std::env::current_exe()?)
        .env(CASE_VARIABLE, case.name)
        .env(LABEL_VARIABLE, &label)
        .env(FOLDER_VARIABLE, token.config_path().parent().unwrap_or(Path::new("/")))
        .env(CONFIG_VARIABLE, token.config_path())
        .output()?;
    Ok(output)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const CASE_VARIABLE: &str = "STRONGROOM_TEST_CASE";
const LABEL_VARIABLE: &str = "STRONGROOM_TEST_TOKEN_LABEL";
const FOLDER_VARIABLE: &str = "STRONGROOM_TEST_TOKEN_FOLDER";
