//! A token's aliases and tags, as they stand in one column each: sorted, with spaces between. Neither has a space in it.

use std::collections::BTreeSet;

use strongroom_domain::{Alias, Tag};

/// `None` if there are none.
pub(crate) fn aliases_column(aliases: &BTreeSet<Alias>) -> Option<String> {
    joined(aliases.iter().map(Alias::as_str))
}

/// `None` if there are none.
pub(crate) fn tags_column(tags: &BTreeSet<Tag>) -> Option<String> {
    joined(tags.iter().map(Tag::as_str))
}

/// `None`: nothing that this program writes looks so.
pub(crate) fn read_aliases(column: Option<&str>) -> Option<BTreeSet<Alias>> {
    read(column, |text| Alias::parse(text).ok())
}

/// `None`: nothing that this program writes looks so.
pub(crate) fn read_tags(column: Option<&str>) -> Option<BTreeSet<Tag>> {
    read(column, |text| Tag::parse(text).ok())
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn read<T: Ord>(column: Option<&str>, parse: fn(&str) -> Option<T>) -> Option<BTreeSet<T>> {
    column.map_or_else(|| Some(BTreeSet::new()), |text| text.split(' ').map(parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_their_column() {
        let aliases: BTreeSet<Alias> =
            ["z", "customer-42/card-1"].into_iter().map(|text| Alias::parse(text).unwrap()).collect();
        let column = aliases_column(&aliases);
        assert_eq!(column.as_deref(), Some("customer-42/card-1 z"));
        assert_eq!(read_aliases(column.as_deref()), Some(aliases));
        assert_eq!((aliases_column(&BTreeSet::new()), read_tags(None)), (None, Some(BTreeSet::new())));
        for odd in ["", "a  b", " a", "a/b\tc"] {
            assert_eq!(read_tags(Some(odd)), None, "{odd}");
        }
    }
}
