use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row, Type};
use strongroom_core::ports::store::StoreError;
use strongroom_domain::Timestamp;

/// Reads a row's columns from left to right. Whatever does not fit is reported by the table's name alone.
pub(super) struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(super) const fn of(row: &'r PgRow, table: &'static str) -> Self {
        Self { row, next: 0, table }
    }

    pub(super) fn text(&mut self) -> Result<&'r str, StoreError> {
        self.take()
    }

    pub(super) fn string(&mut self) -> Result<String, StoreError> {
        self.text().map(str::to_owned)
    }

    pub(super) fn optional_string(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.take::<Option<&str>>()?.map(str::to_owned))
    }

    /// A text that one of the domain's types reads.
    pub(super) fn parsed<T, E>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StoreError> {
        parse(self.text()?).map_err(|_| self.unreadable())
    }

    /// A text that one of the domain's types knows.
    pub(super) fn known<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(self.text()?).ok_or(self.unreadable())
    }

    /// A text that one of the domain's types reads, or nothing.
    pub(super) fn optional_parsed<T, E>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        self.take::<Option<&str>>()?.map(parse).transpose().map_err(|_| self.unreadable())
    }

    pub(super) fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        self.take()
    }

    pub(super) fn optional_blob(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.take()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        self.take::<&[u8]>()?.try_into().map_err(|_| self.unreadable())
    }

    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        self.take()
    }

    /// A number of the type that is wanted.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        T::try_from(self.take()?).map_err(|_| self.unreadable())
    }

    pub(super) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreError> {
        self.take::<Option<i64>>()?.map(T::try_from).transpose().map_err(|_| self.unreadable())
    }

    /// A month or a year.
    pub(super) fn optional_small<T: TryFrom<i16>>(&mut self) -> Result<Option<T>, StoreError> {
        self.take::<Option<i16>>()?.map(T::try_from).transpose().map_err(|_| self.unreadable())
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.take().map(Timestamp::from_unix_millis)
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_unix_millis))
    }

    /// What to report of this row.
    pub(super) const fn unreadable(&self) -> StoreError {
        StoreError::Unreadable(self.table)
    }

    fn take<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get(self.next).map_err(|_| self.unreadable())?;
        self.next += 1;
        Ok(value)
    }
}
