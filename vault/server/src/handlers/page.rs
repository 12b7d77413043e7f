//! Pages of lists that the vault holds in memory, in the order of their names.

use strongroom_api::{List, ListQuery};
use strongroom_domain::TenantId;

use super::cursor;
use crate::problem::Failure;

/// The page that was asked for.
pub(super) fn by_name<T>(
    list: &str,
    tenant: &TenantId,
    query: &ListQuery,
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> Result<List<T>, Failure> {
    let after = match &query.cursor {
        None => None,
        Some(cursor) => {
            let [after] = cursor::read(list, tenant, cursor)?;
            Some(after)
        }
    };
    let limit = query.limit.get() as usize;
    let is_behind = |one: &T| after.as_deref().is_none_or(|after| name(one) > after);
    let mut items: Vec<T> = all.into_iter().filter(is_behind).take(limit.saturating_add(1)).collect();
    let is_last = items.len() <= limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| !is_last).map(|last| cursor::write(list, tenant, [name(last)]));
    Ok(List { items, next_cursor })
}

#[cfg(test)]
mod tests {
    use strongroom_api::PageLimit;

    use super::*;

    #[test]
    fn pages_hold_everything_once() {
        let tenant = TenantId::parse("acme").unwrap();
        let all = ["a", "b", "c", "d", "e"];
        for limit in 1..=6 {
            let mut query = ListQuery { limit: PageLimit::new(limit).unwrap(), cursor: None };
            let mut seen = Vec::new();
            loop {
                let page = by_name("keys", &tenant, &query, all.to_vec(), |name| name).unwrap();
                assert!(page.items.len() <= limit as usize);
                seen.extend(page.items);
                match page.next_cursor {
                    Some(next) => query.cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, all);
        }
    }
}
