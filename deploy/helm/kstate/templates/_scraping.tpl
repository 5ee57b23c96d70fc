{{/* Limits of a scrape, those that are not 0. */}}
{{- define "kstate.scrapeLimits" -}}
{{- $monitor := . -}}
{{- range $key := list "sampleLimit" "targetLimit" "labelLimit" "labelNameLengthLimit" "labelValueLengthLimit" -}}
{{- with get $monitor $key }}
{{ $key }}: {{ int64 . }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
An endpoint of a ServiceMonitor, of (dict "port" "http" "own" .http "shared" .monitor): what the endpoint
does not say is taken from the monitor, where older versions of kube-state-metrics' chart had it.
*/}}
{{- define "kstate.endpoint" -}}
- port: {{ .port }}
{{- range $key := list "interval" "scrapeTimeout" "proxyUrl" "enableHttp2" "honorLabels" "metricRelabelings" "relabelings" "scheme" "tlsConfig" "bearerTokenFile" "bearerTokenSecret" }}
{{- with get $.own $key | default (get $.shared $key) }}
{{- dict $key . | toYaml | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
