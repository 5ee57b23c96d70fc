//! Schedules against the library that Kubernetes' controller reads them with.

use super::Schedule;

#[test]
fn times_are_those_of_the_controller() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in include_str!("testdata/schedules.tsv").lines().filter(|row| !row.starts_with('#')) {
        let [schedule, zone, after, want] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row:?} has not four columns");
        };
        let next = match Schedule::parse(schedule, (zone != "-").then_some(zone)) {
            None => "invalid".to_owned(),
            Some(schedule) => {
                schedule.next(after.parse().unwrap()).map_or("never".to_owned(), |next| next.to_string())
            }
        };
        rows += 1;
        if next != want {
            wrong.push(format!("{row:?} came out as {next}"));
        }
    }
    assert!(rows > 200 && wrong.is_empty(), "of {rows} rows:\n{}", wrong.join("\n"));
}

/// The controller searches for ever: the clocks of Enderbury left out the first of January 1995, and
/// those of Samoa the 30th of December 2011.
#[test]
fn a_search_over_a_day_that_is_missing_ends() {
    for (schedule, zone, after) in
        [("* 3 8 * *", "Pacific/Enderbury", 788_868_281), ("30 0 25 * 1", "Pacific/Apia", 1_325_046_789)]
    {
        let schedule = Schedule::parse(schedule, Some(zone)).unwrap();
        assert_eq!(schedule.next(after), None);
    }
}

#[test]
fn times_beyond_all_bounds_have_no_next_one() {
    for schedule in ["* * * * *", "@yearly", "@every 1h"] {
        let schedule = Schedule::parse(schedule, Some("Europe/Berlin")).unwrap();
        assert_eq!(schedule.next(i64::MAX), None);
    }
    let yearly = Schedule::parse("@yearly", None).unwrap();
    for after in [i64::MIN, -62_135_596_800, 253_402_300_799] {
        // Without a panic, whatever comes out.
        let _ = yearly.next(after);
    }
}
