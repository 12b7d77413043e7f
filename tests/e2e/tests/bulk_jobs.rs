//! Many cards in and out again, with the command line client and the vault killed on the way: every line has its token
//! once, counts and checksums are equal, and what the receiver opens is what was handed in.
//!
//! 20,000 rows by default. A million, on a build for release:
//!
//! ```text
//! cargo build --release --workspace --bins
//! STRONGROOM_TEST_ROWS=1000000 STRONGROOM_TEST_LOG=warn cargo test --release -p strongroom-e2e --test bulk_jobs -- --nocapture
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use strongroom_e2e::{Outcome, VaultProcess, at, with_check_digit};

const DEFAULT_ROWS: u64 = 20_000;
/// How often something is killed on the way in, and on the way out.
const KILLS: u64 = 6;
/// Every so many lines there is one that is no card.
const BROKEN_EVERY: u64 = 997;

#[test]
fn cards_go_in_and_out_whole_whatever_is_killed_on_the_way() -> Outcome<()> {
    let rows = std::env::var("STRONGROOM_TEST_ROWS").ok().map(|rows| rows.parse()).transpose()?;
    let rows: u64 = rows.unwrap_or(DEFAULT_ROWS);
    let mut chance = Chance::new()?;
    let mut vault = VaultProcess::start()?;
    let cards = write_cards(&vault.path("cards.csv"), rows)?;

    let report = import(&mut vault, rows, &mut chance)?;
    let broken = rows / BROKEN_EVERY;
    for (name, expected) in
        [("/read", rows), ("/created", rows - broken), ("/existing", 0), ("/failed", broken)]
    {
        assert_eq!(at(&report, name), expected, "{report}");
    }
    let tokens = results(&vault.path("tokens.csv"))?;
    assert_eq!(tokens.len() as u64, rows - broken);
    assert_eq!(tokens.values().collect::<BTreeSet<_>>().len(), tokens.len(), "a token stands there twice");
    assert!(tokens.keys().eq(cards.keys()), "each line that is a card has its token, and no other has one");
    assert_eq!(vault.sql("SELECT count(*) FROM tokens")?.trim(), (rows - broken).to_string());
    assert_eq!(vault.sql("SELECT count(*) FROM token_aliases")?.trim(), (rows - broken).to_string());
    let jobs =
        vault.sql("SELECT count(*) FROM jobs WHERE state = 'complete' AND rows_done = created + failed")?;
    assert_eq!(jobs.trim(), "1");
    assert_eq!(vault.sql("SELECT count(*) FROM job_parts")?.trim(), "0");
    no_card_in(&vault, &["tokens.csv", "tokens.csv.errors", "tokens.csv.state"], &cards)?;

    let exported = export(&mut vault, rows - broken, &mut chance)?;
    no_card_in(&vault, &["cards.jwe", "cards.jwe.state"], &cards)?;
    let by_token: BTreeMap<&String, &String> =
        tokens.iter().map(|(line, token)| (token, &cards[line])).collect();
    assert_eq!(exported.len(), by_token.len());
    assert!(exported.iter().eq(by_token), "what came out is what went in, each under its token");
    Ok(())
}

/// A file of cards; returns those that are some, by line.
fn write_cards(path: &Path, rows: u64) -> Outcome<BTreeMap<u64, String>> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "number,exp_month,exp_year,holder,aliases,metadata.customer")?;
    let mut cards = BTreeMap::new();
    // The header is line 1, and there is an empty line after each thousand.
    let mut line = 1;
    for row in 1..=rows {
        line += 1;
        let mut number = with_check_digit(&format!("4{row:014}"));
        if row % BROKEN_EVERY == 0 {
            number.replace_range(0..1, "5");
        } else {
            cards.insert(line, number.clone());
        }
        writeln!(file, "{number},{},2031,A N Other,old:{row},c-{row}", row % 12 + 1)?;
        if row % 1000 == 0 {
            writeln!(file)?;
            line += 1;
        }
    }
    file.flush()?;
    Ok(cards)
}

fn import(vault: &mut VaultProcess, rows: u64, chance: &mut Chance) -> Outcome<Value> {
    let began = Instant::now();
    let start = |vault: &VaultProcess| -> Outcome<Command> {
        let mut command = vault.command_line("acme-tokenizer")?;
        command
            .args(["--json", "tokens", "import"])
            .arg(vault.path("cards.csv"))
            .arg("--out")
            .arg(vault.path("tokens.csv"));
        Ok(command)
    };
    let kills = kill_on_the_way(vault, "tokens.csv", rows * 55, chance, &start)?;
    let output = start(vault)?.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = if rows < BROKEN_EVERY { 0 } else { 8 };
    assert_eq!(output.status.code(), Some(expected), "{said}");
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("import: {rows} rows, {kills} kills, {seconds:.1} s, {:.0} rows/s", rows as f64 / seconds);
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn export(vault: &mut VaultProcess, rows: u64, chance: &mut Chance) -> Outcome<BTreeMap<String, String>> {
    let receiver = vault
        .command_line("acme-detokenizer")?
        .args(["--quiet", "tokens", "receiver-key", "--private"])
        .arg(vault.path("receiver.key"))
        .arg("--public")
        .arg(vault.path("receiver.json"))
        .output()?;
    assert!(receiver.status.success(), "{}", String::from_utf8_lossy(&receiver.stderr));
    let start = |vault: &VaultProcess| -> Outcome<Command> {
        let mut command = vault.command_line("acme-detokenizer")?;
        command.args(["--json", "tokens", "export", "--purpose", "migration", "--receiver"]);
        command.arg(vault.path("receiver.json")).arg("--out").arg(vault.path("cards.jwe"));
        Ok(command)
    };
    let refused = start(vault)?.output()?;
    assert_eq!(refused.status.code(), Some(3), "nobody has agreed yet");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("approval_required"));
    let state: Value = serde_json::from_slice(&fs::read(vault.path("cards.jwe.state"))?)?;
    let job = at(&state, "/job").as_str().ok_or("no job in the state")?;
    let thumbprint = String::from_utf8(receiver.stdout)?;
    vault.approve(&format!("acme token-export {job} {thumbprint}"))?;

    let began = Instant::now();
    let kills = kill_on_the_way(vault, "cards.jwe", rows * 250, chance, &start)?;
    let output = start(vault)?.output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((at(&report, "/rows"), at(&report, "/passed_over")), (&Value::from(rows), &Value::from(0)));
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("export: {rows} rows, {kills} kills, {seconds:.1} s, {:.0} rows/s", rows as f64 / seconds);

    let began = Instant::now();
    let opened = vault
        .command_line("acme-detokenizer")?
        .args(["--json", "tokens", "open-export"])
        .arg(vault.path("cards.jwe"))
        .arg("--key")
        .arg(vault.path("receiver.key"))
        .arg("--out")
        .arg(vault.path("opened.csv"))
        .output()?;
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    eprintln!("opened and verified in {:.1} s", began.elapsed().as_secs_f64());
    let mut found = BTreeMap::new();
    for line in BufReader::new(File::open(vault.path("opened.csv"))?).lines().skip(1) {
        let line = line?;
        let mut fields = line.split(',');
        let token = fields.next().ok_or("no token")?.to_owned();
        found.insert(token, fields.nth(1).ok_or("no value")?.to_owned());
    }
    Ok(found)
}

/// Starts the client again and again and kills it, the vault or both once it has written a random part of what is left.
fn kill_on_the_way(
    vault: &mut VaultProcess,
    file: &str,
    whole: u64,
    chance: &mut Chance,
    start: &dyn Fn(&VaultProcess) -> Outcome<Command>,
) -> Outcome<u64> {
    for kill in 0..KILLS {
        let mut client = start(vault)?.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let written = fs::metadata(vault.path(file)).map_or(0, |file| file.len());
        let wanted = written + chance.below(whole.saturating_sub(written) / (KILLS - kill) + 1);
        if wait_for(&mut client, &vault.path(file), wanted)? {
            return Ok(kill);
        }
        match chance.below(3) {
            0 => client.kill()?,
            1 => {
                vault.kill()?;
                vault.launch()?;
                client.kill()?;
            }
            _ => {
                client.kill()?;
                vault.kill()?;
                vault.launch()?;
            }
        }
        client.wait()?;
    }
    Ok(KILLS)
}

/// Whether the client came to its end before the file grew so long.
fn wait_for(client: &mut Child, file: &Path, length: u64) -> Outcome<bool> {
    while fs::metadata(file).map_or(0, |file| file.len()) < length {
        if client.try_wait()?.is_some() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(false)
}

/// Tokens by line.
fn results(path: &Path) -> Outcome<BTreeMap<u64, String>> {
    let mut tokens = BTreeMap::new();
    for line in BufReader::new(File::open(path)?).lines().skip(1) {
        let line = line?;
        let mut fields = line.split(',');
        let number = fields.next().ok_or("no line")?.parse()?;
        let token = fields.nth(1).ok_or("no token")?.to_owned();
        assert!(tokens.insert(number, token).is_none(), "line {number} stands there twice");
    }
    Ok(tokens)
}

fn no_card_in(vault: &VaultProcess, names: &[&str], cards: &BTreeMap<u64, String>) -> Outcome<()> {
    let sample: Vec<&String> = cards.values().step_by(cards.len() / 20 + 1).collect();
    for name in names {
        let text = fs::read_to_string(vault.path(name))?;
        assert!(!sample.iter().any(|number| text.contains(number.as_str())), "{name} holds a card number");
    }
    Ok(())
}

/// Chance whose seed is shown, so that a run can be understood.
struct Chance(u64);

impl Chance {
    fn new() -> Outcome<Self> {
        let seed = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
        eprintln!("seed {seed}");
        Ok(Self(seed | 1))
    }

    /// xorshift64.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
