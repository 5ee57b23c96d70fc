// What kube-prometheus makes of the library, with the fields that it sets, overrides and reads, and from
// where it imports it:
// each container loses its ports and probes and listens on the loopback interface, behind proxies
// that review tokens with the exporter's account.
local proxy(name, port, upstream, image) = {
  name: name,
  image: image,
  args: ['--secure-listen-address=:%d' % port, '--upstream=' + upstream],
  ports: [{ name: name, containerPort: port }],
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

function(params) (import 'github.com/kubernetes/kube-state-metrics/jsonnet/kube-state-metrics/kube-state-metrics.libsonnet') {
  local exporter = self,
  _config:: params,

  name:: 'kube-state-metrics',
  namespace:: exporter._config.namespace,
  version:: exporter._config.version,
  image:: exporter._config.image,
  commonLabels:: {
    'app.kubernetes.io/name': exporter.name,
    'app.kubernetes.io/version': exporter.version,
    'app.kubernetes.io/component': 'exporter',
    'app.kubernetes.io/part-of': 'kube-prometheus',
  },
  podLabels:: {
    [label]: exporter.commonLabels[label]
    for label in std.objectFields(exporter.commonLabels)
    if label != 'app.kubernetes.io/version'
  },

  mixin:: (import 'github.com/kubernetes/kube-state-metrics/jsonnet/kube-state-metrics-mixin/mixin.libsonnet') {
    _config+:: {
      kubeStateMetricsSelector: 'job="kube-state-metrics"',
      runbookURLPattern: 'https://runbooks.example/%s',
    },
  },
  rules:: exporter.mixin.prometheusAlerts.groups,

  service+: {
    spec+: {
      ports: [
        { name: 'https-main', port: 8443, targetPort: 'https-main' },
        { name: 'https-self', port: 9443, targetPort: 'https-self' },
      ],
    },
  },

  networkPolicy: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: exporter.service.metadata,
    spec: {
      podSelector: { matchLabels: exporter.podLabels },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: port.port, protocol: 'TCP' } for port in exporter.service.spec.ports] }],
    },
  },

  deployment+: {
    spec+: {
      template+: {
        metadata+: {
          annotations+: { 'kubectl.kubernetes.io/default-container': 'kube-state-metrics' },
        },
        spec+: {
          containers: [
            container {
              ports:: null,
              livenessProbe:: null,
              readinessProbe:: null,
              args: [
                '--host=127.0.0.1',
                '--port=8081',
                '--telemetry-host=127.0.0.1',
                '--telemetry-port=8082',
              ],
              resources: { requests: { cpu: '10m', memory: '190Mi' } },
            }
            for container in super.containers
          ] + [
            proxy('https-main', 8443, 'http://127.0.0.1:8081/', exporter._config.kubeRbacProxyImage),
            proxy('https-self', 9443, 'http://127.0.0.1:8082/', exporter._config.kubeRbacProxyImage),
          ],
        },
      },
    },
  },
}
