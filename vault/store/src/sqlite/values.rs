use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Error, Sqlite, Type};
use strongroom_domain::Timestamp;

/// The values of one statement, in the order of its placeholders.
#[derive(Default)]
pub(super) struct Values {
    arguments: SqliteArguments,
    failure: Option<BoxDynError>,
}

impl Values {
    pub(super) fn text(&mut self, value: &str) {
        self.add(value);
    }

    pub(super) fn optional_text(&mut self, value: Option<&str>) {
        self.add(value);
    }

    pub(super) fn blob(&mut self, value: &[u8]) {
        self.add(value);
    }

    pub(super) fn optional_blob(&mut self, value: Option<&[u8]>) {
        self.add(value);
    }

    pub(super) fn integer(&mut self, value: impl Into<i64>) {
        self.add(value.into());
    }

    pub(super) fn optional_integer(&mut self, value: Option<i64>) {
        self.add(value);
    }

    pub(super) fn flag(&mut self, value: bool) {
        self.add(i64::from(value));
    }

    pub(super) fn time(&mut self, value: Timestamp) {
        self.add(value.unix_millis());
    }

    pub(super) fn optional_time(&mut self, value: Option<Timestamp>) {
        self.add(value.map(Timestamp::unix_millis));
    }

    /// A number that must not exceed the database's greatest, 2^63 - 1.
    pub(super) fn number(&mut self, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.add(value),
            Err(error) => self.failure = Some(error.into()),
        }
    }

    pub(super) fn nulls(&mut self, count: usize) {
        (0..count).for_each(|_| self.add(None::<i64>));
    }

    pub(super) fn reserve(&mut self, count: usize) {
        self.arguments.reserve(count, 0);
    }

    /// The values, unless one of them had no place in the database.
    pub(super) fn finish(self) -> Result<SqliteArguments, Error> {
        match self.failure {
            None => Ok(self.arguments),
            Some(error) => Err(Error::Encode(error)),
        }
    }

    fn add<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) {
        if let Err(error) = self.arguments.add(value) {
            self.failure = Some(error);
        }
    }
}
