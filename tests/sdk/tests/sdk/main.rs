//! The SDKs against a whole vault: each passes every scenario of `vault/client/scenarios`. Of those in other languages
//! also what is generated is up to date, types are right, and their own tests pass. Whatever is built or installed for
//! that goes below `target/`.

mod calls;
mod matching;
mod scenarios;
mod values;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use strongroom_e2e::{Destination, Outcome, VaultProcess};

/// Supports Python from 3.9 on, as the SDK does.
const MYPY: &str = "mypy==1.18.2";

/// Far longer than any of it takes; a test that hangs is told as one.
const PATIENCE_SECONDS: &str = "600";

#[test]
fn what_is_generated_is_up_to_date() -> Outcome<()> {
    run(command("python3").arg(client().join("generate")).arg("--check")).map(drop)
}

#[tokio::test]
async fn rust_against_a_vault() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let _partner = partner(&vault)?;
    assert_eq!(scenarios::passed(&vault, &client()).await?, scenarios::names(&client())?);
    Ok(())
}

#[test]
fn python_against_a_vault() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let python = |module: &[&str]| {
        let mut python = command("python3");
        python.arg("-m").args(module).current_dir(client().join("python"));
        python.env("PYTHONPATH", "src").envs(facts(&vault));
        python
    };
    let said = run(&mut python(&["unittest"]))?;
    assert!(!said.contains("Ran 0 tests"), "{said}");
    let _partner = partner(&vault)?;
    assert_eq!(passed(&run(&mut python(&["tests.scenarios"]))?), scenarios::names(&client())?);
    Ok(())
}

#[test]
fn python_types_are_right() -> Outcome<()> {
    let Some(mypy) = installed_mypy()? else {
        // Past the capture of tests: a check that is not made is no secret.
        writeln!(std::io::stderr(), "mypy: NOT run, it cannot be installed from here")?;
        return Ok(());
    };
    let mut check = command(&mypy);
    check.args(["--cache-dir"]).arg(output().join("mypy-cache")).args(["-p", "strongroom", "-p", "tests"]);
    run(check.current_dir(client().join("python"))).map(drop)
}

#[test]
fn typescript_against_a_vault() -> Outcome<()> {
    let source = client().join("typescript");
    let copy = output().join("typescript");
    for part in ["src", "test", "dist"] {
        if copy.join(part).exists() {
            fs::remove_dir_all(copy.join(part))?;
        }
    }
    for part in ["src", "test"] {
        copy_folder(&source.join(part), &copy.join(part))?;
    }
    for part in ["README.md", "package.json", "package-lock.json", "tsconfig.json"] {
        fs::copy(source.join(part), copy.join(part))?;
    }
    let npm = |arguments: &[&str]| {
        let mut npm = command("npm");
        npm.args(arguments).current_dir(&copy);
        npm
    };
    run(&mut npm(&["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]))?;
    run(&mut npm(&["run", "build"]))?;
    let vault = VaultProcess::start()?;
    let said = run(npm(&["test"]).envs(facts(&vault)))?;
    assert!(said.lines().any(|line| line.ends_with("fail 0")), "{said}");
    assert!(!said.lines().any(|line| line.ends_with("tests 0")), "{said}");
    let _partner = partner(&vault)?;
    let mut node = command("node");
    node.arg("dist/test/scenarios/main.js").current_dir(&copy).envs(facts(&vault));
    assert_eq!(passed(&run(&mut node)?), scenarios::names(&client())?);
    Ok(())
}

/// The names that a language's own runner says have passed.
fn passed(said: &str) -> Vec<String> {
    said.lines().filter_map(|line| line.strip_prefix("passed: ")).map(str::to_owned).collect()
}

/// Whom the scenarios forward to.
fn partner(vault: &VaultProcess) -> Outcome<Destination> {
    Destination::serve(vault.partner_port(), &vault.path(""))
}

/// What the tests need to know, as both languages read it.
fn facts(vault: &VaultProcess) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("STRONGROOM_TEST_URL", vault.url().into()),
        ("STRONGROOM_TEST_CA", vault.path("ca.pem")),
        ("STRONGROOM_TEST_CLIENTS", vault.path("clients")),
        ("STRONGROOM_TEST_SERVER_CERTIFICATE", vault.path("server.pem")),
        ("STRONGROOM_TEST_SERVER_KEY", vault.path("server.key")),
        ("STRONGROOM_TEST_OPENAPI", client().join("../api/openapi.json")),
        ("STRONGROOM_TEST_SCENARIOS", client().join("scenarios")),
    ]
}

/// Its path, or none where it can be neither found nor installed.
fn installed_mypy() -> Outcome<Option<PathBuf>> {
    let environment = output().join(MYPY.replace("==", "-"));
    let mypy = environment.join("bin/mypy");
    if mypy.is_file() {
        return Ok(Some(mypy));
    }
    fs::create_dir_all(output())?;
    let made = run(command("python3").args(["-m", "venv"]).arg(&environment));
    let installed = made.and_then(|_| {
        let pip = environment.join("bin/pip");
        run(command(&pip).args(["install", "--quiet", "--disable-pip-version-check", MYPY]))
    });
    Ok(installed.is_ok().then_some(mypy))
}

fn client() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vault/client")
}

fn output() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk")
}

fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("timeout");
    command.arg(PATIENCE_SECONDS).arg(program.as_ref()).stdin(Stdio::null());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// What it said. If it failed that is shown as it is, since it holds a test's report.
fn run(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&said).into_owned());
    }
    std::io::stderr().write_all(&said)?;
    Err(format!("{command:?}: {}", output.status).into())
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().ok_or("a file has a name")?);
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
