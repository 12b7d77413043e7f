//! The works: a file for each row of the table or family of rows. Each begins with a fresh vault, so that none sees what
//! another left behind.

mod authorization;
mod batch;
mod bodies;
mod fields;
mod growth;
mod hsm_calls;
mod import;
mod latency;
mod memory;
mod overload;
mod tokens;

use clap::ValueEnum as _;

use crate::cpu::Cores;
use crate::plan::{Plan, StoreKind, Work};
use crate::table::{Row, show};
use crate::{Outcome, say};

/// Measures what the plan names, on each store it names.
pub(crate) fn run(plan: &Plan) -> Outcome<()> {
    let works = if plan.works.is_empty() { Work::value_variants() } else { &plan.works };
    for kind in plan.store.kinds() {
        let (mut rows, before) = (Vec::new(), Cores::now()?);
        for work in works {
            say(&format!("{}: {work:?}", kind.name()));
            rows.extend(measure(*work, plan, *kind)?);
        }
        let how = format!(
            "{} connections, {} s a measurement after a warm-up; CPU is that of the vault and its database processes. The \
             host gave {:.1} % of the cores' time to others meanwhile.",
            plan.connections,
            plan.seconds.as_secs(),
            100.0 * Cores::now()?.stolen_since(&before)
        );
        let results = plan.results.as_deref().filter(|_| !plan.no_record);
        show(kind.name(), &rows, &how, results)?;
    }
    Ok(())
}

fn measure(work: Work, plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    match work {
        Work::Fields => fields::measure(plan, kind),
        Work::Tokenize => tokens::tokenize(plan, kind),
        Work::Detokenize => tokens::detokenize(plan, kind),
        Work::Batch => batch::measure(plan, kind),
        Work::Import => import::measure(plan, kind),
        Work::Authorization => authorization::measure(plan),
        Work::Hsm => hsm_calls::measure(plan, kind),
        Work::Latency => latency::measure(plan, kind),
        Work::Growth => growth::measure(plan, kind),
        Work::Memory => memory::measure(plan, kind),
        Work::Overload => overload::measure(plan, kind),
    }
}
