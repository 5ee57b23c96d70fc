// What each namespace asks for and how near it is to its quotas.
local panels = import './panels.libsonnet';

function(series)
  local asked(kind, resource) = series.asked(kind, resource, 'namespace', series.inNamespace);
  local objects(metric, name) =
    'count by (namespace) (%s)' % series.each('namespace, ' + name, metric, series.inNamespace);
  local quotas(title, description, resources, unit) =
    local quota(type) = series.each(
      'namespace, resourcequota, resource',
      'kube_resourcequota',
      'type="%s",%s,%s' % [type, resources, series.inNamespace],
    );
    panels.table(
      title,
      description,
      [['namespace', 'Namespace'], ['resourcequota', 'Quota'], ['resource', 'Resource']],
      [
        panels.column('Used share', '%s / (%s > 0)' % [quota('used'), quota('hard')], 'percentunit', panels.share),
        panels.column('Used', quota('used'), unit),
        panels.column('Hard', quota('hard'), unit),
      ],
    );
  panels.dashboard(
    'kstate-namespaces',
    'Kubernetes / Namespaces',
    'What each namespace asks for, and how near it is to its quotas.',
    series.variables() + [series.namespace],
    [
      [
        panels.table(
          'Namespaces',
          'Pods that are not at an end, and what they request and are limited to. Containers without a limit are not in the sums of limits.',
          [['namespace', 'Namespace']],
          [
            panels.column('Pods', 'count by (namespace) (%s == 1)' % series.each('namespace, pod', 'kube_pod_status_phase', 'phase=~"Pending|Running",' + series.inNamespace)),
            panels.column('CPU requests', asked('requests', 'cpu'), 'none'),
            panels.column('CPU limits', asked('limits', 'cpu'), 'none'),
            panels.column('Memory requests', asked('requests', 'memory'), 'bytes'),
            panels.column('Memory limits', asked('limits', 'memory'), 'bytes'),
            panels.column('Restarts in an hour', 'round(sum by (namespace) (%s))' % series.increase('namespace, pod, container', 'kube_pod_container_status_restarts_total', series.inNamespace, '1h')),
          ],
          sort='CPU requests',
        ) + { height:: 12 },
      ],
      [
        panels.graph(
          'CPU requests',
          'Cores requested, in the ten namespaces that request the most.',
          [['{{namespace}}', 'topk(10, %s)' % asked('requests', 'cpu')]],
          'none',
          stack=true,
        ),
        panels.graph(
          'Memory requests',
          'Memory requested, in the ten namespaces that request the most.',
          [['{{namespace}}', 'topk(10, %s)' % asked('requests', 'memory')]],
          'bytes',
          stack=true,
        ),
      ],
      [
        quotas(
          'Quotas of cores and objects',
          'What ResourceQuotas allow and how much of it is used. At 100 % nothing more can be created.',
          'resource!~".*(memory|storage)"',
          'short',
        ),
        quotas(
          'Quotas of memory and storage',
          'The same of what is measured in bytes.',
          'resource=~".*(memory|storage)"',
          'bytes',
        ),
        panels.table(
          'Objects',
          'How many objects of some kinds there are, those that tend to be left behind among them.',
          [['namespace', 'Namespace']],
          [
            panels.column('Secrets', objects('kube_secret_info', 'secret')),
            panels.column('ConfigMaps', objects('kube_configmap_info', 'configmap')),
            panels.column('Services', objects('kube_service_info', 'service')),
            panels.column('Claims', objects('kube_persistentvolumeclaim_info', 'persistentvolumeclaim')),
            panels.column('Jobs', objects('kube_job_info', 'job_name')),
          ],
        ),
      ],
    ],
  )
