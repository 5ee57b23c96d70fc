{{/*
The name that stands in labels and in that of the container. It is not the chart's: alerts and dashboards
select by job="kube-state-metrics", and a release of kube-state-metrics' own chart keeps its selectors when
it is upgraded to this one.
*/}}
{{- define "kstate.name" -}}
{{- .Values.nameOverride | default "kube-state-metrics" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects. */}}
{{- define "kstate.fullname" -}}
{{- $name := include "kstate.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "kstate.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "kstate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "kstate.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* What tells the pods of this release from others; it can't be changed later. */}}
{{- define "kstate.selectorLabels" -}}
{{- if .Values.selectorOverride -}}
{{- toYaml .Values.selectorOverride }}
{{- else -}}
app.kubernetes.io/name: {{ include "kstate.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}
{{- end -}}

{{/*
Labels of (dict "root" $ "more" .Values.podLabels). What is said twice is there once: further labels count
more than the chart's, and those that select pods count most.
*/}}
{{- define "kstate.labels" -}}
{{- $root := .root -}}
{{- $labels := dict
  "app.kubernetes.io/component" "metrics"
  "app.kubernetes.io/managed-by" $root.Release.Service
  "app.kubernetes.io/part-of" (include "kstate.name" $root)
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
-}}
{{- if $root.Values.releaseLabel }}{{ $_ := set $labels "release" $root.Release.Name }}{{ end -}}
{{- range list $root.Values.customLabels .more -}}
{{- with . }}{{ $labels = mergeOverwrite $labels (tpl (toYaml .) $root | fromYaml) }}{{ end -}}
{{- end -}}
{{- mergeOverwrite $labels (include "kstate.selectorLabels" $root | fromYaml) | toYaml -}}
{{- end -}}

{{/* The metadata of an object that is named as all are. */}}
{{- define "kstate.metadata" -}}
name: {{ include "kstate.fullname" . }}
namespace: {{ include "kstate.namespace" . }}
labels:
  {{- include "kstate.labels" (dict "root" .) | nindent 2 }}
{{- end -}}

{{/* An image's name, of (dict "root" $ "image" .Values.image "tag" "what counts where none is said"). */}}
{{- define "kstate.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- .image.repository }}:{{ .image.tag | default .tag -}}
{{- with .image.sha }}@{{ if not (hasPrefix "sha256:" .) }}sha256:{{ end }}{{ . }}{{ end -}}
{{- end -}}

{{/* Pull secrets, which are named by texts or by maps with a name; of (dict "root" $ "own" list). */}}
{{- define "kstate.imagePullSecrets" -}}
{{- range concat .root.Values.global.imagePullSecrets .own }}
- name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
{{- end }}
{{- end -}}
