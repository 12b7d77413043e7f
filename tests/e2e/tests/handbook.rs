//! The handbook's commands, as they stand there, against a vault: every block of every page, page by page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom_e2e::{Outcome, VaultProcess, binary};

#[tokio::test]
async fn every_page_works_as_it_stands() -> Outcome<()> {
    let root = root()?;
    let vault = VaultProcess::start_with_field("http://localhost:8446")?;
    let field = vault.field_port().ok_or("no card field")?;
    let programs = binary("strongroom")?.parent().map(Path::to_path_buf).ok_or("no folder of programs")?;
    let path = std::env::var("PATH")?;
    let mut pages = 0;
    for entry in fs::read_dir(root.join("docs/handbook"))? {
        let page = entry?.path();
        let script = commands(&fs::read_to_string(&page)?);
        if script.is_empty() {
            continue;
        }
        pages += 1;
        let ran = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(&root)
            .env("DEV", vault.path(""))
            .env("STRONGROOM_URL", vault.url())
            .env("PARTNER_PORT", vault.partner_port().to_string())
            .env("STRONGROOM_FIELD_URL", format!("http://127.0.0.1:{field}"))
            .env("PATH", format!("{}:{path}", programs.display()))
            .output()?;
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}: {}\n{said}", page.display(), ran.status);
    }
    assert!(pages >= 7, "{pages} pages have commands");
    Ok(())
}

/// The blocks marked `sh`, joined. A line that begins with `!` must fail: the shell would pass over it either way.
fn commands(page: &str) -> String {
    let mut script = String::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("! ") {
                Some(refused) => {
                    script.push_str(&format!(
                        "if {refused}; then echo 'not refused: {}' >&2; exit 1; fi\n",
                        quoted(refused)
                    ));
                }
                None => script.push_str(&format!("{line}\n")),
            },
        }
    }
    script
}

fn quoted(text: &str) -> String {
    text.replace('\'', " ")
}

fn root() -> Outcome<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(PathBuf::from).ok_or("no root")?)
}
