//! `CronJobs`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, Schedule},
    wire::{Atom, Derived, ObjectMeta, Timestamp},
};

type Family = crate::exposition::Family<CronJob>;

/// A `CronJob` with what follows from its schedule. That takes microseconds to find out, as many as
/// all its samples together, and is the same in every scrape.
pub type CronJob = Derived<StoredCronJob, Timing>;

crate::wire! {
    /// `batch.v1.CronJob`, reduced.
    pub struct StoredCronJob {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: CronJobSpec = 2,
        /// What the controller observes.
        status: CronJobStatus = 3,
    }

    /// `batch.v1.CronJobSpec`, reduced.
    pub struct CronJobSpec {
        /// When Jobs are made, in the notation of cron.
        schedule: Atom = 1,
        /// How late a Job may be made, in seconds.
        starting_deadline_seconds: Option<i64> = 2,
        /// `Allow`, `Forbid` or `Replace`.
        concurrency_policy: Atom = 3,
        /// True where no Jobs are made.
        suspend: bool = 4,
        /// How many Jobs that succeeded are kept.
        successful_jobs_history_limit: Option<i32> = 6,
        /// How many Jobs that failed are kept.
        failed_jobs_history_limit: Option<i32> = 7,
        /// Where the schedule's times are those of clocks. The process' own zone where there is none.
        time_zone: Option<Atom> = 8,
    }

    /// `batch.v1.CronJobStatus`, reduced.
    pub struct CronJobStatus {
        /// The Jobs that run.
        active: Vec<ActiveJob> = 1,
        /// When the last Job should have been made.
        last_schedule_time: Option<Timestamp> = 4,
        /// When the last Job succeeded.
        last_successful_time: Option<Timestamp> = 5,
    }

    /// `v1.ObjectReference`, of which only the number counts.
    pub struct ActiveJob {}
}
crate::local_object!(StoredCronJob);

/// What follows from the schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// Whether the controller understands schedule and time zone.
    valid: bool,
    /// When the next Job is due.
    next: Option<Timestamp>,
}

impl From<&StoredCronJob> for Timing {
    fn from(job: &StoredCronJob) -> Self {
        let schedule = Schedule::parse(&job.spec.schedule, job.spec.time_zone.as_deref());
        let next = schedule.as_ref().and_then(|schedule| next(job, schedule));
        Self { valid: schedule.is_some(), next }
    }
}

/// No clock is read: where the controller is behind, this is in the past. A schedule without any
/// time, such as a 30th of February, yields Go's zero time, as in kube-state-metrics.
fn next(job: &StoredCronJob, schedule: &Schedule) -> Option<Timestamp> {
    if job.spec.suspend {
        return None;
    }
    let last = job.status.last_schedule_time.and_then(Timestamp::set);
    let after = last.or_else(|| job.metadata.creation_timestamp.set())?;
    Some(schedule.next(after.seconds()).map_or(Timestamp::ZERO, Timestamp::new))
}

impl Resource for CronJob {
    const NAMES: Names =
        Names { kind: "CronJob", plural: "cronjobs", group: "batch", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("cronjob")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<CronJob> = &[
    &Family::annotations("kube_cronjob_annotations"),
    &Family::labels("kube_cronjob_labels").stable(),
    &Family::gauge("kube_cronjob_info", "Schedule, time zone and concurrency policy of the CronJob.")
        .stable()
        .labels(["schedule", "concurrency_policy", "timezone"])
        .samples(|job, out| {
            let CronJobSpec { schedule, concurrency_policy, time_zone, .. } = &job.spec;
            out.one([schedule, concurrency_policy, time_zone.as_deref().unwrap_or("local")]);
        }),
    &Family::created("kube_cronjob_created").stable(),
    &Family::gauge("kube_cronjob_status_active", "Number of Jobs of the CronJob that run.")
        .stable()
        .samples(|job, out| out.value(job.status.active.len())),
    &Family::gauge(
        "kube_cronjob_status_last_schedule_time",
        "Unix timestamp for which the schedule last demanded a Job that was made.",
    )
    .stable()
    .appears("once a Job was made")
    .samples(|job, out| out.value(job.status.last_schedule_time)),
    &Family::gauge(
        "kube_cronjob_status_last_successful_time",
        "Unix timestamp at which a Job of the CronJob last succeeded.",
    )
    .stable()
    .appears("once a Job succeeded")
    .samples(|job, out| out.value(job.status.last_successful_time)),
    &Family::gauge("kube_cronjob_spec_suspend", "Whether the CronJob is suspended, so that it makes no Jobs.")
        .stable()
        .samples(|job, out| out.value(job.spec.suspend)),
    &Family::gauge(
        "kube_cronjob_spec_starting_deadline_seconds",
        "Seconds after its scheduled time at which a Job is no longer made.",
    )
    .stable()
    .appears("where that deadline is set")
    .samples(|job, out| out.value(job.spec.starting_deadline_seconds)),
    &Family::gauge(
        "kube_cronjob_next_schedule_time",
        "Unix timestamp for which the schedule demands a Job after the last one, or after the CronJob's creation.",
    )
    .stable()
    .appears("for every CronJob that isn't suspended and whose schedule and time zone are valid")
    .samples(|job, out| out.value(job.facts().next)),
    &Family::gauge(
        "kube_cronjob_schedule_invalid",
        "One sample for a CronJob whose schedule or time zone Kubernetes doesn't understand.",
    )
    .appears("where the schedule or the time zone is invalid")
    .samples(|job, out| {
        if !job.facts().valid {
            out.one([]);
        }
    }),
    &Family::resource_version("kube_cronjob_metadata_resource_version").stable(),
    &Family::gauge(
        "kube_cronjob_spec_successful_job_history_limit",
        "Number of Jobs that are kept after they succeeded.",
    )
    .appears("where that number is set")
    .samples(|job, out| out.value(job.spec.successful_jobs_history_limit)),
    &Family::gauge(
        "kube_cronjob_spec_failed_job_history_limit",
        "Number of Jobs that are kept after they failed.",
    )
    .appears("where that number is set")
    .samples(|job, out| out.value(job.spec.failed_jobs_history_limit)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::CronJob, "cronjobs");
}
