//! Values that go into a statement and fields that come out of a row, the same on both engines. It may use sqlx and the
//! core types; it guarantees that an instant is `timestamptz` on PostgreSQL and microseconds on SQLite, a civil date
//! `date` and ISO text, so that no other module of the store knows the difference.

use crate::StoreError;
use dayclear_core::time::{CivilDate, Instant};
use sqlx::{
    Arguments, Decode, Encode, Postgres, Row, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgRow, PgTypeInfo, PgValueRef, types::Oid},
    sqlite::{SqliteArguments, SqliteRow},
};
use std::{fmt::Write, ops::Deref, str::FromStr, sync::Arc};

/// 2000-01-01T00:00:00Z in microseconds since 1970: PostgreSQL counts from there.
pub(crate) const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
/// 2000-01-01 in days since 1970.
pub(crate) const POSTGRES_EPOCH_DAY: i64 = 10_957;

/// A value for a parameter or a column. `None` is SQL null of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// bigint
    Whole(Option<i64>),
    /// double precision
    Real(Option<f64>),
    /// text
    Text(Option<Text<'a>>),
    /// timestamptz
    Moment(Option<Instant>),
    /// date
    Day(Option<CivilDate>),
    /// boolean
    Truth(Option<bool>),
}

/// A text that is borrowed for one statement, or shared with the thread that binds it without being copied again.
#[derive(Clone, Debug, PartialEq)]
pub enum Text<'a> {
    /// Lives as long as the caller keeps it.
    Borrowed(&'a str),
    /// Shared; a term that recurs is one allocation for all rows.
    Shared(Arc<str>),
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Shared(text) => text,
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident, $convert:expr;)*) => { $(
        impl<'a> From<$type> for Value<'a> { fn from(value: $type) -> Self { Value::$variant(Some($convert(value))) } }
        impl<'a> From<Option<$type>> for Value<'a> { fn from(value: Option<$type>) -> Self { Value::$variant(value.map($convert)) } }
    )* };
}
from! {
    i64 => Whole, |v| v;
    u64 => Whole, |v| v as i64;
    usize => Whole, |v| v as i64;
    f64 => Real, |v| v;
    &'a str => Text, Text::Borrowed;
    &'a String => Text, |v: &'a String| Text::Borrowed(v.as_str());
    String => Text, |v: String| Text::Shared(v.into());
    Arc<str> => Text, Text::Shared;
    Instant => Moment, |v| v;
    CivilDate => Day, |v| v;
    bool => Truth, |v| v;
    &'a dayclear_core::divisions::DivisionCode => Text, |v: &'a dayclear_core::divisions::DivisionCode| Text::Borrowed(v.as_str());
}

struct PgMoment(i64);
struct PgDay(i32);

macro_rules! pg_type {
    ($name:ident, $raw:ty, $oid:literal, $of_many:literal) => {
        impl PgHasArrayType for $name {
            fn array_type_info() -> PgTypeInfo {
                PgTypeInfo::with_oid(Oid($of_many))
            }
        }
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                PgTypeInfo::with_oid(Oid($oid))
            }
        }
        impl Encode<'_, Postgres> for $name {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                buffer.extend_from_slice(&self.0.to_be_bytes());
                Ok(IsNull::No)
            }
        }
        impl Decode<'_, Postgres> for $name {
            fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                Ok($name(<$raw>::from_be_bytes(value.as_bytes()?.try_into()?)))
            }
        }
    };
}
pg_type!(PgMoment, i64, 1184, 1185);
pg_type!(PgDay, i32, 1082, 1182);

fn pg_day(day: CivilDate) -> i32 {
    (day.day_number() - POSTGRES_EPOCH_DAY) as i32
}

fn day_of_number(number: i64) -> CivilDate {
    const EPOCH: fn() -> Option<CivilDate> = || CivilDate::new(1970, 1, 1);
    EPOCH().map(|epoch| epoch.plus_days(number)).unwrap_or_else(|| unreachable!("1970-01-01 exists"))
}

pub(crate) fn sqlite_arguments(values: &[Value<'_>]) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        add_sqlite(&mut arguments, value)?;
    }
    Ok(arguments)
}

pub(crate) fn add_sqlite(arguments: &mut SqliteArguments, value: &Value<'_>) -> Result<(), StoreError> {
    match value {
        Value::Whole(v) => arguments.add(*v),
        Value::Real(v) => arguments.add(*v),
        Value::Text(None) => arguments.add(None::<String>),
        Value::Text(Some(Text::Borrowed(text))) => arguments.add(Arc::<str>::from(*text)),
        Value::Text(Some(Text::Shared(text))) => arguments.add(Arc::clone(text)),
        Value::Moment(v) => arguments.add(v.map(Instant::micros)),
        Value::Day(v) => arguments.add(v.map(|day| day.to_string())),
        Value::Truth(v) => arguments.add(*v),
    }
    .map_err(StoreError::encode)
}

pub(crate) fn postgres_arguments(values: &[Value<'_>]) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Whole(v) => arguments.add(*v),
            Value::Real(v) => arguments.add(*v),
            Value::Text(v) => arguments.add(v.as_deref()),
            Value::Moment(v) => arguments.add(v.map(moment)),
            Value::Day(v) => arguments.add(v.map(|day| PgDay(pg_day(day)))),
            Value::Truth(v) => arguments.add(*v),
        }
        .map_err(StoreError::encode)?;
    }
    Ok(arguments)
}

fn moment(at: Instant) -> PgMoment {
    PgMoment(at.micros() - POSTGRES_EPOCH_US)
}

/// Parameters, and after them a list of keys of one kind as a JSON array.
pub(crate) fn sqlite_list(fixed: &[Value<'_>], keys: &[Value<'_>]) -> Result<SqliteArguments, StoreError> {
    let mut list = String::from("[");
    for key in keys {
        let written = match key {
            Value::Whole(Some(n)) => write!(list, "{n},"),
            Value::Moment(Some(at)) => write!(list, "{},", at.micros()),
            Value::Day(Some(day)) => write!(list, "\"{day}\","),
            Value::Text(Some(text)) => match serde_json::to_string::<str>(text) {
                Ok(text) => write!(list, "{text},"),
                Err(error) => return Err(StoreError::encode(error.into())),
            },
            // nothing is equal to null, and no key is a fraction or a truth
            Value::Whole(None) | Value::Moment(None) | Value::Day(None) | Value::Text(None) => Ok(()),
            Value::Real(_) | Value::Truth(_) => {
                return Err(StoreError::encode("a key is a text, a number or a time".into()));
            }
        };
        written.map_err(|error| StoreError::encode(error.into()))?;
    }
    if list.ends_with(',') {
        list.pop();
    }
    list.push(']');
    let mut arguments = sqlite_arguments(fixed)?;
    arguments.add(list).map_err(StoreError::encode)?;
    Ok(arguments)
}

/// Parameters, and after them a list of keys of one kind as an array.
pub(crate) fn postgres_list(fixed: &[Value<'_>], keys: &[Value<'_>]) -> Result<PgArguments, StoreError> {
    fn all<'k, T>(
        keys: &'k [Value<'_>],
        of: impl Fn(&'k Value<'_>) -> Option<Option<T>>,
    ) -> Result<Vec<T>, StoreError> {
        let kind = || StoreError::encode("the keys of a list are of one kind".into());
        let all: Result<Vec<Option<T>>, StoreError> = keys.iter().map(|key| of(key).ok_or_else(kind)).collect();
        Ok(all?.into_iter().flatten().collect())
    }
    let mut arguments = postgres_arguments(fixed)?;
    match keys.first() {
        Some(Value::Whole(_)) => {
            arguments.add(all(keys, |key| if let Value::Whole(v) = key { Some(*v) } else { None })?)
        }
        Some(Value::Moment(_)) => {
            arguments.add(all(keys, |key| if let Value::Moment(v) = key { Some(v.map(moment)) } else { None })?)
        }
        Some(Value::Day(_)) => {
            let of =
                |key: &Value<'_>| if let Value::Day(v) = key { Some(v.map(|day| PgDay(pg_day(day)))) } else { None };
            arguments.add(all(keys, of)?)
        }
        Some(Value::Text(_)) | None => {
            arguments.add(all(keys, |key| if let Value::Text(v) = key { Some(v.as_deref()) } else { None })?)
        }
        Some(Value::Real(_) | Value::Truth(_)) => Err("a key is a text, a number or a time".into()),
    }
    .map_err(StoreError::encode)?;
    Ok(arguments)
}

/// Parameters, and after them rows of `width` values as one JSON array of arrays.
pub(crate) fn sqlite_rows(
    fixed: &[Value<'_>],
    values: &[Value<'_>],
    width: usize,
) -> Result<SqliteArguments, StoreError> {
    let cell = |value: &Value<'_>| match value {
        Value::Whole(v) => serde_json::json!(v),
        Value::Real(v) => serde_json::json!(v),
        Value::Text(v) => serde_json::json!(v.as_deref()),
        Value::Moment(v) => serde_json::json!(v.map(Instant::micros)),
        Value::Day(v) => serde_json::json!(v.map(|day| day.to_string())),
        Value::Truth(v) => serde_json::json!(v.map(i64::from)),
    };
    let rows: Vec<Vec<serde_json::Value>> =
        values.chunks(width.max(1)).map(|row| row.iter().map(cell).collect()).collect();
    let list = serde_json::to_string(&rows).map_err(|error| StoreError::encode(error.into()))?;
    let mut arguments = sqlite_arguments(fixed)?;
    arguments.add(list).map_err(StoreError::encode)?;
    Ok(arguments)
}

/// Rows as parameters of `unnest`, after other parameters: an array for each of `width` columns, and what each has to be called. The
/// values of a column are of one kind.
pub(crate) fn postgres_columns(
    fixed: &[Value<'_>],
    values: &[Value<'_>],
    width: usize,
) -> Result<(PgArguments, Vec<&'static str>), StoreError> {
    fn column<'v, 'k: 'v, T>(
        values: impl Iterator<Item = &'v Value<'k>>,
        of: impl Fn(&'v Value<'k>) -> Option<Option<T>>,
    ) -> Result<Vec<Option<T>>, StoreError> {
        let kind = || StoreError::encode("the values of a column are of one kind".into());
        values.map(|value| of(value).ok_or_else(kind)).collect()
    }
    let mut arguments = postgres_arguments(fixed)?;
    let mut kinds = Vec::with_capacity(width);
    for at in 0..width {
        let cells = || values.iter().skip(at).step_by(width);
        let (added, kind) = match &values[at] {
            Value::Whole(_) => {
                let all = column(cells(), |cell| if let Value::Whole(v) = cell { Some(*v) } else { None })?;
                (arguments.add(all), "bigint[]")
            }
            Value::Real(_) => {
                let all = column(cells(), |cell| if let Value::Real(v) = cell { Some(*v) } else { None })?;
                (arguments.add(all), "double precision[]")
            }
            Value::Text(_) => {
                let all = column(cells(), |cell| if let Value::Text(v) = cell { Some(v.as_deref()) } else { None })?;
                (arguments.add(all), "text[]")
            }
            Value::Moment(_) => {
                let all = column(cells(), |cell| if let Value::Moment(v) = cell { Some(v.map(moment)) } else { None })?;
                (arguments.add(all), "timestamptz[]")
            }
            Value::Day(_) => {
                let of = |cell: &Value<'_>| match cell {
                    Value::Day(v) => Some(v.map(|day| PgDay(pg_day(day)))),
                    _ => None,
                };
                (arguments.add(column(cells(), of)?), "date[]")
            }
            Value::Truth(_) => {
                let all = column(cells(), |cell| if let Value::Truth(v) = cell { Some(*v) } else { None })?;
                (arguments.add(all), "boolean[]")
            }
        };
        added.map_err(StoreError::encode)?;
        kinds.push(kind);
    }
    Ok((arguments, kinds))
}

/// Packs a value in the binary format of COPY: length, then bytes.
pub(crate) fn pack(buffer: &mut Vec<u8>, value: &Value<'_>) {
    fn put(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) {
        match bytes {
            None => buffer.extend_from_slice(&(-1i32).to_be_bytes()),
            Some(bytes) => {
                buffer.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
                buffer.extend_from_slice(bytes);
            }
        }
    }
    match value {
        Value::Whole(v) => put(buffer, v.map(i64::to_be_bytes).as_ref().map(|b| &b[..])),
        Value::Real(v) => put(buffer, v.map(f64::to_be_bytes).as_ref().map(|b| &b[..])),
        Value::Text(v) => put(buffer, v.as_deref().map(str::as_bytes)),
        Value::Moment(v) => {
            put(buffer, v.map(|at| (at.micros() - POSTGRES_EPOCH_US).to_be_bytes()).as_ref().map(|b| &b[..]))
        }
        Value::Day(v) => put(buffer, v.map(|day| pg_day(day).to_be_bytes()).as_ref().map(|b| &b[..])),
        Value::Truth(v) => put(buffer, v.map(|truth| [u8::from(truth)]).as_ref().map(|b| &b[..])),
    }
}

/// A row of an answer, whichever engine it came from.
pub(crate) enum Record {
    /// From SQLite.
    File(SqliteRow),
    /// From PostgreSQL.
    Server(PgRow),
}

impl Record {
    /// The field at a position, by the type the caller wants.
    pub fn get<T: Field>(&self, position: usize) -> Result<T, StoreError> {
        T::read(self, position)
    }
    /// A term (or any text that parses) at a position.
    pub fn term<T: FromStr>(&self, position: usize) -> Result<T, StoreError>
    where
        T::Err: std::fmt::Display,
    {
        let text: String = self.get(position)?;
        text.parse().map_err(|error: T::Err| StoreError::Meaning { value: text.clone(), problem: error.to_string() })
    }
    /// A term that may be null.
    pub fn maybe_term<T: FromStr>(&self, position: usize) -> Result<Option<T>, StoreError>
    where
        T::Err: std::fmt::Display,
    {
        match self.get::<Option<String>>(position)? {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|error: T::Err| StoreError::Meaning { value: text.clone(), problem: error.to_string() }),
        }
    }
}

/// A type that can be read from a field.
pub(crate) trait Field: Sized {
    fn read(record: &Record, position: usize) -> Result<Self, StoreError>;
}

macro_rules! plain_field {
    ($($type:ty),*) => { $(
        impl Field for Option<$type> {
            fn read(record: &Record, position: usize) -> Result<Self, StoreError> {
                match record {
                    Record::File(row) => row.try_get(position),
                    Record::Server(row) => row.try_get(position),
                }.map_err(StoreError::from)
            }
        }
        impl Field for $type {
            fn read(record: &Record, position: usize) -> Result<Self, StoreError> {
                Option::<$type>::read(record, position)?.ok_or(StoreError::Null { position })
            }
        }
    )* };
}
plain_field!(i64, f64, String, bool);

impl Field for Option<Instant> {
    fn read(record: &Record, position: usize) -> Result<Self, StoreError> {
        Ok(match record {
            Record::File(row) => row.try_get::<Option<i64>, _>(position)?,
            Record::Server(row) => row.try_get::<Option<PgMoment>, _>(position)?.map(|at| at.0 + POSTGRES_EPOCH_US),
        }
        .map(Instant::from_micros))
    }
}

impl Field for Option<CivilDate> {
    fn read(record: &Record, position: usize) -> Result<Self, StoreError> {
        match record {
            Record::File(row) => match row.try_get::<Option<String>, _>(position)? {
                None => Ok(None),
                Some(text) => text
                    .parse()
                    .map(Some)
                    .map_err(|error| StoreError::Meaning { value: text.clone(), problem: format!("{error}") }),
            },
            Record::Server(row) => Ok(row
                .try_get::<Option<PgDay>, _>(position)?
                .map(|day| day_of_number(i64::from(day.0) + POSTGRES_EPOCH_DAY))),
        }
    }
}

macro_rules! never_null {
    ($($type:ty),*) => { $(
        impl Field for $type {
            fn read(record: &Record, position: usize) -> Result<Self, StoreError> {
                Option::<$type>::read(record, position)?.ok_or(StoreError::Null { position })
            }
        }
    )* };
}
never_null!(Instant, CivilDate);
