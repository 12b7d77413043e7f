use std::time::Duration;

use strongroom_core::ports::store::{ProfileRow, StoreError};
use strongroom_domain::{
    KeptDigits, LuhnRule, LuhnStyle, ProfileName, Reuse, ScopeName, ShownDigits, TenantId, TokenFormat,
    TokenProfile,
};

use super::Table;
use crate::sqlite::columns::Columns;
use crate::sqlite::values::Values;

impl Table for ProfileRow {
    const NAME: &'static str = "token profile";
    const SELECT: &'static str = "\
        SELECT tenant, name, format, kept_digits, luhn_style, shown_digits, min_card_digits, reuse, scope, \
        ttl_seconds, single_use, reversible, \
        check_digit_rule, created_at, created_by, epoch, mac FROM token_profiles";
    const PUT: &'static str = "\
        INSERT INTO token_profiles (tenant, name, format, kept_digits, luhn_style, shown_digits, min_card_digits, reuse, \
        scope, ttl_seconds, \
        single_use, reversible, check_digit_rule, created_at, created_by, epoch, mac) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, name) DO UPDATE SET \
        format = excluded.format, kept_digits = excluded.kept_digits, luhn_style = excluded.luhn_style, \
        shown_digits = excluded.shown_digits, min_card_digits = excluded.min_card_digits, reuse = excluded.reuse, scope = excluded.scope, ttl_seconds = excluded.ttl_seconds, \
        single_use = excluded.single_use, reversible = excluded.reversible, \
        check_digit_rule = excluded.check_digit_rule, created_at = excluded.created_at, \
        created_by = excluded.created_by, epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.text(self.profile.name.as_str());
        values.text(self.profile.format.as_str());
        values.text(self.profile.keep.as_str());
        values.text(self.profile.luhn.as_str());
        values.text(self.profile.show.as_str());
        values.integer(self.profile.min_card_digits);
        values.text(self.profile.reuse.as_str());
        values.optional_text(self.profile.scope.as_ref().map(ScopeName::as_str));
        values.optional_integer(self.profile.ttl.map(|ttl| i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX)));
        values.flag(self.profile.single_use);
        values.flag(self.profile.reversible);
        values.text(rule_name(self.profile.card_check_digit));
        values.time(self.created_at);
        values.text(&self.created_by);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            profile: TokenProfile {
                name: columns.parsed(ProfileName::parse)?,
                format: columns.known(TokenFormat::parse)?,
                keep: columns.known(KeptDigits::parse)?,
                luhn: columns.known(LuhnStyle::parse)?,
                show: columns.known(ShownDigits::parse)?,
                min_card_digits: columns.number()?,
                reuse: columns.known(Reuse::parse)?,
                scope: columns.optional_parsed(ScopeName::parse)?,
                ttl: columns.optional_number()?.map(Duration::from_secs),
                single_use: columns.flag()?,
                reversible: columns.flag()?,
                card_check_digit: columns.known(rule_of_name)?,
            },
            created_at: columns.time()?,
            created_by: columns.string()?,
        })
    }
}

const fn rule_name(rule: LuhnRule) -> &'static str {
    match rule {
        LuhnRule::Required => "required",
        LuhnRule::Relaxed => "relaxed",
    }
}

fn rule_of_name(name: &str) -> Option<LuhnRule> {
    [LuhnRule::Required, LuhnRule::Relaxed].into_iter().find(|rule| rule_name(*rule) == name)
}
