// Whether workloads have the pods that they want, and how rollouts get on.
local panels = import './panels.libsonnet';

function(series)
  local of(name, metric, matchers='') =
    series.each('namespace, ' + name, metric, series.inNamespace + (if matchers == '' then '' else ',' + matchers));
  local deployment(what, matchers='') = of('deployment', 'kube_deployment_' + what, matchers);
  local statefulSet(what) = of('statefulset', 'kube_statefulset_' + what);
  local daemonSet(what) = of('daemonset', 'kube_daemonset_status_' + what);
  local autoscaler(what) = of('horizontalpodautoscaler', 'kube_horizontalpodautoscaler_' + what);
  local missing(wanted, there) = 'clamp_min(%s - %s, 0)' % [wanted, there];
  local missingDeployments = missing(deployment('spec_replicas'), deployment('status_replicas_available'));
  local missingStatefulSets = missing(statefulSet('replicas'), statefulSet('status_replicas_ready'));
  local missingDaemonSets = missing(daemonSet('desired_number_scheduled'), daemonSet('number_available'));
  local byNamespace(expr) = [['{{namespace}}', 'sum by (namespace) (%s)' % expr]];
  panels.dashboard(
    'kstate-workloads',
    'Kubernetes / Workloads and rollouts',
    'Whether workloads have the pods that they want, and how rollouts get on.',
    series.variables() + [series.namespace],
    [
      [
        panels.stat(
          'Rollouts under way',
          'Deployments of whose pods some are of an older template, or whose last change was not seen by the controller yet.',
          series.number('(%s < %s or %s < %s)' % [
            deployment('status_replicas_updated'),
            deployment('spec_replicas'),
            deployment('status_observed_generation'),
            deployment('metadata_generation'),
          ]),
        ),
        panels.stat(
          'Rollouts stuck',
          'Deployments that have made no progress for as long as their progressDeadlineSeconds.',
          series.number(deployment('status_condition', 'condition="Progressing",status="false"') + ' == 1'),
          colours=panels.bad,
        ),
        panels.stat(
          'Paused',
          'Deployments whose rollout somebody has paused.',
          series.number(deployment('spec_paused') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Pods missing',
          'Pods that workloads want and do not have.',
          'sum(%s) + sum(%s) + sum(%s)' % [missingDeployments, missingStatefulSets, missingDaemonSets],
          colours=panels.odd,
          to=panels.link('Pods in trouble', 'kstate-pods'),
        ),
        panels.stat(
          'Autoscalers at their maximum',
          'HorizontalPodAutoscalers that want as many replicas as they may have, and might want more.',
          series.number('(%s >= %s)' % [autoscaler('status_desired_replicas'), autoscaler('spec_max_replicas')]),
          colours=panels.odd,
        ),
      ],
      [
        panels.graph('Deployments: pods missing', 'Wanted pods less available ones. A hump is a rollout, a plateau is trouble.', byNamespace(missingDeployments), stack=true),
        panels.graph('StatefulSets: pods missing', 'Wanted pods less ready ones.', byNamespace(missingStatefulSets), stack=true),
        panels.graph('DaemonSets: pods missing', 'Nodes that should run a pod less those where it is available.', byNamespace(missingDaemonSets), stack=true),
      ],
      [
        panels.table(
          'Deployments',
          'Pods of each Deployment. Those that lack pods come first; fewer updated pods than wanted ones mean a rollout.',
          [['namespace', 'Namespace'], ['deployment', 'Deployment']],
          [
            panels.column('Missing', missingDeployments, colours=panels.odd),
            panels.column('Wanted', deployment('spec_replicas')),
            panels.column('Updated', deployment('status_replicas_updated')),
            panels.column('Ready', deployment('status_replicas_ready')),
            panels.column('Available', deployment('status_replicas_available')),
          ],
        ) + { height:: 12 },
      ],
      [
        panels.table(
          'StatefulSets',
          'Pods of each StatefulSet. Those that lack pods come first.',
          [['namespace', 'Namespace'], ['statefulset', 'StatefulSet']],
          [
            panels.column('Missing', missingStatefulSets, colours=panels.odd),
            panels.column('Wanted', statefulSet('replicas')),
            panels.column('Updated', statefulSet('status_replicas_updated')),
            panels.column('Ready', statefulSet('status_replicas_ready')),
          ],
        ),
        panels.table(
          'DaemonSets',
          'Pods of each DaemonSet. Misplaced pods run where they should not.',
          [['namespace', 'Namespace'], ['daemonset', 'DaemonSet']],
          [
            panels.column('Missing', missingDaemonSets, colours=panels.odd),
            panels.column('Nodes', daemonSet('desired_number_scheduled')),
            panels.column('Updated', daemonSet('updated_number_scheduled')),
            panels.column('Ready', daemonSet('number_ready')),
            panels.column('Misplaced', daemonSet('number_misscheduled'), colours=panels.odd),
          ],
        ),
      ],
      [
        panels.table(
          'Autoscalers',
          'Replicas that HorizontalPodAutoscalers found, want and may have.',
          [['namespace', 'Namespace'], ['horizontalpodautoscaler', 'Autoscaler']],
          [
            panels.column('Share of maximum', '%s / %s' % [autoscaler('status_desired_replicas'), autoscaler('spec_max_replicas')], 'percentunit', panels.share),
            panels.column('Current', autoscaler('status_current_replicas')),
            panels.column('Wanted', autoscaler('status_desired_replicas')),
            panels.column('Least', autoscaler('spec_min_replicas')),
            panels.column('Most', autoscaler('spec_max_replicas')),
          ],
        ),
        panels.table(
          'Disruption budgets',
          'PodDisruptionBudgets and how many pods may be evicted now. Where that is none, a node cannot be drained.',
          [['namespace', 'Namespace'], ['poddisruptionbudget', 'Budget']],
          [
            panels.column('Healthy', of('poddisruptionbudget', 'kube_poddisruptionbudget_status_current_healthy')),
            panels.column('Needed', of('poddisruptionbudget', 'kube_poddisruptionbudget_status_desired_healthy')),
            panels.column('May be evicted', of('poddisruptionbudget', 'kube_poddisruptionbudget_status_pod_disruptions_allowed'), colours=panels.some),
          ],
          sort='May be evicted',
          descending=false,
        ),
      ],
    ],
  )
