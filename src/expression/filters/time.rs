//! Filters of times.

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{Call, Outcome, Prepared};
use crate::clock;
use crate::expression::cost::Fault;
use crate::expression::operators::kind;
use crate::value::Value;

/// What `format: date-time` and `format: date` let through; without an offset it is UTC.
fn utc(call: &Call<'_>) -> Result<DateTime, Fault> {
    let Some(Value::Text(text)) = call.value else {
        return Err(Fault::misfit(format!("{} is not a time", kind(call.value))));
    };
    clock::parse_utc(text)
        .or_else(|| clock::parse_utc(&format!("{text}Z")))
        .or_else(|| clock::parse_utc(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| Fault::misfit("a string that is not an RFC 3339 time"))
}

/// The time in a zone; the last day of the year 9999 is told in UTC alone.
fn zoned(time: DateTime, zone: TimeZone) -> Result<Zoned, Fault> {
    let zoned = time.to_zoned(TimeZone::UTC).map(|time| time.with_time_zone(zone));
    zoned.map_err(|_| Fault::misfit("the time would be out of range"))
}

fn zone(call: &Call<'_>) -> Result<TimeZone, Fault> {
    let Some(name) = call.word(1)? else { return Ok(TimeZone::UTC) };
    clock::time_zone(name).map_err(|error| Fault::misfit(error.to_string()))
}

pub(super) fn prepare_date(call: &mut Call<'_>) -> Result<Prepared, Fault> {
    if call.word(0)?.is_some_and(|pattern| !pattern.contains('%')) {
        return Err(Fault::misfit("nothing in the pattern is of the time, such as `%Y-%m-%d`"));
    }
    zone(call).map(Prepared::Zone)
}

pub(super) fn date(call: &mut Call<'_>) -> Outcome {
    let zone = match call.prepared {
        Some(Prepared::Zone(zone)) => zone.clone(),
        _ => zone(call)?,
    };
    let pattern = call.word(0)?.ok_or_else(|| Fault::misfit("a pattern is a string"))?;
    let time = utc(call)?;
    let text = match zone == TimeZone::UTC {
        true => clock::format_utc(time, pattern),
        false => clock::format_zoned(&zoned(time, zone)?, pattern),
    };
    let text = text.map_err(|error| Fault::misfit(error.to_string()))?;
    call.budget.spend_text(text.len())?;
    Ok(Some(text.into()))
}

fn span(call: &Call<'_>) -> Result<jiff::Span, Fault> {
    let text = call.word(0)?.ok_or_else(|| Fault::misfit("a duration is a string"))?;
    clock::parse_span(text).map_err(|error| Fault::misfit(error.to_string()))
}

pub(super) fn prepare_span(call: &mut Call<'_>) -> Result<Prepared, Fault> {
    Ok(Prepared::Span(span(call)?, zone(call)?))
}

/// Months and years go by the calendar: a month after January 31st is the last day of February.
pub(super) fn plus(call: &mut Call<'_>) -> Outcome {
    let (span, zone) = match call.prepared {
        Some(Prepared::Span(span, zone)) => (*span, zone.clone()),
        _ => (span(call)?, zone(call)?),
    };
    let time = utc(call)?;
    let later = match zone == TimeZone::UTC {
        true => time.checked_add(span).map(|later| format!("{later}Z")),
        false => zoned(time, zone)?.checked_add(span).map(|later| later.timestamp().to_string()),
    };
    let later = later.map_err(|_| Fault::misfit("the time would be out of range"))?;
    Ok(Some(later.into()))
}

pub(super) fn instant(call: &mut Call<'_>) -> Outcome {
    let nanoseconds = utc(call)?.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    let nanoseconds = nanoseconds.as_nanos();
    Ok(Value::number(&nanoseconds.to_string()))
}

/// RFC 9110, section 5.6.7.
pub(super) fn http_date(call: &mut Call<'_>) -> Outcome {
    let text = clock::format_utc(utc(call)?, "%a, %d %b %Y %H:%M:%S GMT");
    Ok(Some(text.map_err(|error| Fault::misfit(error.to_string()))?.into()))
}
