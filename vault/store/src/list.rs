//! Which index a list of tokens goes by, and the statement for it. One statement for each index, whatever else is asked
//! for: what the index does not settle is looked at row by row, in the order of the list.

use strongroom_core::ports::store::{TokenCursor, TokenFilter};
use strongroom_domain::{Brand, ProfileName, Tag, TenantId, Timestamp, TokenState, ValueKind};

/// What settles where the list's rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListedBy {
    /// Soonest end first.
    End,
    Tag,
    LastFour,
    Bin,
    Brand,
    /// Kinds other than cards, which are most of what there is.
    Kind,
    /// Those that are used up.
    Use,
    Profile,
    /// All of them, oldest first.
    Age,
}

/// A value of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Tenant,
    At,
    Token,
    Limit,
    Tag,
    LastFour,
    Bin,
    Brand,
    Kind,
    Profile,
    State,
    CreatedFrom,
    CreatedTo,
    ExpiresBefore,
}

/// A value as it is bound.
pub(crate) enum Bound<'a> {
    Text(Option<&'a str>),
    Owned(Option<String>),
    Integer(i64),
}

/// A list's statement and the values of its places, in their order.
pub(crate) struct ListStatement {
    pub(crate) text: String,
    pub(crate) fields: Vec<Field>,
}

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Knows nothing of how many rows have what, so it is told the index.
    Sqlite,
    /// Knows, and wants to know the type of what may be NULL.
    Postgres,
}

impl Dialect {
    fn place(self, number: usize, field: Field) -> String {
        match self {
            Self::Sqlite => format!("?{number}"),
            Self::Postgres => {
                let kind = if field.is_integer() { "bigint" } else { "text" };
                format!("${number}::{kind}")
            }
        }
    }

    /// The function that says where a text is within another, from 1 on.
    const fn place_within(self) -> &'static str {
        match self {
            Self::Sqlite => "instr",
            Self::Postgres => "strpos",
        }
    }

    const fn join_in_order(self) -> &'static str {
        match self {
            Self::Sqlite => "CROSS JOIN",
            Self::Postgres => "JOIN",
        }
    }
}

/// A list that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) filter: &'a TokenFilter,
    pub(crate) after: Option<&'a TokenCursor>,
    pub(crate) limit: u32,
}

impl Field {
    const fn is_integer(self) -> bool {
        matches!(self, Self::At | Self::Limit | Self::CreatedFrom | Self::CreatedTo | Self::ExpiresBefore)
    }

    pub(crate) fn of<'a>(self, asked: &Asked<'a>) -> Bound<'a> {
        let filter = asked.filter;
        let millis = |time: Option<Timestamp>, otherwise: i64| time.map_or(otherwise, Timestamp::unix_millis);
        match self {
            Self::Tenant => Bound::Text(Some(asked.tenant.as_str())),
            // A list by age begins with what was made at that time. No token is empty, so this is before all of them.
            Self::At => Bound::Integer(match (asked.after, filter.expires_before) {
                (Some(cursor), _) => cursor.at.unix_millis(),
                (None, Some(_)) => i64::MIN,
                (None, None) => millis(filter.created_from, i64::MIN),
            }),
            Self::Token => Bound::Text(Some(asked.after.map_or("", |cursor| cursor.token.as_str()))),
            Self::Limit => Bound::Integer(i64::from(asked.limit)),
            Self::Tag => Bound::Text(filter.tag.as_ref().map(Tag::as_str)),
            Self::LastFour => Bound::Owned(filter.last_four.map(|ending| ending.to_string())),
            Self::Bin => Bound::Owned(filter.bin.map(|bin| bin.to_string())),
            Self::Brand => Bound::Text(filter.brand.map(Brand::as_str)),
            Self::Kind => Bound::Text(filter.kind.map(ValueKind::as_str)),
            Self::Profile => Bound::Text(filter.profile.as_ref().map(ProfileName::as_str)),
            Self::State => Bound::Text(filter.state.map(TokenState::as_str)),
            Self::CreatedFrom => Bound::Integer(millis(filter.created_from, i64::MIN)),
            Self::CreatedTo => Bound::Integer(millis(filter.created_to, i64::MAX)),
            Self::ExpiresBefore => Bound::Integer(millis(filter.expires_before, i64::MAX)),
        }
    }
}

impl ListedBy {
    /// The most telling first.
    pub(crate) const ALL: [Self; 9] = [
        Self::End,
        Self::Tag,
        Self::LastFour,
        Self::Bin,
        Self::Brand,
        Self::Kind,
        Self::Use,
        Self::Profile,
        Self::Age,
    ];

    pub(crate) fn of(filter: &TokenFilter) -> Self {
        let TokenFilter { bin, last_four, brand, tag, kind, profile, state, expires_before, .. } = filter;
        let given = [
            expires_before.is_some(),
            tag.is_some(),
            last_four.is_some(),
            bin.is_some(),
            brand.is_some(),
            kind.is_some_and(|kind| kind != ValueKind::Card),
            *state == Some(TokenState::Used),
            profile.is_some(),
        ];
        Self::ALL.into_iter().zip(given).find_map(|(by, given)| given.then_some(by)).unwrap_or(Self::Age)
    }

    /// The statement of each, in the order of [`Self::ALL`].
    pub(crate) fn statements(columns: &str, dialect: Dialect) -> Vec<ListStatement> {
        Self::ALL.into_iter().map(|by| by.statement(columns, dialect)).collect()
    }

    /// The index, by its name in the migrations.
    const fn index(self) -> &'static str {
        match self {
            Self::End => "tokens_by_end",
            // The table itself is in this order.
            Self::Tag => "",
            Self::LastFour => "tokens_by_last_four",
            Self::Bin => "tokens_by_bin",
            Self::Brand => "tokens_by_brand",
            Self::Kind => "tokens_by_kind",
            Self::Use => "tokens_used",
            Self::Profile => "tokens_by_profile",
            Self::Age => "tokens_by_age",
        }
    }

    /// Its own among those.
    pub(crate) fn pick(self, statements: &[ListStatement]) -> Option<&ListStatement> {
        Self::ALL.into_iter().zip(statements).find_map(|(by, statement)| (by == self).then_some(statement))
    }

    fn statement(self, columns: &str, dialect: Dialect) -> ListStatement {
        let mut writing = Writing { fields: Vec::new(), dialect };
        let first = if self == Self::Tag { "token_tags" } else { "tokens" };
        let from = match (self, dialect) {
            (Self::Tag, _) => format!(
                "token_tags {} tokens ON tokens.shard = token_tags.shard \
                 AND tokens.tenant = token_tags.tenant AND tokens.token = token_tags.token",
                dialect.join_in_order()
            ),
            (_, Dialect::Sqlite) => format!("tokens INDEXED BY {}", self.index()),
            (_, Dialect::Postgres) => "tokens".to_owned(),
        };
        let order = if self == Self::End { "expires_at" } else { "created_at" };
        let text = format!(
            "SELECT {columns} FROM {from} WHERE {first}.tenant = {} AND ({first}.{order}, {first}.token) > ({}, {}){}{}{} \
             ORDER BY {first}.{order}, {first}.token LIMIT {}",
            writing.place(Field::Tenant),
            writing.place(Field::At),
            writing.place(Field::Token),
            self.by_index(&mut writing),
            self.by_time(first, &mut writing),
            self.by_row(&mut writing),
            writing.place(Field::Limit),
        );
        ListStatement { text, fields: writing.fields }
    }

    /// What the index settles, with the words of its own condition.
    fn by_index(self, writing: &mut Writing) -> String {
        let mut is = |column: &str, field: Field| format!(" AND {column} = {}", writing.place(field));
        match self {
            Self::End => " AND tokens.expires_at IS NOT NULL".to_owned(),
            Self::Tag => is("token_tags.tag", Field::Tag),
            Self::LastFour => is("tokens.last_four", Field::LastFour),
            Self::Bin => is("tokens.bin", Field::Bin),
            Self::Brand => is("tokens.brand", Field::Brand),
            Self::Kind => is("tokens.kind", Field::Kind) + " AND tokens.kind <> 'card'",
            Self::Use => " AND tokens.state = 'used'".to_owned(),
            Self::Profile => is("tokens.profile", Field::Profile),
            Self::Age => String::new(),
        }
    }

    fn by_time(self, first: &str, writing: &mut Writing) -> String {
        let to = writing.place(Field::CreatedTo);
        if self != Self::End {
            return format!(" AND {first}.created_at < {to}");
        }
        let (before, from) = (writing.place(Field::ExpiresBefore), writing.place(Field::CreatedFrom));
        format!(
            " AND tokens.expires_at < {before} AND tokens.created_at >= {from} AND tokens.created_at < {to}"
        )
    }

    /// What is looked at row by row.
    fn by_row(self, writing: &mut Writing) -> String {
        let optional = [
            (Self::LastFour, "last_four", Field::LastFour),
            (Self::Bin, "bin", Field::Bin),
            (Self::Brand, "brand", Field::Brand),
            (Self::Kind, "kind", Field::Kind),
            (Self::Use, "state", Field::State),
            (Self::Profile, "profile", Field::Profile),
        ];
        let mut text = String::new();
        for (by, column, field) in optional.into_iter().filter(|(by, ..)| *by != self) {
            let place = writing.place(field);
            text.push_str(&format!(" AND ({place} IS NULL OR tokens.{column} = {place})"));
            if by == Self::Use {
                text.push_str(" AND tokens.state <> 'deleted'");
            }
        }
        if self == Self::End {
            let tag = writing.place(Field::Tag);
            let within = writing.dialect.place_within();
            text.push_str(&format!(
                " AND ({tag} IS NULL OR {within}(' ' || tokens.tags || ' ', ' ' || {tag} || ' ') > 0)"
            ));
        }
        text
    }
}

/// Hands out the places of a statement, one for each value.
struct Writing {
    fields: Vec<Field>,
    dialect: Dialect,
}

impl Writing {
    fn place(&mut self, field: Field) -> String {
        let known = self.fields.iter().position(|one| *one == field);
        let index = known.unwrap_or_else(|| {
            self.fields.push(field);
            self.fields.len() - 1
        });
        self.dialect.place(index + 1, field)
    }
}

#[cfg(test)]
mod tests {
    use strongroom_domain::{Bin, IbanEnding};

    use super::*;

    #[test]
    fn the_most_telling_thing_decides() {
        let mut filter = TokenFilter::default();
        assert_eq!(ListedBy::of(&filter), ListedBy::Age);
        filter.kind = Some(ValueKind::Card);
        assert_eq!(ListedBy::of(&filter), ListedBy::Age);
        filter.profile = ProfileName::parse("p").ok();
        assert_eq!(ListedBy::of(&filter), ListedBy::Profile);
        filter.state = Some(TokenState::Used);
        assert_eq!(ListedBy::of(&filter), ListedBy::Use);
        filter.kind = Some(ValueKind::Text);
        assert_eq!(ListedBy::of(&filter), ListedBy::Kind);
        filter.brand = Some(Brand::Visa);
        assert_eq!(ListedBy::of(&filter), ListedBy::Brand);
        filter.bin = Bin::parse("411111");
        assert_eq!(ListedBy::of(&filter), ListedBy::Bin);
        filter.last_four = IbanEnding::parse("1111");
        assert_eq!(ListedBy::of(&filter), ListedBy::LastFour);
        filter.tag = Tag::parse("t").ok();
        assert_eq!(ListedBy::of(&filter), ListedBy::Tag);
        filter.expires_before = Some(Timestamp::from_unix_millis(1));
        assert_eq!(ListedBy::of(&filter), ListedBy::End);
    }
}
