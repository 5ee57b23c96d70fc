// Nodes, what they can give and what pods request of it.
local panels = import './panels.libsonnet';

function(series)
  local node(metric, matchers='') =
    series.each('node', metric, series.onNode + (if matchers == '' then '' else ',' + matchers));
  local allocatable(resource) = node('kube_node_status_allocatable', 'resource="%s"' % resource);
  local requested(resource) = series.asked('requests', resource, 'node', series.onNode);
  local limited(resource) = series.asked('limits', resource, 'node', series.onNode);
  local share(asked, resource) = '%s / %s' % [asked, allocatable(resource)];
  local pods =
    |||
      count by (node) (
        %s
          * on (namespace, pod) group_left ()
        (%s == 1)
      )
    ||| % [
      series.each('namespace, pod, node', 'kube_pod_info', series.onNode),
      series.each('namespace, pod', 'kube_pod_status_phase', 'phase="Running"'),
    ];
  panels.dashboard(
    'kstate-nodes',
    'Kubernetes / Nodes',
    'Nodes, what they can give, and what pods request of it. What is really used only the kubelets know.',
    series.variables('kube_node_created') + [series.node],
    [
      [
        panels.stat('Nodes', 'Nodes that are registered.', 'count(%s)' % node('kube_node_created')),
        panels.stat(
          'Not ready',
          'Nodes whose kubelet has not said that it is ready.',
          series.number(node('kube_node_status_condition', 'condition="Ready",status="true"') + ' == 0'),
          colours=panels.bad,
        ),
        panels.stat(
          'Cordoned',
          'Nodes on which nothing may be scheduled.',
          series.number(node('kube_node_spec_unschedulable') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Under pressure',
          'Nodes that are short of memory, disk or process ids, and evict pods.',
          series.number(node('kube_node_status_condition', 'condition=~"MemoryPressure|DiskPressure|PIDPressure",status="true"') + ' == 1'),
          colours=panels.bad,
        ),
        panels.stat(
          'CPU requested',
          'Share of the allocatable cores that pods request.',
          'sum(%s) / sum(%s)' % [requested('cpu'), allocatable('cpu')],
          'percentunit',
          panels.share,
        ),
        panels.stat(
          'Memory requested',
          'Share of the allocatable memory that pods request.',
          'sum(%s) / sum(%s)' % [requested('memory'), allocatable('memory')],
          'percentunit',
          panels.share,
        ),
      ],
      [
        panels.table(
          'Nodes',
          'Shares of what each node can give to pods. Limits above 100 % are promises that cannot be kept all at once.',
          [['node', 'Node']],
          [
            panels.column('Ready', node('kube_node_status_condition', 'condition="Ready",status="true"'), 'bool_yes_no', ['red', [1, 'green']]),
            panels.column('Pods', pods),
            panels.column('Room for pods', allocatable('pods')),
            panels.column('CPU requested', share(requested('cpu'), 'cpu'), 'percentunit', panels.share),
            panels.column('CPU limits', share(limited('cpu'), 'cpu'), 'percentunit'),
            panels.column('Memory requested', share(requested('memory'), 'memory'), 'percentunit', panels.share),
            panels.column('Memory limits', share(limited('memory'), 'memory'), 'percentunit'),
            panels.column('Cores', node('kube_node_status_capacity', 'resource="cpu"'), 'none'),
            panels.column('Memory', node('kube_node_status_capacity', 'resource="memory"'), 'bytes'),
          ],
          sort='CPU requested',
        ) + { height:: 12 },
      ],
      [
        panels.graph(
          'CPU requested',
          'Share of each node that pods request. Ten nodes with the most of it.',
          [['{{node}}', 'topk(10, %s)' % share(requested('cpu'), 'cpu')]],
          'percentunit',
        ),
        panels.graph(
          'Memory requested',
          'Share of each node that pods request. Ten nodes with the most of it.',
          [['{{node}}', 'topk(10, %s)' % share(requested('memory'), 'memory')]],
          'percentunit',
        ),
      ],
      [
        panels.graph(
          'Pressure and other bad conditions',
          'Nodes that have a condition other than being ready.',
          [['{{condition}}', 'sum by (condition) (%s)' % series.each('node, condition', 'kube_node_status_condition', 'condition!="Ready",status="true",' + series.onNode)]],
          stack=true,
        ),
        panels.facts(
          'Taints',
          'Why pods may not be scheduled on a node, or are evicted from it.',
          [['node', 'Node'], ['key', 'Key'], ['value', 'Value of the taint'], ['effect', 'Effect']],
          series.each('node, key, value, effect', 'kube_node_spec_taint', series.onNode),
        ),
      ],
      [
        panels.facts(
          'Systems',
          'What the nodes run.',
          [
            ['node', 'Node'],
            ['internal_ip', 'Address'],
            ['kubelet_version', 'Kubelet'],
            ['container_runtime_version', 'Runtime'],
            ['os_image', 'System'],
            ['kernel_version', 'Kernel'],
          ],
          series.each('node, internal_ip, kubelet_version, container_runtime_version, os_image, kernel_version', 'kube_node_info', series.onNode),
        ),
      ],
    ],
  )
