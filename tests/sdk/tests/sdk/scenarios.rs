//! The list of scenarios, by the Rust SDK.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};
use strongroom_client::{Client, ClientError, IdempotencyKey};
use strongroom_e2e::{Outcome, VaultProcess};

use crate::calls::{Step, call, method_of, methods};
use crate::matching::{fits, mismatches};
use crate::values::Values;

/// One story of a service or a person with the vault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    /// The rows of the product that it shows.
    #[expect(dead_code, reason = "for readers")]
    rows: Vec<u8>,
    #[serde(default)]
    given: HashMap<String, String>,
    steps: Vec<Value>,
}

/// Something that browsers and receivers do without the vault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    tool: String,
    input: Value,
    #[serde(default = "anything")]
    answer: Value,
    keep: Option<String>,
}

fn anything() -> Value {
    json!({})
}

/// Whether two values fit each other by the rules.
#[derive(Deserialize)]
struct Rule {
    expected: Value,
    actual: Value,
    fits: bool,
}

/// The names of all scenarios, each of its own.
pub(crate) fn names(client: &Path) -> Outcome<Vec<String>> {
    let names: Vec<_> = list(client)?.into_iter().map(|scenario| scenario.name).collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    if names.is_empty() || distinct.len() < names.len() {
        return Err("the scenarios need names, each its own".into());
    }
    Ok(names)
}

/// The names of those that passed. What is wrong with the others is said.
pub(crate) async fn passed(vault: &VaultProcess, client: &Path) -> Outcome<Vec<String>> {
    for rule in read::<Vec<Rule>>(&client.join("scenarios/tools/rules.json"))? {
        assert_eq!(fits(&rule.expected, Some(&rule.actual)), rule.fits, "{} {}", rule.expected, rule.actual);
    }
    let tools = client.join("scenarios/tools/jwe.mjs");
    let mut run = Run { vault, tools, callers: HashMap::new(), called: BTreeSet::new() };
    let mut passed = Vec::new();
    for scenario in list(client)? {
        let faults = run.scenario(&scenario).await?;
        if faults.is_empty() {
            passed.push(scenario.name);
        } else {
            writeln!(std::io::stderr(), "{}\n  {}", scenario.name, faults.join("\n  "))?;
        }
    }
    let untold = read::<HashMap<String, String>>(&client.join("scenarios/tools/untold.json"))?;
    let mut unused = methods(&read(&client.join("../api/openapi.json"))?);
    unused.retain(|method| !run.called.contains(method) && !untold.contains_key(method));
    assert!(unused.is_empty(), "no scenario uses {unused:?}");
    Ok(passed)
}

struct Run<'a> {
    vault: &'a VaultProcess,
    tools: PathBuf,
    callers: HashMap<String, Client>,
    called: BTreeSet<String>,
}

impl Run<'_> {
    /// What is wrong; nothing if it passed.
    async fn scenario(&mut self, scenario: &Scenario) -> Outcome<Vec<String>> {
        let mut values = Values::made(&scenario.given)?;
        for (at, raw) in scenario.steps.iter().enumerate() {
            let step = values.filled(raw)?;
            let mut faults = Vec::new();
            let (who, answer, keep) = if step.get("tool").is_some() {
                let tool: Tool = serde_json::from_value(step)?;
                let answer = self.with_tool(&tool)?;
                faults.extend(mismatches(&tool.answer, Some(&answer), "answer"));
                (tool.tool, answer, tool.keep)
            } else {
                let step: Step = serde_json::from_value(step)?;
                let answer = self.step(&step, &mut faults).await?;
                (format!("{} as {}", step.call, step.identity), answer, step.keep)
            };
            if !faults.is_empty() {
                faults.insert(0, format!("step {}, {who}:", at + 1));
                return Ok(faults);
            }
            if let Some(name) = keep {
                values.keep(name, answer);
            }
        }
        Ok(Vec::new())
    }

    async fn step(&mut self, step: &Step, faults: &mut Vec<String>) -> Outcome<Value> {
        let mut client = self.caller(&step.identity)?;
        if let Some(key) = &step.idempotency_key {
            client =
                client.with_idempotency_key(IdempotencyKey::parse(key).map_err(|error| error.to_string())?);
            self.called.insert("with_idempotency_key".to_owned());
        }
        self.called.insert(method_of(step));
        match (call(&client, step).await?, &step.refused) {
            (Ok(answer), None) => {
                if let Some(expected) = &step.answer {
                    faults.extend(mismatches(expected, Some(&answer), "answer"));
                }
                Ok(answer)
            }
            (Ok(answer), Some(_)) => {
                faults.push(format!("was not refused: {answer}"));
                Ok(answer)
            }
            (Err(ClientError::Problem(problem)), refused) => {
                let expected = refused.clone().unwrap_or_else(|| json!("no refusal"));
                faults.extend(mismatches(&expected, Some(&serde_json::to_value(problem)?), "refused"));
                Ok(Value::Null)
            }
            (Err(error), _) => {
                faults.push(format!("failed: {error}"));
                Ok(Value::Null)
            }
        }
    }

    fn caller(&mut self, identity: &str) -> Outcome<Client> {
        if let Some(client) = self.callers.get(identity) {
            return Ok(client.clone());
        }
        let file = |extension: &str| fs::read(self.vault.path(&format!("clients/{identity}.{extension}")));
        let client = Client::builder()
            .base_url(self.vault.url())
            .ca_pem(fs::read(self.vault.path("ca.pem"))?)
            .identity_pem(file("pem")?, file("key")?)
            .build()?;
        self.callers.insert(identity.to_owned(), client.clone());
        Ok(client)
    }

    fn with_tool(&self, tool: &Tool) -> Outcome<Value> {
        let mut node = Command::new("node");
        node.arg(&self.tools).arg(&tool.tool).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn()?;
        let mut input = child.stdin.take().ok_or("a pipe was asked for")?;
        input.write_all(tool.input.to_string().as_bytes())?;
        drop(input);
        Ok(serde_json::from_slice(&child.wait_with_output()?.stdout)?)
    }
}

fn list(client: &Path) -> Outcome<Vec<Scenario>> {
    let mut files: Vec<_> = fs::read_dir(client.join("scenarios"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let lists = files.iter().map(|file| read::<Vec<Scenario>>(file)).collect::<Outcome<Vec<_>>>()?;
    Ok(lists.into_iter().flatten().collect())
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Outcome<T> {
    serde_json::from_slice(&fs::read(file)?).map_err(|error| format!("{}: {error}", file.display()).into())
}
