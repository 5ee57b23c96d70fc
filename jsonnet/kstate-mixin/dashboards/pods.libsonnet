// Pods that do not run as they should, and why.
local panels = import './panels.libsonnet';

function(series)
  local of(labels, metric, matchers='') =
    series.each(labels, metric, series.inNamespace + (if matchers == '' then '' else ',' + matchers));
  local pod(metric, matchers='') = of('namespace, pod', metric, matchers);
  local container(metric, matchers='') = of('namespace, pod, container', metric, matchers);
  local inError = 'reason!~"ContainerCreating|PodInitializing"';
  local names = [['namespace', 'Namespace'], ['pod', 'Pod']];
  local restarts(span) =
    series.increase('namespace, pod, container', 'kube_pod_container_status_restarts_total', series.inNamespace, span);
  // Of containers that are still there.
  local most = '(topk(20, round(%s) and %s) > 0)' % [restarts('1h'), container('kube_pod_container_status_restarts_total')];
  panels.dashboard(
    'kstate-pods',
    'Kubernetes / Pods in trouble',
    'Pods that do not run as they should: what they wait for, why they restart, which are pending.',
    series.variables() + [series.namespace],
    [
      [
        panels.stat(
          'Waiting in error',
          'Containers that wait for another reason than their start.',
          series.number(container('kube_pod_container_status_waiting_reason', inError) + ' == 1'),
          colours=panels.bad,
        ),
        panels.stat(
          'Pending',
          'Pods that no node runs yet, or whose images are being pulled.',
          series.number(pod('kube_pod_status_phase', 'phase="Pending"') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Unschedulable',
          'Pods for which the scheduler finds no node.',
          series.number(pod('kube_pod_status_unschedulable') + ' == 1'),
          colours=panels.bad,
        ),
        panels.stat(
          'Running, not ready',
          'Pods that run and are sent no traffic.',
          series.number('(%s == 1 and on (namespace, pod) %s == 1)' % [
            pod('kube_pod_status_ready', 'condition="false"'),
            pod('kube_pod_status_phase', 'phase="Running"'),
          ]),
          colours=panels.odd,
        ),
        panels.stat(
          'Killed for memory',
          'Containers whose last end was that they used more memory than their limit.',
          series.number(container('kube_pod_container_status_last_terminated_reason', 'reason="OOMKilled"') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Evicted or failed',
          'Pods that ended badly and are still there.',
          series.number(pod('kube_pod_status_phase', 'phase="Failed"') + ' == 1'),
          colours=panels.odd,
        ),
      ],
      [
        panels.graph(
          'Waiting containers by reason',
          'Why containers do not run. The start of a container is among the reasons.',
          [['{{reason}}', 'sum by (reason) (%s)' % of('namespace, pod, container, reason', 'kube_pod_container_status_waiting_reason')]],
          stack=true,
        ),
        panels.graph(
          'Restarts by namespace',
          'Containers that were started again, in the ten namespaces with the most of them.',
          [['{{namespace}}', 'topk(10, sum by (namespace) (%s))' % restarts('$__rate_interval')]],
          stack=true,
        ),
        panels.graph(
          'Pending and unschedulable pods',
          'A plateau means that the cluster has no room, or none of the kind that pods ask for.',
          [
            ['Pending', series.number(pod('kube_pod_status_phase', 'phase="Pending"') + ' == 1')],
            ['Unschedulable', series.number(pod('kube_pod_status_unschedulable') + ' == 1')],
          ],
        ),
      ],
      [
        panels.facts(
          'Waiting in error',
          'What each container waits for.',
          names + [['container', 'Container'], ['reason', 'Reason']],
          of('namespace, pod, container, reason', 'kube_pod_container_status_waiting_reason', inError) + ' == 1',
        ),
        panels.table(
          'Most restarts',
          'The twenty containers that restarted most in the last hour, and how often since their pod exists.',
          names + [['container', 'Container']],
          [
            panels.column('In an hour', most, colours=panels.odd),
            panels.column('In all', '%s and %s' % [container('kube_pod_container_status_restarts_total'), most]),
          ],
        ),
      ],
      [
        panels.table(
          'Last ends of containers',
          'Why containers that restarted had ended, and how long ago, the latest first. Exit code 137 is a kill, most often for memory.',
          names + [['container', 'Container'], ['reason', 'Reason']],
          [
            panels.column(
              'Ago',
              |||
                time() - (
                  %s
                    * on (namespace, pod, container) group_right ()
                  (%s == 1)
                )
              ||| % [
                container('kube_pod_container_status_last_terminated_timestamp'),
                of('namespace, pod, container, reason', 'kube_pod_container_status_last_terminated_reason'),
              ],
              'dtdurations',
            ),
            panels.column(
              'Exit code',
              |||
                %s
                  * on (namespace, pod, container) group_right ()
                (%s == 1)
              ||| % [
                container('kube_pod_container_status_last_terminated_exitcode'),
                of('namespace, pod, container, reason', 'kube_pod_container_status_last_terminated_reason'),
              ],
              'none',
            ),
          ],
          descending=false,
        ),
        panels.table(
          'Pending pods',
          'How long pods have been waiting for their start.',
          names,
          [panels.column(
            'For',
            'time() - (%s * (%s == 1))' % [pod('kube_pod_created'), pod('kube_pod_status_phase', 'phase="Pending"')],
            'dtdurations',
            ['green', [300, 'orange'], [3600, 'red']],
          )],
        ),
      ],
    ],
  )
