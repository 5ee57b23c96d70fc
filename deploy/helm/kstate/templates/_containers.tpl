{{/* The ports that the exporter itself listens on. */}}
{{- define "kstate.mainPort" -}}
{{- if .Values.kubeRBACProxy.enabled }}{{ .Values.kubeRBACProxy.port }}{{ else }}{{ .Values.service.port }}{{ end -}}
{{- end -}}

{{- define "kstate.telemetryPort" -}}
{{- if .Values.kubeRBACProxy.enabled }}9091{{ else }}{{ .Values.selfMonitor.telemetryPort | default 8081 }}{{ end -}}
{{- end -}}

{{/* The arguments. Further ones come first: of flags that are said twice the last one counts. */}}
{{- define "kstate.arguments" -}}
{{- $values := .Values -}}
{{- with $values.extraArgs }}
{{ tpl (toYaml .) $ }}
{{- end }}
{{- if $values.kubeRBACProxy.enabled }}
- --host=127.0.0.1
{{- end }}
- --port={{ include "kstate.mainPort" . }}
{{- with include "kstate.collectors" . }}
- --resources={{ . }}
{{- end }}
{{- with $values.metricLabelsAllowlist }}
- --metric-labels-allowlist={{ . | join "," }}
{{- end }}
{{- with $values.metricAnnotationsAllowList }}
- --metric-annotations-allowlist={{ . | join "," }}
{{- end }}
{{- if and $values.metricAllowlist $values.metricDenylist }}
{{- fail "metricAllowlist and metricDenylist exclude each other" }}
{{- end }}
{{- with $values.metricAllowlist }}
- --metric-allowlist={{ . | join "," }}
{{- end }}
{{- with $values.metricDenylist }}
- --metric-denylist={{ . | join "," }}
{{- end }}
{{- with include "kstate.namespaces" . }}
- --namespaces={{ . }}
{{- end }}
{{- with $values.namespacesDenylist }}
- --namespaces-denylist={{ tpl (. | join ",") $ }}
{{- end }}
{{- if $values.autosharding.enabled }}
- --pod=$(POD_NAME)
- --pod-namespace=$(POD_NAMESPACE)
{{- end }}
{{- if $values.kubeconfig.enabled }}
- --kubeconfig=/opt/k8s/.kube/config
{{- end }}
{{- if $values.kubeRBACProxy.enabled }}
- --telemetry-host=127.0.0.1
- --telemetry-port={{ include "kstate.telemetryPort" . }}
{{- else }}
{{- with $values.selfMonitor.telemetryHost }}
- --telemetry-host={{ . }}
{{- end }}
{{- with $values.selfMonitor.telemetryPort }}
- --telemetry-port={{ . }}
{{- end }}
{{- end }}
{{- if $values.customResourceState.enabled }}
- --custom-resource-state-config-file=/etc/customresourcestate/{{ $values.customResourceState.key }}
{{- end }}
{{- if $values.authFilter.enabled }}
- --auth-filter
{{- end }}
{{- if $values.resourceMetricsApi.enabled }}
- --resource-metrics-api
- --secure-port={{ $values.resourceMetricsApi.port }}
{{- with $values.resourceMetricsApi.args }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- if $values.configFile.enabled }}
- --config=/etc/kstate/{{ $values.configFile.key }}
{{- end }}
{{- end -}}

{{/* A probe, of (dict "root" $ "probe" .Values.livenessProbe "path" "/livez" "port" "http"). */}}
{{- define "kstate.probe" -}}
{{- $values := .root.Values -}}
failureThreshold: {{ .probe.failureThreshold }}
httpGet:
  {{- if $values.hostNetwork }}
  host: 127.0.0.1
  {{- end }}
  {{- with .probe.httpGet.httpHeaders }}
  httpHeaders:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  path: {{ .path }}
  port: {{ .port }}
  scheme: {{ ternary "https" .probe.httpGet.scheme $values.kubeRBACProxy.enabled | upper }}
initialDelaySeconds: {{ .probe.initialDelaySeconds }}
periodSeconds: {{ .probe.periodSeconds }}
successThreshold: {{ .probe.successThreshold }}
timeoutSeconds: {{ .probe.timeoutSeconds }}
{{- end -}}

{{/*
A container of kube-rbac-proxy, of (dict "root" $ "name" "kube-rbac-proxy-http" "listen" 8080 "upstream" 9090
"port" "http" "health" 8888).
*/}}
{{- define "kstate.proxy" -}}
{{- $proxy := .root.Values.kubeRBACProxy -}}
- name: {{ .name }}
  args:
    {{- with $proxy.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if $proxy.ignoreProbePaths }}
    - --ignore-paths=/livez,/readyz,/healthz
    {{- end }}
    - --secure-listen-address=:{{ .listen }}
    - --upstream=http://127.0.0.1:{{ .upstream }}/
    - --proxy-endpoints-port={{ .health }}
    - --config-file=/etc/kube-rbac-proxy-config/config-file.yaml
  image: {{ include "kstate.image" (dict "root" .root "image" $proxy.image "tag" "latest") }}
  imagePullPolicy: {{ $proxy.image.pullPolicy }}
  ports:
    - containerPort: {{ .listen }}
      name: {{ .port }}
    - containerPort: {{ .health }}
      name: {{ .port }}-healthz
  readinessProbe:
    httpGet:
      path: /healthz
      port: {{ .port }}-healthz
      scheme: HTTPS
    initialDelaySeconds: 5
    timeoutSeconds: 5
  {{- with $proxy.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $proxy.containerSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - mountPath: /etc/kube-rbac-proxy-config
      name: kube-rbac-proxy-config
      readOnly: true
    {{- with $proxy.volumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Where files of the values are mounted. */}}
{{- define "kstate.volumeMounts" -}}
{{- $values := .Values -}}
{{- if $values.kubeconfig.enabled }}
- mountPath: /opt/k8s/.kube
  name: kubeconfig
  readOnly: true
{{- end }}
{{- if $values.customResourceState.enabled }}
- mountPath: /etc/customresourcestate
  name: customresourcestate-config
  readOnly: true
{{- end }}
{{- if $values.configFile.enabled }}
- mountPath: /etc/kstate
  name: config
  readOnly: true
{{- end }}
{{- with $values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "kstate.volumes" -}}
{{- $values := .Values -}}
{{- $name := include "kstate.fullname" . -}}
{{- if $values.kubeconfig.enabled }}
- name: kubeconfig
  secret:
    secretName: {{ $name }}-kubeconfig
{{- end }}
{{- if $values.customResourceState.enabled }}
- name: customresourcestate-config
  configMap:
    name: {{ $values.customResourceState.name | default (printf "%s-customresourcestate-config" $name) }}
{{- end }}
{{- if $values.configFile.enabled }}
- name: config
  configMap:
    name: {{ $values.configFile.name | default (printf "%s-config" $name) }}
{{- end }}
{{- if $values.kubeRBACProxy.enabled }}
- name: kube-rbac-proxy-config
  configMap:
    name: {{ $name }}-rbac-config
{{- end }}
{{- with $values.volumes }}
{{ tpl (toYaml .) $ }}
{{- end }}
{{- end -}}
