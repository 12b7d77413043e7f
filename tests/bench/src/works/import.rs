//! Many cards at once, through the command line client as an operator does it: file in, tokens out, resumable.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::Outcome;
use crate::cards::Cards;
use crate::plan::{Plan, StoreKind};
use crate::say;
use crate::table::{Row, Target};
use crate::vault::{Vault, run_to_end};

const DEFAULT_ROWS: u64 = 100_000;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let rows = plan.rows.unwrap_or(DEFAULT_ROWS);
    let mut vault = Vault::fresh(plan, kind)?;
    let file = vault.path("cards.csv");
    write_cards(&file, rows)?;
    say(&format!("  importing {rows} cards"));
    let (cpu, began) = (vault.cpu()?, Instant::now());
    let mut command = vault.command_line("tokenizer");
    command.args(["--quiet", "tokens", "import"]).arg(&file).arg("--out").arg(vault.path("tokens.csv"));
    run_to_end(&mut command)?;
    let (elapsed, used) = (began.elapsed(), vault.cpu()?.saturating_sub(cpu));
    let resident = vault.resident()?;
    vault.stop()?;
    say("  loading the floor");
    let floor = vault.store.bulk_rows_per_second(rows)?;
    let work = format!("import of {rows} cards by the CLI; floor: {}", vault.store.floors().bulk);
    let ours = rows as f64 / elapsed.as_secs_f64();
    let mut row = Row::new(work, "cards a second", ours, Target::OfFloor(0.3)).beside(floor);
    row.cpu_per_request = Some(used / u32::try_from(rows)?);
    row.resident = Some(resident);
    Ok(vec![row])
}

fn write_cards(file: &Path, rows: u64) -> Outcome<()> {
    let (cards, mut file) = (Cards::starting_at(0), BufWriter::new(File::create(file)?));
    writeln!(file, "number,exp_month,exp_year")?;
    for _ in 0..rows {
        writeln!(file, "{},12,2030", cards.next())?;
    }
    Ok(file.flush()?)
}
