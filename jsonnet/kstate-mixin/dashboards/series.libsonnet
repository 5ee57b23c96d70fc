// Expressions over the exporter's series, for the chosen jobs of the chosen cluster.
local panels = import './panels.libsonnet';

function(config) {
  local selector = 'job=~"$job",%s="$cluster"' % config.clusterLabel,
  local all(matchers) = std.join(',', [selector] + (if matchers == '' then [] else [matchers])),

  // The series of a metric as they are.
  raw(metric, matchers=''):: '%s{%s}' % [metric, all(matchers)],

  // The series of a metric, one for each set of labels, however many exporters export them.
  each(labels, metric, matchers=''):: 'max by (%s) (%s)' % [labels, self.raw(metric, matchers)],

  // How many there are, which may be none.
  number(expr):: 'count(%s) or vector(0)' % expr,

  // What was counted in a while, one for each set of labels.
  increase(labels, metric, matchers='', span='$__rate_interval')::
    'max by (%s) (increase(%s[%s]))' % [labels, self.raw(metric, matchers), span],

  // What containers ask for or may use, as long as their pods are not at an end.
  asked(kind, resource, labels, matchers='')::
    |||
      sum by (%s) (
        %s
          * on (namespace, pod) group_left ()
        (%s == 1)
      )
    ||| % [
      labels,
      self.each(
        'namespace, pod, container, node',
        'kube_pod_container_resource_' + kind,
        'resource="%s"%s' % [resource, if matchers == '' then '' else ',' + matchers],
      ),
      'max by (namespace, pod) (%s)' % self.raw('kube_pod_status_phase', 'phase=~"Pending|Running"'),
    ],

  // Variables that all dashboards have; the metric is one that the exporter always has.
  variables(metric='kube_namespace_created'):: [
    panels.variable('cluster', config.clusterLabel, metric, many=false),
    panels.variable('job', 'job', '%s{%s="$cluster"}' % [metric, config.clusterLabel]),
  ],
  namespace:: panels.variable('namespace', 'namespace', self.raw('kube_namespace_created')),
  node:: panels.variable('node', 'node', self.raw('kube_node_created')),
  // Matchers for them.
  inNamespace:: 'namespace=~"$namespace"',
  onNode:: 'node=~"$node"',
}
