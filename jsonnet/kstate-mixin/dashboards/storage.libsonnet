// Claims, volumes and their attachments.
local panels = import './panels.libsonnet';

function(series)
  local claim(metric, matchers='') =
    series.each('namespace, persistentvolumeclaim', metric, series.inNamespace + (if matchers == '' then '' else ',' + matchers));
  local claims(labels) =
    '%s * on (namespace, persistentvolumeclaim) group_left(%s) %s' % [
      claim('kube_persistentvolumeclaim_resource_requests_storage_bytes'),
      labels,
      series.each('namespace, persistentvolumeclaim, ' + labels, 'kube_persistentvolumeclaim_info', series.inNamespace),
    ];
  local volumes =
    '%s * on (persistentvolume) group_left(storageclass) %s' % [
      series.each('persistentvolume', 'kube_persistentvolume_capacity_bytes'),
      series.each('persistentvolume, storageclass', 'kube_persistentvolume_info'),
    ];
  panels.dashboard(
    'kstate-storage',
    'Kubernetes / Storage',
    'Claims, volumes and their attachments. How full volumes are only the kubelets know.',
    series.variables() + [series.namespace],
    [
      [
        panels.stat(
          'Claims not bound',
          'Claims that have no volume, or have lost it. Some wait for their first pod.',
          series.number(claim('kube_persistentvolumeclaim_status_phase', 'phase!="Bound"') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat(
          'Volumes failed',
          'Volumes that could not be reclaimed.',
          series.number(series.each('persistentvolume', 'kube_persistentvolume_status_phase', 'phase="Failed"') + ' == 1'),
          colours=panels.bad,
        ),
        panels.stat(
          'Volumes released',
          'Volumes whose claim is gone, which cost money and hold data.',
          series.number(series.each('persistentvolume', 'kube_persistentvolume_status_phase', 'phase="Released"') + ' == 1'),
          colours=panels.odd,
        ),
        panels.stat('Capacity', 'Capacity of all volumes.', 'sum(%s)' % series.each('persistentvolume', 'kube_persistentvolume_capacity_bytes'), 'bytes'),
        panels.stat(
          'Not attached',
          'Volumes that are to be attached to a node and are not.',
          series.number(series.each('volumeattachment', 'kube_volumeattachment_status_attached') + ' == 0'),
          colours=panels.odd,
        ),
      ],
      [
        panels.graph(
          'Capacity by storage class',
          'Capacity of volumes.',
          [['{{storageclass}}', 'sum by (storageclass) (%s)' % volumes]],
          'bytes',
          stack=true,
        ),
        panels.graph(
          'Requested by namespace',
          'What claims request, in the ten namespaces that request the most.',
          [['{{namespace}}', 'topk(10, sum by (namespace) (%s))' % claim('kube_persistentvolumeclaim_resource_requests_storage_bytes')]],
          'bytes',
          stack=true,
        ),
        panels.graph(
          'Volumes by phase',
          'How many volumes are in each phase.',
          [['{{phase}}', 'sum by (phase) (%s)' % series.each('persistentvolume, phase', 'kube_persistentvolume_status_phase')]],
          stack=true,
        ),
      ],
      [
        panels.table(
          'Claims',
          'What each claim requests, of which class, and the volume that it has.',
          [
            ['namespace', 'Namespace'],
            ['persistentvolumeclaim', 'Claim'],
            ['storageclass', 'Class'],
            ['volumename', 'Volume'],
          ],
          [panels.column('Requested', claims('storageclass, volumename'), 'bytes')],
        ) + { height:: 10 },
        panels.table(
          'Claims not bound',
          'How long claims have been waiting.',
          [['namespace', 'Namespace'], ['persistentvolumeclaim', 'Claim']],
          [panels.column(
            'For',
            'time() - (%s * (%s == 1))' % [
              claim('kube_persistentvolumeclaim_created'),
              claim('kube_persistentvolumeclaim_status_phase', 'phase!="Bound"'),
            ],
            'dtdurations',
          )],
        ) + { height:: 10 },
      ],
      [
        panels.table(
          'Attachments by node',
          'Volumes that are attached to each node. Clouds limit their number.',
          [['node', 'Node']],
          [panels.column('Volumes', 'count by (node) (%s)' % series.each('volumeattachment, node', 'kube_volumeattachment_info'))],
        ),
        panels.facts(
          'Storage classes',
          'What claims may ask for, and what becomes of a volume without its claim.',
          [
            ['storageclass', 'Class'],
            ['provisioner', 'Provisioner'],
            ['reclaim_policy', 'Reclaim policy'],
            ['volume_binding_mode', 'Binding'],
          ],
          series.each('storageclass, provisioner, reclaim_policy, volume_binding_mode', 'kube_storageclass_info'),
        ),
      ],
    ],
  )
