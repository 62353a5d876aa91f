//! Time zones: fixed offsets of `datetime.timezone`, and the zones of `pytz`.

use super::Delta;
use super::MICROS_PER_SECOND;
use super::Stamp;
use super::class::Class;
use super::delta_of;
use super::iso;
use super::stamp_of;
use crate::base::Context;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::AmbiguousOffset;
use jiff::tz::TimeZone;
use minijinja::Error;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A `tzinfo`.
#[derive(Debug, Clone)]
pub enum Zone {
    /// `datetime.timezone.utc`
    Utc,
    /// `pytz.utc`
    PytzUtc,
    /// `datetime.timezone(offset, name)`
    Fixed {
        seconds: i64,
        name: Option<Arc<str>>,
    },
    /// `pytz.FixedOffset(minutes)`
    PytzFixed { minutes: i64 },
    /// `pytz.timezone(name)`, in one of its phases. A zone that no time was placed in yet is in its
    /// first one, local mean time, as in pytz.
    Region { region: Arc<Region>, phase: Phase },
}

/// A zone of the time zone database.
#[derive(Debug)]
pub struct Region {
    name: String,
    zone: TimeZone,
}

/// A stretch of a zone's history with one offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    seconds: i64,
    /// How much of the offset is daylight saving.
    dst_seconds: i64,
    abbreviation: Arc<str>,
}

pub(super) fn class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.timezone",
        context,
        make: Some(|_, args| {
            let [offset, name] = bind("timezone", ["offset", "name"], args)?;
            let offset = required("timezone", "offset", offset)?;
            let Some(delta) = delta_of(&offset) else {
                return Err(fail(format!(
                    "timezone() argument 1 must be datetime.timedelta, not {}",
                    type_name(&offset)
                )));
            };
            let seconds = i64::try_from(delta.micros() / i128::from(MICROS_PER_SECOND));
            let seconds = seconds.ok().filter(|s| s.abs() < 86_400).ok_or_else(|| {
                fail(format!(
                    "offset must be a timedelta strictly between -timedelta(hours=24) and \
                     timedelta(hours=24), not {}.",
                    delta.python_repr()
                ))
            })?;
            let name = name.map(|name| text("timezone", &name)).transpose()?;
            Ok(match (seconds, name) {
                (0, None) => Zone::Utc.into(),
                (seconds, name) => Zone::Fixed {
                    seconds,
                    name: name.map(Arc::from),
                }
                .into(),
            })
        }),
        method: |_, _, _| None,
        constant: |_, name| match name {
            "utc" => Some(Zone::Utc.into()),
            _ => None,
        },
    }
}

pub(super) fn base_class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.tzinfo",
        context,
        make: None,
        method: |_, _, _| None,
        constant: |_, _| None,
    }
}

/// A `tzinfo` argument: a zone or none.
pub(super) fn zone_argument(value: &Value) -> Result<Option<Zone>, Error> {
    if value.is_none() {
        return Ok(None);
    }
    match value.downcast_object_ref::<Zone>() {
        Some(zone) => Ok(Some(zone.clone())),
        None => Err(fail(format!(
            "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
            type_name(value)
        ))),
    }
}

impl Zone {
    pub fn fixed(seconds: i64) -> Self {
        Zone::Fixed {
            seconds,
            name: None,
        }
    }

    /// The zone of this name in the time zone database, whatever the case; `None` for no such zone.
    pub fn region(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        let name = zone.iana_name().unwrap_or(name).to_string();
        if matches!(name.as_str(), "UTC") {
            return Some(Zone::PytzUtc);
        }
        let region = Arc::new(Region { name, zone });
        let mut phase = region.phase(Timestamp::MIN);
        // pytz keeps local mean time in whole minutes.
        phase.seconds = (phase.seconds as f64 / 60.0).round() as i64 * 60;
        Some(Zone::Region { region, phase })
    }

    /// East of Greenwich is positive.
    pub fn offset_seconds(&self) -> i64 {
        match self {
            Zone::Utc | Zone::PytzUtc => 0,
            Zone::Fixed { seconds, .. } => *seconds,
            Zone::PytzFixed { minutes } => minutes * 60,
            Zone::Region { phase, .. } => phase.seconds,
        }
    }

    pub fn dst_seconds(&self) -> i64 {
        match self {
            Zone::Region { phase, .. } => phase.dst_seconds,
            _ => 0,
        }
    }

    pub fn abbreviation(&self) -> String {
        match self {
            Zone::Utc | Zone::PytzUtc => "UTC".to_string(),
            Zone::Fixed {
                name: Some(name), ..
            } => name.to_string(),
            Zone::Fixed { seconds, .. } => format!("UTC{}", iso::signed_offset(*seconds, ":")),
            Zone::PytzFixed { .. } => String::new(),
            Zone::Region { phase, .. } => phase.abbreviation.to_string(),
        }
    }

    pub(super) fn utcoffset(&self) -> Result<Value, Error> {
        Delta::from_micros(i128::from(self.offset_seconds() * MICROS_PER_SECOND))
    }

    /// `None` where the zone knows nothing of daylight saving.
    pub(super) fn dst(&self) -> Result<Value, Error> {
        match self {
            Zone::Utc | Zone::Fixed { .. } => Ok(Value::from(())),
            _ => Delta::from_micros(i128::from(self.dst_seconds() * MICROS_PER_SECOND)),
        }
    }

    /// The zone in the phase of an instant, given in UTC.
    pub(super) fn at_utc(&self, utc: civil::DateTime) -> Zone {
        match (self, utc.to_zoned(TimeZone::UTC)) {
            (Zone::Region { region, .. }, Ok(utc)) => Zone::Region {
                region: region.clone(),
                phase: region.phase(utc.timestamp()),
            },
            _ => self.clone(),
        }
    }

    /// The zone in the phase of a wall-clock time. `dst` chooses where a time comes twice or not at
    /// all; without it such a time is an error.
    fn at_local(&self, local: civil::DateTime, dst: Option<bool>) -> Result<Zone, Error> {
        let Zone::Region { region, .. } = self else {
            return Ok(self.clone());
        };
        let phases: Vec<Phase> = match region.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => vec![region.phase_under(local, offset)],
            AmbiguousOffset::Gap { .. } | AmbiguousOffset::Fold { .. } if dst.is_none() => {
                return Err(fail(local.strftime("%Y-%m-%d %H:%M:%S").to_string()));
            }
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
                vec![
                    region.phase_under(local, before),
                    region.phase_under(local, after),
                ]
            }
        };
        let fits = |phase: &&Phase| Some(phase.dst_seconds != 0) == dst;
        let phase = phases.iter().find(fits).or(phases.last());
        Ok(Zone::Region {
            region: region.clone(),
            phase: phase
                .cloned()
                .unwrap_or_else(|| region.phase(Timestamp::MIN)),
        })
    }

    pub(super) fn python_repr(&self) -> String {
        match self {
            Zone::Utc => "datetime.timezone.utc".to_string(),
            Zone::PytzUtc => "<UTC>".to_string(),
            Zone::Fixed { seconds, name } => {
                let micros = i128::from(seconds * MICROS_PER_SECOND);
                let offset = Delta::from_micros(micros).map_or(String::new(), |v| repr::repr(&v));
                let name = name
                    .as_ref()
                    .map_or(String::new(), |name| format!(", {}", repr::quote(name)));
                format!("datetime.timezone({offset}{name})")
            }
            Zone::PytzFixed { minutes } => format!("pytz.FixedOffset({minutes})"),
            Zone::Region { region, phase } if region.is_static() => {
                _ = phase;
                format!("<StaticTzInfo '{}'>", region.name)
            }
            Zone::Region { region, phase } => {
                let kind = if phase.dst_seconds == 0 { "STD" } else { "DST" };
                let size = phase.seconds * MICROS_PER_SECOND;
                let offset =
                    Delta::from_micros(i128::from(size)).map_or(String::new(), |v| v.to_string());
                let sign = if phase.seconds >= 0 { "+" } else { "" };
                format!(
                    "<DstTzInfo '{}' {}{sign}{offset} {kind}>",
                    region.name, phase.abbreviation
                )
            }
        }
    }

    /// `localize`: a naive time placed into the zone.
    fn localize(&self, args: &[Value]) -> Result<Value, Error> {
        let [at, dst] = bind("localize", ["dt", "is_dst"], args)?;
        let at = required("localize", "dt", at)?;
        let stamp = stamp_of(&at).ok_or_else(|| fail("localize() needs a datetime"))?;
        if stamp.zone().is_some() {
            return Err(fail("Not naive datetime (tzinfo is already set)"));
        }
        let dst = match dst {
            Some(dst) if dst.is_none() => None,
            dst => Some(dst.is_some_and(|dst| dst.is_true())),
        };
        let zone = self.at_local(stamp.at(), dst)?;
        Ok(stamp.with_zone(Some(zone)).into())
    }

    /// `normalize`: an aware time moved to the phase that is right for it.
    fn normalize(&self, args: &[Value]) -> Result<Value, Error> {
        let [at] = bind("normalize", ["dt"], args)?;
        let at = required("normalize", "dt", at)?;
        match stamp_of(&at).filter(|stamp| stamp.zone().is_some()) {
            Some(stamp) => Ok(stamp.in_zone(self)?.into()),
            None => Err(fail("Naive time - no tzinfo set")),
        }
    }
}

impl Region {
    fn phase(&self, at: Timestamp) -> Phase {
        let info = self.zone.to_offset_info(at);
        let seconds = i64::from(info.offset().seconds());
        Phase {
            seconds,
            dst_seconds: match info.dst().is_dst() {
                true => self.saving(at, seconds),
                false => 0,
            },
            abbreviation: Arc::from(info.abbreviation()),
        }
    }

    /// The phase in which a wall clock under this offset shows the time.
    fn phase_under(&self, local: civil::DateTime, offset: jiff::tz::Offset) -> Phase {
        let hour = jiff::SignedDuration::from_hours(3);
        let candidates = [-1, 0, 1].into_iter().filter_map(|side| {
            let at = offset.to_timestamp(local).ok()?;
            Some(self.phase(at.checked_add(hour * side).ok()?))
        });
        let wanted = i64::from(offset.seconds());
        let mut candidates = candidates.filter(|phase| phase.seconds == wanted);
        candidates
            .next()
            .unwrap_or_else(|| self.phase(Timestamp::MIN))
    }

    /// How far the clock is ahead of standard time, from the nearest phases of standard time.
    fn saving(&self, at: Timestamp, seconds: i64) -> i64 {
        let mut around = self
            .zone
            .preceding(at)
            .take(8)
            .chain(self.zone.following(at).take(2));
        let standard = around.find(|turn| !turn.dst().is_dst());
        let saved = standard.map(|turn| seconds - i64::from(turn.offset().seconds()));
        saved.filter(|saved| *saved > 0).unwrap_or(3600)
    }

    /// Whether the zone never changed its offset.
    fn is_static(&self) -> bool {
        self.zone.following(Timestamp::MIN).next().is_none()
    }
}

impl From<Zone> for Value {
    fn from(zone: Zone) -> Self {
        Value::from_object(zone)
    }
}

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_str()?, &**self) {
            ("zone", Zone::PytzUtc) => Some(Value::from("UTC")),
            ("zone", Zone::Region { region, .. }) => Some(Value::from(region.name.as_str())),
            ("zone", Zone::PytzFixed { .. }) => Some(Value::from(())),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let is_pytz = !matches!(**self, Zone::Utc | Zone::Fixed { .. });
        match method {
            "localize" if is_pytz => self.localize(args),
            "normalize" if is_pytz => self.normalize(args),
            "utcoffset" | "dst" | "tzname" => {
                let [at] = bind(method, ["dt"], args)?;
                let at = required(method, "dt", at)?;
                let zone = match stamp_of(&at).filter(|stamp| stamp.zone().is_none()) {
                    Some(stamp) => self.at_local(stamp.at(), Some(false))?,
                    None => stamp_of(&at)
                        .and_then(Stamp::zone)
                        .cloned()
                        .unwrap_or((**self).clone()),
                };
                match method {
                    "utcoffset" => zone.utcoffset(),
                    "dst" => zone.dst(),
                    _ => Ok(Value::from(zone.abbreviation())),
                }
            }
            _ => Err(methods::unknown(&Value::from((**self).clone()), method)),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Zone>()?;
        Some(self.python_repr().cmp(&other.python_repr()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&**self, f.alternate()) {
            (Zone::Utc | Zone::PytzUtc, false) => f.write_str("UTC"),
            (Zone::Fixed { .. }, false) => f.write_str(&self.abbreviation()),
            (Zone::Region { region, .. }, false) => f.write_str(&region.name),
            _ => f.write_str(&self.python_repr()),
        }
    }
}
