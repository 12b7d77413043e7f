//! The table.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::load::Measured;
use crate::{Outcome, machine};

/// One figure, beside its floor if it has one.
pub(crate) struct Row {
    pub(crate) work: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    pub(crate) floor: Option<f64>,
    pub(crate) target: Target,
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
    pub(crate) cpu_per_request: Option<Duration>,
    /// Resident memory of the vault, bytes.
    pub(crate) resident: Option<u64>,
}

/// What is asked of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// So many times the floor at least.
    OfFloor(f64),
    /// So many times the floor at most.
    OfFloorAtMost(f64),
    /// Itself so much at most.
    AtMost(f64),
    /// Nothing: it is there to be compared with.
    Nothing,
}

impl Row {
    /// A figure without anything beside it.
    pub(crate) fn new(work: impl Into<String>, unit: &'static str, ours: f64, target: Target) -> Self {
        Self {
            work: work.into(),
            unit,
            ours,
            floor: None,
            target,
            p50: None,
            p99: None,
            cpu_per_request: None,
            resident: None,
        }
    }

    pub(crate) fn beside(self, floor: f64) -> Self {
        Self { floor: Some(floor), ..self }
    }

    /// With what else a measurement saw.
    pub(crate) fn of(self, measured: &Measured, resident: u64) -> Self {
        Self {
            p50: Some(measured.p50),
            p99: Some(measured.p99),
            cpu_per_request: Some(measured.cpu_per_request()),
            resident: Some(resident),
            ..self
        }
    }

    pub(crate) fn latency(self, p50: Duration, p99: Duration) -> Self {
        Self { p50: Some(p50), p99: Some(p99), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        self.floor.map(|floor| self.ours / floor)
    }

    fn verdict(&self) -> String {
        let met = |is_met: bool| if is_met { "met" } else { "missed" };
        let ratio = self.ratio().unwrap_or(f64::NAN);
        match self.target {
            Target::OfFloor(least) => format!("≥ {least} × {}", met(ratio >= least)),
            Target::OfFloorAtMost(most) => format!("≤ {most} × {}", met(ratio <= most)),
            Target::AtMost(most) => format!("≤ {most} {}", met(self.ours <= most)),
            Target::Nothing => "–".to_owned(),
        }
    }

    fn line(&self) -> String {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        let millis = |latency: Option<Duration>| {
            or_dash(latency.map(|latency| format!("{:.2}", latency.as_secs_f64() * 1e3)))
        };
        [
            self.work.clone(),
            number(self.ours),
            or_dash(self.floor.map(number)),
            self.unit.to_owned(),
            or_dash(self.ratio().map(|ratio| format!("{ratio:.2}"))),
            self.verdict(),
            millis(self.p50),
            millis(self.p99),
            or_dash(self.cpu_per_request.map(|cpu| format!("{:.0}", cpu.as_secs_f64() * 1e6))),
            or_dash(self.resident.map(|bytes| (bytes >> 20).to_string())),
        ]
        .join(" | ")
    }
}

/// Prints the table and, if asked, appends it to the results.
pub(crate) fn show(store: &str, rows: &[Row], how: &str, results: Option<&Path>) -> Outcome<()> {
    let mut text = format!(
        "\n## {store}: {}\n\n{how}\n\n| work | ours | floor | unit | ratio | target | p50 ms | p99 ms | CPU a request µs | resident MiB |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        machine::described()
    );
    rows.iter().for_each(|row| text.push_str(&format!("| {} |\n", row.line())));
    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    {
        println!("{text}");
    }
    if let Some(path) = results {
        OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Three digits that count.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_the_target_is_met() {
        let row = |ours, target| Row::new("work", "a second", ours, target).beside(100.0).verdict();
        assert_eq!(row(70.0, Target::OfFloor(0.7)), "≥ 0.7 × met");
        assert_eq!(row(69.0, Target::OfFloor(0.7)), "≥ 0.7 × missed");
        assert_eq!(row(121.0, Target::OfFloorAtMost(1.2)), "≤ 1.2 × missed");
        assert_eq!(row(60.0, Target::AtMost(60.0)), "≤ 60 met");
        let alone = Row::new("work", "ms", 0.00125, Target::Nothing);
        assert_eq!(alone.line(), "work | 0.0013 | – | ms | – | – | – | – | – | –");
        assert_eq!(Row::new("work", "ms", 1.0, Target::OfFloor(0.1)).verdict(), "≥ 0.1 × missed");
    }
}
