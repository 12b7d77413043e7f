//! Reading values of options. Refusals say what is allowed and repeat nothing.

use std::fmt;
use std::str::FromStr;

use strongroom_api::identities::Reason;
use strongroom_api::{InText, PageLimit};
use strongroom_domain::Timestamp;

/// Why a value was refused. Safe to show: it never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// A value with a text form of the domain.
pub fn text<T: InText>(typed: &str) -> Result<T, Refusal> {
    T::read(typed).map_err(Refusal)
}

/// A parser for one of a fixed list of names, which help and completions show.
macro_rules! one_of {
    ($type:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$type>::ALL.iter().map(|one| one.as_str())),
            |name| $crate::arguments::text::<$type>(&name),
        )
    };
}
pub(crate) use one_of;

/// A name and a value.
pub fn pair(typed: &str) -> Result<(String, String), Refusal> {
    match typed.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Refusal("must be NAME=VALUE".to_owned())),
    }
}

/// A moment.
pub fn time(typed: &str) -> Result<Timestamp, Refusal> {
    Timestamp::parse_rfc3339(typed)
        .ok_or_else(|| Refusal("must be an RFC 3339 time, such as 2027-01-31T00:00:00Z".to_owned()))
}

/// A length of time: a number of seconds, or a number with s, m, h or d.
pub fn seconds(typed: &str) -> Result<u64, Refusal> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let with_unit = units.iter().find_map(|(unit, length)| Some((typed.strip_suffix(*unit)?, *length)));
    let (number, length) = with_unit.unwrap_or((typed, 1_u64));
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(length));
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
        Refusal("must be a number of seconds, or a number with s, m, h or d, such as 30d".to_owned())
    })
}

/// A whole number in a range.
pub fn whole_number<T: FromStr + PartialOrd + fmt::Display, const LEAST: u64, const MOST: u64>(
    typed: &str,
) -> Result<T, Refusal> {
    let in_range = typed.parse::<u64>().is_ok_and(|number| (LEAST..=MOST).contains(&number));
    let number = if in_range { typed.parse().ok() } else { None };
    number.ok_or_else(|| Refusal(format!("must be a whole number from {LEAST} to {MOST}")))
}

/// The length of a page.
pub fn page_limit(typed: &str) -> Result<PageLimit, Refusal> {
    typed
        .parse()
        .ok()
        .and_then(PageLimit::new)
        .ok_or_else(|| Refusal("must be a whole number from 1 to 1000".to_owned()))
}

/// Why an identity is known or a grant given.
pub fn reason(typed: &str) -> Result<Reason, Refusal> {
    Reason::parse(typed.to_owned()).map_err(|allowed| Refusal(allowed.to_owned()))
}

#[cfg(test)]
mod tests {
    use strongroom_domain::{KeyName, Timestamp};

    use super::*;

    #[test]
    fn lengths_of_time() {
        for (typed, expected) in [("90", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000), ("1s", 1)] {
            assert_eq!(seconds(typed), Ok(expected));
        }
        for typed in ["", "0", "m", "-1", "1w", "99999999999999999d", "1.5h", "ä"] {
            assert!(seconds(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn refusals_do_not_repeat_what_was_typed() {
        let typed = "4111111111111111!";
        let refusals = [
            text::<KeyName>(typed).unwrap_err(),
            text::<Timestamp>(typed).unwrap_err(),
            pair(typed).unwrap_err(),
            whole_number::<u16, 2000, 2099>(typed).unwrap_err(),
            page_limit(typed).unwrap_err(),
        ];
        for refusal in refusals {
            assert!(!refusal.to_string().contains("4111"), "{refusal}");
        }
        assert_eq!(whole_number::<u8, 1, 12>("12"), Ok(12));
        assert!(whole_number::<u8, 1, 12>("13").is_err());
    }
}
