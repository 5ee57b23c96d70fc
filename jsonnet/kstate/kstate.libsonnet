// The exporter as Kubernetes objects, under the field names of kube-state-metrics' own library, so
// that what was written for that one works with this one.
//
// Hidden fields are what a user sets; the others are the objects of a single replica. The sharded
// variants are hidden objects of their own: take one of them in place of the visible fields.
local permissions = import './permissions.libsonnet';

{
  local kstate = self,

  name:: error 'set name',
  namespace:: error 'set namespace',
  version:: error 'set version',
  image:: error 'set image',

  // Kinds to export, by their plural names; those of the exporter by default.
  kinds:: permissions.defaultKinds,
  // Whether the account may ask the API server who a client is and what it may do, which both
  // --auth-filter and a kube-rbac-proxy in the pod need.
  reviews:: true,
  // Flags of every process, beside those that a variant needs.
  args:: [],

  // Alerts and dashboards select by the job, which is this name where the Service's label gives it.
  commonLabels:: {
    'app.kubernetes.io/name': 'kube-state-metrics',
    'app.kubernetes.io/version': kstate.version,
  },
  extraRecommendedLabels:: { 'app.kubernetes.io/component': 'exporter' },
  // What selects the pods: the version is left out, since a selector can't be changed later.
  podLabels:: {
    [label]: kstate.commonLabels[label]
    for label in std.objectFields(kstate.commonLabels)
    if label != 'app.kubernetes.io/version'
  },

  local allLabels = kstate.commonLabels + kstate.extraRecommendedLabels,
  local metadata = { name: kstate.name, namespace: kstate.namespace, labels: allLabels },
  local account = {
    kind: 'ServiceAccount',
    name: kstate.serviceAccount.metadata.name,
    namespace: kstate.namespace,
  },

  serviceAccount: {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata,
    automountServiceAccountToken: false,
  },

  clusterRole: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: kstate.name, labels: allLabels },
    rules: permissions.reading(kstate.kinds) + (if kstate.reviews then permissions.reviewing else []),
  },

  clusterRoleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: kstate.name, labels: allLabels },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: kstate.clusterRole.metadata.name,
    },
    subjects: [account],
  },

  service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata,
    spec: {
      clusterIP: 'None',
      selector: kstate.podLabels,
      ports: [
        { name: 'http-metrics', port: 8080, targetPort: 'http-metrics' },
        { name: 'telemetry', port: 8081, targetPort: 'telemetry' },
      ],
    },
  },

  local probe(port, path) = {
    httpGet: { port: port, path: path },
    initialDelaySeconds: 5,
    timeoutSeconds: 5,
  },
  // Says which kinds to export where these aren't the exporter's own choice.
  local selection(kinds) =
    if kinds == permissions.defaultKinds then [] else ['--resources=' + std.join(',', kinds)],
  local own = kstate.args + selection(kstate.kinds),

  deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: kstate.podLabels },
      template: {
        metadata: { labels: allLabels },
        spec: {
          containers: [{
            name: 'kube-state-metrics',
            image: kstate.image,
            [if own != [] then 'args']: own,
            ports: [
              { name: 'http-metrics', containerPort: 8080 },
              { name: 'telemetry', containerPort: 8081 },
            ],
            livenessProbe: probe('http-metrics', '/livez'),
            readinessProbe: probe('telemetry', '/readyz'),
            securityContext: {
              runAsUser: 65534,
              runAsNonRoot: true,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
              seccompProfile: { type: 'RuntimeDefault' },
            },
          }],
          serviceAccountName: kstate.serviceAccount.metadata.name,
          automountServiceAccountToken: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
        },
      },
    },
  },

  // A selector and pods like the Deployment's, with what a user changed of its first container, for
  // the workload of a variant.
  local pods(flags, labels={}, container={}) = {
    local template = kstate.deployment.spec.template,
    selector: { matchLabels: kstate.podLabels + labels },
    template: template {
      metadata+: { labels+: labels },
      spec+: { containers: [template.spec.containers[0] { args: kstate.args + flags } + container] },
    },
  },
  // An environment variable that the kubelet fills in.
  local fromPod(name, path) = { name: name, valueFrom: { fieldRef: { fieldPath: path } } },

  local access = {
    serviceAccount: kstate.serviceAccount,
    clusterRole: kstate.clusterRole,
    clusterRoleBinding: kstate.clusterRoleBinding,
  },

  // The replicas of a StatefulSet share the objects, and follow its number of replicas.
  autosharding:: access {
    service: kstate.service,

    role: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata,
      rules: permissions.sharding,
    },

    roleBinding: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: kstate.name },
      subjects: [account],
    },

    statefulset: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata,
      spec: { replicas: 2, serviceName: kstate.service.metadata.name } + pods(
        selection(kstate.kinds) + ['--pod=$(POD_NAME)', '--pod-namespace=$(POD_NAMESPACE)'],
        container={
          env+: [
            fromPod('POD_NAME', 'metadata.name'),
            fromPod('POD_NAMESPACE', 'metadata.namespace'),
          ],
        },
      ),
    },
  },

  // A process on each node for the node's pods, one for pods without a node, and one for the other
  // kinds.
  daemonsetsharding:: access {
    local shard = kstate.name + '-shard',
    local unscheduled = kstate.name + '-unscheduled-pods-fetching',
    local named(name) = { 'app.kubernetes.io/name': name },
    local serviceOf(name) = kstate.service {
      metadata+: { name: name, labels+: named(name) },
      spec+: { selector+: named(name) },
    },

    deployment: kstate.deployment {
      spec+: pods(selection(std.setDiff(std.set(kstate.kinds), ['pods']))),
    },
    deploymentService: kstate.service,

    daemonset: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metadata { name: shard, labels+: named(shard) },
      spec: pods(
        ['--resources=pods', '--node=$(NODE_NAME)'],
        named(shard),
        { name: shard, env+: [fromPod('NODE_NAME', 'spec.nodeName')] },
      ),
    },
    daemonsetService: serviceOf(shard),

    deploymentUnscheduledPodsFetching: kstate.deployment {
      metadata+: { name: unscheduled, labels+: named(unscheduled) },
      spec+: pods(
        ['--resources=pods', '--track-unscheduled-pods'],
        named(unscheduled),
        { name: unscheduled },
      ),
    },
    deploymentUnscheduledPodsFetchingService: serviceOf(unscheduled),
  },

  // A Deployment for each share of the objects, each with as many replicas.
  deploymentsharding(totalShards=2, replicas=1):: access {
    service: kstate.service,
  } + {
    ['deployment-%d' % ordinal]: kstate.deployment {
      local labels = { 'kube-state-metrics.io/shard': std.toString(ordinal) },
      metadata+: { name: '%s-%d' % [kstate.name, ordinal], labels+: labels },
      spec+: { replicas: replicas } + pods(
        selection(kstate.kinds) + ['--shard=%d' % ordinal, '--total-shards=%d' % totalShards],
        labels,
      ),
    }
    for ordinal in std.range(0, totalShards - 1)
  },
}
