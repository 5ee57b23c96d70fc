{
  local series = (import './dashboards/series.libsonnet')($._config),

  grafanaDashboards+:: {
    'kstate-cluster.json': (import './dashboards/cluster.libsonnet')(series),
    'kstate-namespaces.json': (import './dashboards/namespaces.libsonnet')(series),
    'kstate-workloads.json': (import './dashboards/workloads.libsonnet')(series),
    'kstate-nodes.json': (import './dashboards/nodes.libsonnet')(series),
    'kstate-pods.json': (import './dashboards/pods.libsonnet')(series),
    'kstate-jobs.json': (import './dashboards/jobs.libsonnet')(series),
    'kstate-storage.json': (import './dashboards/storage.libsonnet')(series),
    'kstate-exporter.json': (import './dashboards/exporter.libsonnet')(series),
  },
}
