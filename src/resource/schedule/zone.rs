//! Time zones by their names.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::sync::{LazyLock, OnceLock};

/// The zones that are part of the program, so that it doesn't matter where it runs.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

static LOCAL: OnceLock<TimeZone> = OnceLock::new();

/// Sets the zone of schedules that name none, once and before anything is decoded. It is
/// configuration: neither decoding nor rendering reads the environment, and both know only UTC until
/// this is called.
pub fn set_local_zone(zone: TimeZone) {
    // A second call changes nothing.
    let _ = LOCAL.set(zone);
}

pub(super) fn local() -> TimeZone {
    LOCAL.get().cloned().unwrap_or(TimeZone::UTC)
}

/// The zone of this name in this very spelling, as Go's `LoadLocation` has it.
pub(super) fn named(name: &str) -> Option<TimeZone> {
    match name {
        "" | "UTC" => Some(TimeZone::UTC),
        "Local" => Some(local()),
        _ => ZONES.get(name).ok().filter(|zone| zone.iana_name() == Some(name)),
    }
}
