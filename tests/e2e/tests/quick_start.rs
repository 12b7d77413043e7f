//! `deploy/dev` as the README promises it: twice over the same folder, and with the commands it prints pasted into a shell.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use strongroom_e2e::{Outcome, run_command};

#[test]
fn the_quick_start_works_twice_and_its_commands_can_be_pasted() -> Outcome<()> {
    let folder = tempfile::Builder::new().prefix("strongroom-dev-").tempdir()?;
    let first = String::from_utf8(run_command(quick_start(folder.path())?.arg("--once"))?.stdout)?;
    assert!(first.contains("******") && first.contains("verified: every record shown is proven"), "{first}");
    assert!(first.contains("embeds the field of http://127.0.0.1:"), "{first}");
    let token = a_token(&first)?;

    let mut second = Running::start(folder.path())?;
    let said = second.until("The vault is up")?;
    assert_eq!(a_token(&said)?, token, "the second start keeps what the first one made");
    let script: Vec<&str> = said
        .lines()
        .skip_while(|line| !line.starts_with("cd \""))
        .take_while(|line| !line.contains("The vault is up"))
        .collect();
    let pasted = run_command(Command::new("bash").args(["-euc", &script.join("\n")]))?;
    let answers = String::from_utf8(pasted.stdout)?;
    for expected in
        ["\"token\":\"tok_", "\"number\":\"3530118369006021\"", "\"ciphertext\":", "\"current_version\":1"]
    {
        assert!(answers.contains(expected), "{expected} is not among the answers");
    }
    Ok(())
}

fn quick_start(folder: &Path) -> Outcome<Command> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(PathBuf::from).ok_or("no root")?;
    let mut command = Command::new(root.join("deploy/dev"));
    command.arg("--dir").arg(folder);
    for option in ["--port", "--operations-port", "--field-port", "--shop-port"] {
        command.arg(option).arg(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string());
    }
    Ok(command)
}

/// The first token of the sample cards, whose number is the first of `deploy/samples/cards.csv`.
fn a_token(said: &str) -> Outcome<String> {
    let token = said.split([',', '\n', ' ']).find(|word| word.starts_with("tok_"));
    Ok(token.ok_or("no token was shown")?.to_owned())
}

struct Running(Child);

impl Running {
    fn start(folder: &Path) -> Outcome<Self> {
        Ok(Self(quick_start(folder)?.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?))
    }

    fn until(&mut self, last: &str) -> Outcome<String> {
        let mut said = String::new();
        for line in BufReader::new(self.0.stdout.take().ok_or("no output")?).lines() {
            let line = line?;
            said.push_str(&line);
            said.push('\n');
            if line.contains(last) {
                return Ok(said);
            }
        }
        Err(format!("it ended early: {said}").into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = run_command(Command::new("kill").args(["-TERM", &self.0.id().to_string()]));
        let _ = self.0.wait();
    }
}
