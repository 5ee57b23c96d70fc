// Jobs and CronJobs: what runs, what failed, what is late.
local panels = import './panels.libsonnet';

function(series)
  local of(labels, metric, matchers='') =
    series.each(labels, metric, series.inNamespace + (if matchers == '' then '' else ',' + matchers));
  local job(metric, matchers='') = of('namespace, job_name', metric, matchers);
  local cronJob(metric) = of('namespace, cronjob', metric);
  panels.dashboard(
    'kstate-jobs',
    'Kubernetes / Jobs and CronJobs',
    'What runs, what failed, what is late.',
    series.variables() + [series.namespace],
    [
      [
        panels.stat('Running', 'Jobs with pods that run or are pending.', series.number('(%s > 0)' % job('kube_job_status_active'))),
        panels.stat(
          'Failed',
          'Jobs that have given up and are still there.',
          series.number(job('kube_job_failed', 'condition="true"') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat('Complete', 'Jobs that are done and are still there.', series.number(job('kube_job_complete', 'condition="true"') + ' == 1')),
        panels.stat(
          'Suspended CronJobs',
          'CronJobs that start nothing.',
          series.number(cronJob('kube_cronjob_spec_suspend') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Late CronJobs',
          'CronJobs whose next start was due more than ten minutes ago, and which are not suspended.',
          series.number('(time() - %s > 600 unless on (namespace, cronjob) %s == 1)' % [
            cronJob('kube_cronjob_next_schedule_time'),
            cronJob('kube_cronjob_spec_suspend'),
          ]),
          colours=panels.bad,
        ),
      ],
      [
        panels.graph(
          'Pods of Jobs',
          'Pods of all Jobs that are there, by how they stand. Retries of a Job are failed pods.',
          [
            ['Active', 'sum(%s)' % job('kube_job_status_active')],
            ['Failed', 'sum(%s)' % job('kube_job_status_failed')],
            ['Succeeded', 'sum(%s)' % job('kube_job_status_succeeded')],
          ],
        ),
        panels.graph(
          'Running Jobs by namespace',
          'Jobs with pods that run or are pending.',
          [['{{namespace}}', 'sum by (namespace) (%s > bool 0)' % job('kube_job_status_active')]],
          stack=true,
        ),
      ],
      [
        panels.table(
          'CronJobs',
          'When each CronJob started last, succeeded last, and is to start next. A success long before the last start means failures.',
          [['namespace', 'Namespace'], ['cronjob', 'CronJob']],
          [
            panels.column('Since success', 'time() - ' + cronJob('kube_cronjob_status_last_successful_time'), 'dtdurations'),
            panels.column('Since start', 'time() - ' + cronJob('kube_cronjob_status_last_schedule_time'), 'dtdurations'),
            panels.column('Until start', cronJob('kube_cronjob_next_schedule_time') + ' - time()', 'dtdurations', ['red', [0, 'green']]),
            panels.column('Active', cronJob('kube_cronjob_status_active')),
            panels.column('Suspended', cronJob('kube_cronjob_spec_suspend'), 'bool_yes_no'),
          ],
        ),
        panels.facts(
          'Schedules',
          'When CronJobs start, and what happens while the last one still runs.',
          [
            ['namespace', 'Namespace'],
            ['cronjob', 'CronJob'],
            ['schedule', 'Schedule'],
            ['timezone', 'Time zone'],
            ['concurrency_policy', 'Concurrency'],
          ],
          of('namespace, cronjob, schedule, timezone, concurrency_policy', 'kube_cronjob_info'),
        ),
      ],
      [
        panels.table(
          'Running longest',
          'How long Jobs have been running that are not done.',
          [['namespace', 'Namespace'], ['job_name', 'Job']],
          [panels.column('For', 'time() - (%s and %s > 0)' % [job('kube_job_status_start_time'), job('kube_job_status_active')], 'dtdurations')],
        ),
        panels.facts(
          'Failed',
          'Why Jobs have given up.',
          [['namespace', 'Namespace'], ['job_name', 'Job'], ['reason', 'Reason']],
          of('namespace, job_name, reason', 'kube_job_status_failed', 'reason!=""') + ' > 0',
        ),
      ],
    ],
  )
