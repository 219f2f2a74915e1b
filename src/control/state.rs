//! `state/{vendor}`: the rows that a vendor remembers.

use std::sync::Arc;

use http::StatusCode;

use super::call::{Call, wrong_kind};
use super::reply::{Refused, done, json, ok};
use crate::exchange::Answer;
use crate::model::CollectionId;
use crate::value::Value;

/// `GET state/{vendor}`: all rows of all collections.
pub(super) fn read_all(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collections = vendor.read(|account| {
        let collections = vendor.plan.collections.iter().enumerate();
        let collections = collections.map(|(at, collection)| {
            (Arc::clone(&collection.name), Value::list(account.rows(CollectionId(at))))
        });
        collections.collect()
    })?;
    Ok(ok(&Value::map(collections)))
}

/// `GET state/{vendor}/{collection}`: its rows in order of insertion.
pub(super) fn read(call: &Call<'_>, vendor: &str, name: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    Ok(ok(&Value::list(vendor.read(|account| account.rows(collection))?)))
}

/// `PUT state/{vendor}/{collection}`: an array in place of all rows; answered with the rows.
pub(super) fn replace(call: &Call<'_>, vendor: &str, name: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    let rows = match call.json()? {
        Value::List(rows) => rows,
        other => return Err(wrong_kind("an array of rows", &other)),
    };
    vendor.change(|account, now| account.replace_rows(vendor.plan, now, collection, &rows))?;
    Ok(ok(&Value::list(vendor.read(|account| account.rows(collection))?)))
}

/// `POST state/{vendor}/{collection}`: one more row; answered with the row as it is kept.
pub(super) fn add(call: &Call<'_>, vendor: &str, name: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    let row = Value::Map(call.json_object()?);
    let row = vendor.change(|account, now| account.add_row(vendor.plan, now, collection, &row))?;
    Ok(json(StatusCode::CREATED, &Value::Record(row)))
}

/// `DELETE state/{vendor}/{collection}`: no rows any more.
pub(super) fn clear(call: &Call<'_>, vendor: &str, name: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    vendor.change(|account, _| Ok(((), account.clear_rows(collection))))?;
    Ok(done())
}

/// `GET state/{vendor}/{collection}/{key}`: one row.
pub(super) fn read_one(
    call: &Call<'_>,
    vendor: &str,
    name: &str,
    key: &str,
) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    match vendor.read(|account| account.row(vendor.plan, collection, key))? {
        Some(row) => Ok(ok(&Value::Record(row))),
        None => Err(no_row(name, key)),
    }
}

/// `PUT state/{vendor}/{collection}/{key}`: that row is the given one from now on, also when
/// there was none; answered with the row as it is kept.
pub(super) fn put_one(
    call: &Call<'_>,
    vendor: &str,
    name: &str,
    key: &str,
) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    let row = Value::Map(call.json_object()?);
    let (row, added) =
        vendor.change(|account, now| account.put_row(vendor.plan, now, collection, key, &row))?;
    let status = if added { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(status, &Value::Record(row)))
}

/// `DELETE state/{vendor}/{collection}/{key}`: one row less.
pub(super) fn remove_one(
    call: &Call<'_>,
    vendor: &str,
    name: &str,
    key: &str,
) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let collection = vendor.collection(name)?;
    match vendor.change(|account, _| Ok(account.remove_row(vendor.plan, collection, key)))? {
        true => Ok(done()),
        false => Err(no_row(name, key)),
    }
}

fn no_row(collection: &str, key: &str) -> Refused {
    Refused::not_found(format!("{collection} has no row with the key `{key}`"))
}
