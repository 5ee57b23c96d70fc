//! Jobs.

use crate::{
    exposition::{Families, Identity, Samples},
    resource::{Names, Resource, STATUSES, status},
    wire::{Atom, ObjectMeta, Shared, Timestamp},
};

type Family = crate::exposition::Family<Job>;

crate::wire! {
    /// `batch.v1.Job`, reduced.
    pub struct Job {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: JobSpec = 2,
        /// What the controller observes.
        status: JobStatus = 3,
    }

    /// `batch.v1.JobSpec`, reduced.
    pub struct JobSpec {
        /// How many pods may run at the same time.
        parallelism: Option<i32> = 1,
        /// How many pods must succeed.
        completions: Option<i32> = 2,
        /// How long the Job may take.
        active_deadline_seconds: Option<i64> = 3,
    }

    /// `batch.v1.JobStatus`, reduced. All integers are numbers of pods.
    pub struct JobStatus {
        /// Jobs that ended alike have the same.
        conditions: Shared<JobCondition> = 1,
        /// When the controller first took up the Job.
        start_time: Option<Timestamp> = 2,
        /// When the Job was done.
        completion_time: Option<Timestamp> = 3,
        /// Those that wait or run.
        active: i32 = 4,
        /// Those that succeeded.
        succeeded: i32 = 5,
        /// Those that failed.
        failed: i32 = 6,
        /// Those that are ready. No number is shown as zero.
        ready: i32 = 9,
    }

    /// `batch.v1.JobCondition`, reduced.
    pub struct JobCondition {
        /// `Suspended`, `Complete`, `Failed` or another one.
        r#type: Atom = 1,
        /// `True`, `False` or `Unknown`.
        status: Atom = 2,
        /// Why, in one word.
        reason: Atom = 5,
    }
}
crate::local_object!(Job);
crate::pooled!(JobCondition);

impl Resource for Job {
    const NAMES: Names =
        Names { kind: "Job", plural: "jobs", group: "batch", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("job_name")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Job> = &[
    &Family::annotations("kube_job_annotations"),
    &Family::labels("kube_job_labels").stable(),
    &Family::gauge("kube_job_info", "One sample for every Job.").stable().samples(|_, out| out.one([])),
    &Family::created("kube_job_created").stable(),
    &Family::gauge("kube_job_spec_parallelism", "Number of pods that the Job may run at the same time.")
        .stable()
        .appears("where spec.parallelism is set")
        .samples(|job, out| out.value(job.spec.parallelism)),
    &Family::gauge("kube_job_spec_completions", "Number of pods that must succeed for the Job to be done.")
        .stable()
        .appears("where spec.completions is set")
        .samples(|job, out| out.value(job.spec.completions)),
    &Family::gauge(
        "kube_job_spec_active_deadline_seconds",
        "Seconds after its start at which the Job is ended, done or not.",
    )
    .stable()
    .appears("where spec.activeDeadlineSeconds is set")
    .samples(|job, out| out.value(job.spec.active_deadline_seconds)),
    &Family::gauge("kube_job_status_succeeded", "Number of pods that succeeded.")
        .stable()
        .samples(|job, out| out.value(job.status.succeeded)),
    &Family::gauge(
        "kube_job_status_failed",
        "Why the Job failed, 1 for the reason; for any other reason the number of pods that failed.",
    )
    .stable()
    .appears("for every object, without the label where no pod failed")
    .labels(["reason"])
    .samples(failed),
    &Family::gauge("kube_job_status_active", "Number of pods that wait or run.")
        .stable()
        .samples(|job, out| out.value(job.status.active)),
    &Family::gauge("kube_job_status_ready", "Number of pods that are ready.")
        .samples(|job, out| out.value(job.status.ready)),
    &Family::gauge("kube_job_complete", "Whether the Job is complete, by its condition.")
        .stable()
        .appears("once the Job has the condition, with each of three statuses")
        .labels(["condition"])
        .samples(|job, out| condition(job, COMPLETE, out)),
    &Family::gauge("kube_job_failed", "Whether the Job has failed, by its condition.")
        .stable()
        .appears("once the Job has the condition, with each of three statuses")
        .labels(["condition"])
        .samples(|job, out| condition(job, FAILED, out)),
    &Family::gauge("kube_job_status_start_time", "Unix timestamp at which the Job was taken up.")
        .stable()
        .appears("once the Job has started")
        .samples(|job, out| out.value(job.status.start_time)),
    &Family::gauge("kube_job_status_completion_time", "Unix timestamp at which the Job was done.")
        .stable()
        .appears("once the Job is complete")
        .samples(|job, out| out.value(job.status.completion_time)),
    &Family::gauge("kube_job_status_suspended", "Whether the Job is suspended, by its condition.")
        .appears("once the Job has the condition")
        .samples(|job, out| {
            of_type(job, SUSPENDED).for_each(|condition| out.value(condition.status == "True"));
        }),
    &Family::owner("kube_job_owner").stable(),
    &Family::workload("kube_job_workload"),
];

const COMPLETE: &str = "Complete";
const FAILED: &str = "Failed";
const SUSPENDED: &str = "Suspended";

/// The reasons of a failure that are told apart.
const REASONS: [&str; 3] = ["BackoffLimitExceeded", "DeadlineExceeded", "Evicted"];

fn of_type<'a>(job: &'a Job, r#type: &'a str) -> impl Iterator<Item = &'a JobCondition> {
    job.status.conditions.iter().filter(move |condition| condition.r#type == r#type)
}

fn condition(job: &Job, r#type: &str, out: &mut Samples<'_, 1>) {
    of_type(job, r#type).for_each(|condition| out.state(&STATUSES, status(&condition.status)));
}

/// One sample without a reason while no pod failed. Afterwards the reason counts whatever the
/// condition's status, and a number of pods takes the place of a reason that is not known.
fn failed(job: &Job, out: &mut Samples<'_, 1>) {
    if job.status.failed == 0 {
        return out.bare(0);
    }
    for condition in of_type(job, FAILED) {
        out.state(&REASONS, &condition.reason);
    }
    if !of_type(job, FAILED).any(|condition| REASONS.contains(&&*condition.reason)) {
        out.push([""], job.status.failed);
    }
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Job, "jobs");
}
