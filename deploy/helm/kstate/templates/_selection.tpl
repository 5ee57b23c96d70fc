{{/* The kinds that are exported, with commas; nothing where the exporter decides. */}}
{{- define "kstate.collectors" -}}
{{- $chosen := concat (.Values.collectors | default list) .Values.collectorsExtra | uniq -}}
{{- $kinds := .Files.Get "files/kinds.yaml" | fromYaml -}}
{{- range concat $chosen .Values.collectorsExclude -}}
{{- if not (hasKey $kinds .) }}{{ fail (printf "collectors: there is no kind %q; there are %s" . (keys $kinds | sortAlpha | join ", ")) }}{{ end -}}
{{- end -}}
{{- $kept := list -}}
{{- range $chosen }}{{ if not (has . $.Values.collectorsExclude) }}{{ $kept = append $kept . }}{{ end }}{{ end -}}
{{- if and .Values.collectorsExclude (not $kept) -}}
{{- fail "collectorsExclude leaves no collector" -}}
{{- end -}}
{{- $kept | join "," -}}
{{- end -}}

{{/* The namespaces that are exported, with commas; nothing for all of them. */}}
{{- define "kstate.namespaces" -}}
{{- $names := list -}}
{{- range .Values.namespaces | join "," | splitList "," }}{{ with tpl . $ | trim }}{{ $names = append $names . }}{{ end }}{{ end -}}
{{- if .Values.releaseNamespace }}{{ $names = append $names (include "kstate.namespace" .) }}{{ end -}}
{{- $names | uniq | join "," -}}
{{- end -}}

{{/*
Rules for the kinds that are exported, one for each API group, as `kstate rbac` prints them; of
(dict "root" $ "namespaced" true), which says to leave out kinds that have no namespace.
*/}}
{{- define "kstate.rules" -}}
{{- $collectors := include "kstate.collectors" .root -}}
{{- $groups := dict -}}
{{- range $name, $kind := .root.Files.Get "files/kinds.yaml" | fromYaml -}}
{{- $chosen := ternary (has $name (splitList "," $collectors)) $kind.default (ne $collectors "") -}}
{{- if and $chosen (or $kind.namespaced (not $.namespaced)) -}}
{{- $_ := set $groups $kind.group (append (get $groups $kind.group | default list) $name) -}}
{{- end -}}
{{- end -}}
{{- range $group, $names := $groups }}
- apiGroups:
    - {{ $group | quote }}
  resources:
    {{- toYaml $names | nindent 4 }}
  verbs:
    - list
    - watch
{{- end }}
{{- with .root.Values.rbac.extraRules }}
{{ tpl (toYaml .) $.root }}
{{- end }}
{{- end -}}
