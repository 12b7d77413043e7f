//! `strongroom tokens list`

use crate::arguments::PageArguments;
use crate::failure::Failure;
use crate::session::Session;

/// Lists a page of them.
pub(super) async fn run(page: PageArguments, session: &Session) -> Result<(), Failure> {
    let list = session.vault()?.list_tokens(&page.into()).await?;
    session.show(&list)?;
    session.output().tell_next_page(list.next_cursor.as_deref());
    Ok(())
}
