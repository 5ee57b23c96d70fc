// The whole cluster at a glance, with ways to what is wrong.
local panels = import './panels.libsonnet';

function(series)
  local capacity(title, resource, unit) = panels.graph(
    title,
    'What nodes can give to pods, against the requests and limits of pods that are not at an end. Requests above the line belong to pods that cannot be scheduled.',
    [
      ['Allocatable', 'sum(%s)' % series.each('node', 'kube_node_status_allocatable', 'resource="%s"' % resource)],
      ['Requested', 'sum(%s)' % series.asked('requests', resource, 'namespace')],
      ['Limits', 'sum(%s)' % series.asked('limits', resource, 'namespace')],
    ],
    unit,
  );
  panels.dashboard(
    'kstate-cluster',
    'Kubernetes / Cluster',
    'What is wrong in the cluster, and how full it is.',
    series.variables(),
    [
      [
        panels.stat(
          'Nodes not ready',
          'Nodes whose kubelet has not said that it is ready.',
          series.number(series.each('node', 'kube_node_status_condition', 'condition="Ready",status="true"') + ' == 0'),
          colours=panels.bad,
          to=panels.link('Nodes', 'kstate-nodes'),
        ),
        panels.stat(
          'Workloads short of pods',
          'Deployments, StatefulSets and DaemonSets with fewer available or ready pods than are wanted.',
          'sum(%s)' % std.join('\n  or\n', [
            'label_replace(count(%s < %s), "kind", "%s", "", "")' % [
              series.each('namespace, ' + kind[0], kind[1]),
              series.each('namespace, ' + kind[0], kind[2]),
              kind[0],
            ]
            for kind in [
              ['deployment', 'kube_deployment_status_replicas_available', 'kube_deployment_spec_replicas'],
              ['statefulset', 'kube_statefulset_status_replicas_ready', 'kube_statefulset_replicas'],
              ['daemonset', 'kube_daemonset_status_number_available', 'kube_daemonset_status_desired_number_scheduled'],
            ]
          ]) + ' or vector(0)',
          colours=panels.odd,
          to=panels.link('Workloads', 'kstate-workloads'),
        ),
        panels.stat(
          'Pods pending',
          'Pods that no node runs yet, or whose images are being pulled.',
          series.number(series.each('namespace, pod', 'kube_pod_status_phase', 'phase="Pending"') + ' == 1'),
          colours=panels.odd,
          to=panels.link('Pods in trouble', 'kstate-pods'),
        ),
        panels.stat(
          'Containers waiting in error',
          'Containers that wait for another reason than their start, such as a crash loop or an image that cannot be pulled.',
          series.number(series.each('namespace, pod, container', 'kube_pod_container_status_waiting_reason', 'reason!~"ContainerCreating|PodInitializing"') + ' == 1'),
          colours=panels.bad,
          to=panels.link('Pods in trouble', 'kstate-pods'),
        ),
        panels.stat(
          'Jobs failed',
          'Jobs that have given up and are still there.',
          series.number(series.each('namespace, job_name', 'kube_job_failed', 'condition="true"') + ' == 1'),
          colours=panels.odd,
          to=panels.link('Jobs', 'kstate-jobs'),
        ),
        panels.stat(
          'Claims not bound',
          'PersistentVolumeClaims that have no volume, or have lost it.',
          series.number(series.each('namespace, persistentvolumeclaim', 'kube_persistentvolumeclaim_status_phase', 'phase!="Bound"') + ' == 1'),
          colours=panels.odd,
          to=panels.link('Storage', 'kstate-storage'),
        ),
      ],
      'Capacity',
      [capacity('CPU', 'cpu', 'none'), capacity('Memory', 'memory', 'bytes'), panels.graph(
        'Pods',
        'Pods that nodes have room for, and those that are there.',
        [
          ['Room', 'sum(%s)' % series.each('node', 'kube_node_status_allocatable', 'resource="pods"')],
          ['Pods', 'count(%s == 1)' % series.each('namespace, pod', 'kube_pod_status_phase', 'phase=~"Pending|Running"')],
        ],
      )],
      'What goes on',
      [
        panels.graph(
          'Pods by phase',
          'How many pods are in each phase. Many that failed or succeeded are often left over from Jobs.',
          [['{{phase}}', 'sum by (phase) (%s)' % series.each('namespace, pod, phase', 'kube_pod_status_phase')]],
          stack=true,
        ),
        panels.graph(
          'Restarts by namespace',
          'Containers that were started again, in the ten namespaces with the most of them.',
          [['{{namespace}}', 'topk(10, sum by (namespace) (%s))' % series.increase('namespace, pod, container', 'kube_pod_container_status_restarts_total')]],
          stack=true,
        ),
        panels.table(
          'Kubelets',
          'Nodes by the version of their kubelet. More than two minor versions at a time are not supported.',
          [['kubelet_version', 'Version']],
          [panels.column('Nodes', 'count by (kubelet_version) (%s)' % series.each('node, kubelet_version', 'kube_node_info'))],
        ),
      ],
    ],
  )
