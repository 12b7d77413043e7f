use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgHasArrayType};
use sqlx::{Arguments, Encode, Error, Postgres, Type};
use strongroom_domain::Timestamp;

/// The values of one statement, in the order of its placeholders. A list is one value: an array, unnested by the
/// statement.
#[derive(Default)]
pub(super) struct Values {
    arguments: PgArguments,
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

    pub(super) fn integer(&mut self, value: impl Into<i64>) {
        self.add(value.into());
    }

    pub(super) fn optional_integer(&mut self, value: Option<i64>) {
        self.add(value);
    }

    pub(super) fn process(&mut self, value: i32) {
        self.add(value);
    }

    pub(super) fn flag(&mut self, value: bool) {
        self.add(value);
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

    pub(super) fn texts<'v>(&mut self, values: impl Iterator<Item = &'v str>) {
        self.list(values);
    }

    pub(super) fn optional_texts<'v>(&mut self, values: impl Iterator<Item = Option<&'v str>>) {
        self.list(values);
    }

    pub(super) fn optional_integers(&mut self, values: impl Iterator<Item = Option<i64>>) {
        self.list(values);
    }

    pub(super) fn blobs<'v>(&mut self, values: impl Iterator<Item = &'v [u8]>) {
        self.list(values);
    }

    pub(super) fn optional_blobs<'v>(&mut self, values: impl Iterator<Item = Option<&'v [u8]>>) {
        self.list(values);
    }

    pub(super) fn integers<N: Into<i64>>(&mut self, values: impl Iterator<Item = N>) {
        self.list(values.map(Into::into));
    }

    /// Months, years and shards.
    pub(super) fn optional_small(&mut self, values: impl Iterator<Item = Option<u16>>) {
        let values: Result<Vec<Option<i16>>, _> =
            values.map(|value| value.map(i16::try_from).transpose()).collect();
        match values {
            Ok(values) => self.add(values),
            Err(error) => self.failure = Some(error.into()),
        }
    }

    pub(super) fn shards(&mut self, values: impl Iterator<Item = u16>) {
        self.optional_small(values.map(Some));
    }

    pub(super) fn flags(&mut self, values: impl Iterator<Item = bool>) {
        self.list(values);
    }

    pub(super) fn times(&mut self, values: impl Iterator<Item = Timestamp>) {
        self.list(values.map(Timestamp::unix_millis));
    }

    pub(super) fn optional_times(&mut self, values: impl Iterator<Item = Option<Timestamp>>) {
        self.list(values.map(|value| value.map(Timestamp::unix_millis)));
    }

    /// The values, unless one of them had no place in the database.
    pub(super) fn finish(self) -> Result<PgArguments, Error> {
        match self.failure {
            None => Ok(self.arguments),
            Some(error) => Err(Error::Encode(error)),
        }
    }

    fn list<'v, T>(&mut self, values: impl Iterator<Item = T>)
    where
        T: Encode<'v, Postgres> + Type<Postgres> + PgHasArrayType + 'v,
    {
        self.add(values.collect::<Vec<T>>());
    }

    fn add<'v, T: Encode<'v, Postgres> + Type<Postgres>>(&mut self, value: T) {
        if let Err(error) = self.arguments.add(value) {
            self.failure = Some(error);
        }
    }
}
