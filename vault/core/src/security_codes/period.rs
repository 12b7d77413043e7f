use std::time::Duration;

use strongroom_domain::Timestamp;

use super::LONGEST_TIME_TO_LIVE;
use crate::audit::cluster_name;
use crate::ports::HsmKeyKind;

/// Five minutes, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Period(pub(super) u32);

/// How long one is.
const LENGTH: Duration = Duration::from_secs(300);

impl Period {
    /// The longest that anything of a period is of use: sealed in its first moment, for the longest time, at its end.
    pub(super) const LIFE: Duration = LENGTH.saturating_add(LONGEST_TIME_TO_LIVE);

    /// The one that this moment is in.
    pub(super) fn of(moment: Timestamp) -> Self {
        let length = i64::try_from(LENGTH.as_millis()).unwrap_or(i64::MAX);
        Self(u32::try_from(moment.unix_millis().div_euclid(length)).unwrap_or(0))
    }

    /// When it is over and nothing more is sealed under its key.
    pub(super) fn end(self) -> Timestamp {
        Timestamp::from_unix_millis(0).plus(LENGTH.saturating_mul(self.0.saturating_add(1)))
    }

    /// When the last code under its key has expired, whatever anybody says: from then on the key has to be gone.
    pub(super) fn last_use(self) -> Timestamp {
        self.end().plus(LONGEST_TIME_TO_LIVE)
    }

    /// What the labels of a cluster's keys begin with.
    pub(super) fn label_prefix(cluster: &[u8; 16]) -> String {
        format!("strongroom.{}{}", cluster_name(cluster), HsmKeyKind::SHORT_LIVED_MARK)
    }

    /// What the key of this period is called in the HSM. Partly random: nodes race to make it, and the losers remove theirs
    /// by name.
    pub(super) fn label(self, cluster: &[u8; 16], random: [u8; 4]) -> String {
        format!("{}{:06x}.{:08x}", Self::label_prefix(cluster), self.0, u32::from_be_bytes(random))
    }

    /// The period that such a label names. Labels cannot be changed, so this is believed where a table is not.
    pub(super) fn of_label(cluster: &[u8; 16], label: &str) -> Option<Self> {
        let (period, random) = label.strip_prefix(&Self::label_prefix(cluster))?.split_once('.')?;
        let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if random.len() != 8 || !hexadecimal(random) || !hexadecimal(period) {
            return None;
        }
        u32::from_str_radix(period, 16).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_the_period_and_fits_the_hsm() {
        let now = Timestamp::from_unix_millis(1_795_000_000_000);
        let period = Period::of(now);
        assert!(now < period.end() && period.end().minus(LENGTH) <= now);
        assert_eq!(Period::of(period.end()), Period(period.0 + 1), "the end is the next one's beginning");
        let label = period.label(&[0xff; 16], [0, 0, 0, 7]);
        assert!(label.len() <= 64 && HsmKeyKind::SecurityCode.fits_label(&label), "{label}");
        assert_eq!(Period::of_label(&[0xff; 16], &label), Some(period));
        assert_eq!(Period::of_label(&[0xfe; 16], &label), None, "another cluster's");
        for other in [label.strip_suffix('7').unwrap(), "strongroom.x.kek-data", &format!("{label}/binding")]
        {
            assert_eq!(Period::of_label(&[0xff; 16], other), None, "{other}");
        }
        assert_eq!(period.last_use().minus(Period::LIFE), period.end().minus(LENGTH));
    }
}
