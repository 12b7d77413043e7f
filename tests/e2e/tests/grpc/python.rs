//! grpcio, the C library that most languages' clients stand on, with messages that protoc makes of the contract.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use strongroom_e2e::{Outcome, VaultProcess, run_command};

#[tokio::test]
async fn another_library_makes_all_calls() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let key = json!({"name": "notes", "purpose": "field-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = strongroom_interop::python()?;
    let stubs = tempfile::tempdir()?;
    let proto = here.join("../../vault/api/proto");
    run_command(
        Command::new(&python)
            .args(["-m", "grpc_tools.protoc"])
            .arg(format!("-I{}", proto.display()))
            .arg(format!("--python_out={}", stubs.path().display()))
            .arg(format!("--grpc_python_out={}", stubs.path().display()))
            .args([
                "strongroom/v1/tokens.proto",
                "strongroom/v1/crypto.proto",
                "strongroom/v1/problem.proto",
            ]),
    )?;
    run_command(
        Command::new(&python)
            .arg(here.join("tests/grpc/client.py"))
            .arg(vault.url().trim_start_matches("https://"))
            .arg(vault.path(""))
            .env("PYTHONPATH", stubs.path())
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    Ok(())
}
