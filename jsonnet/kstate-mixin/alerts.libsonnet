{
  local config = $._config,

  // An alert. Texts and expressions are templates over the configuration.
  local alert(name, severity, duration, expr, summary, description) = {
    alert: name,
    expr: expr % config,
    [if duration != null then 'for']: duration,
    labels: { severity: severity },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbookURLPattern % std.asciiLower(name),
    },
  },

  prometheusAlerts+:: {
    groups+: [
      {
        // As kube-state-metrics calls them and means them.
        name: 'kube-state-metrics',
        rules: [
          alert(
            'KubeStateMetricsListErrors',
            'critical',
            '15m',
            |||
              sum by (%(clusterLabel)s) (rate(kube_state_metrics_list_total{%(kubeStateMetricsSelector)s,result="error"}[5m]))
                /
              sum by (%(clusterLabel)s) (rate(kube_state_metrics_list_total{%(kubeStateMetricsSelector)s}[5m]))
              > %(errorRatio)g
            |||,
            'The exporter fails to list objects.',
            '{{ $value | humanizePercentage }} of the lists that the exporter asks the API server for fail. Metrics of the kinds concerned are missing or out of date.',
          ),
          alert(
            'KubeStateMetricsWatchErrors',
            'critical',
            '15m',
            |||
              sum by (%(clusterLabel)s) (rate(kube_state_metrics_watch_total{%(kubeStateMetricsSelector)s,result="error"}[5m]))
                /
              sum by (%(clusterLabel)s) (rate(kube_state_metrics_watch_total{%(kubeStateMetricsSelector)s}[5m]))
              > %(errorRatio)g
            |||,
            'The exporter fails to watch objects.',
            '{{ $value | humanizePercentage }} of the watches that the exporter asks the API server for fail. Metrics of the kinds concerned are out of date.',
          ),
          alert(
            'KubeStateMetricsShardingMismatch',
            'critical',
            '15m',
            |||
              stdvar by (%(clusterLabel)s) (kube_state_metrics_total_shards{%(kubeStateMetricsSelector)s}) != 0
            |||,
            'Exporters disagree on how many share the objects.',
            'Exporters run with different numbers of shards. Objects are exported twice or not at all.',
          ),
          alert(
            'KubeStateMetricsShardsMissing',
            'critical',
            '15m',
            |||
              max by (%(clusterLabel)s) (kube_state_metrics_total_shards{%(kubeStateMetricsSelector)s})
                -
              count by (%(clusterLabel)s) (
                count by (%(clusterLabel)s, shard_ordinal) (kube_state_metrics_shard_ordinal{%(kubeStateMetricsSelector)s})
              )
              > 0
            |||,
            'Shards of the exporter are missing.',
            '{{ $value }} of the shards are not there. Their share of the objects is not exported.',
          ),
        ],
      },
      {
        name: 'kstate',
        rules: [
          alert(
            'KstateNotComplete',
            'critical',
            '10m',
            |||
              max without (resource) (kstate_resource_complete{%(kubeStateMetricsSelector)s}) == 0
            |||,
            'An exporter has read nothing.',
            'The exporter {{ $labels.instance }} could not read a single kind yet and serves no metrics of the cluster.',
          ),
          alert(
            'KstateKindUnreadable',
            'warning',
            '15m',
            |||
              kstate_resource_state{%(kubeStateMetricsSelector)s,state=~"%(unreadableStates)s"} == 1
            |||,
            'An exporter cannot read a kind.',
            'The exporter {{ $labels.instance }} cannot read {{ $labels.resource }}, which are {{ $labels.state }}. Their metrics are missing or out of date.',
          ),
          alert(
            'KstateWatchStale',
            'warning',
            '5m',
            |||
              time() - kstate_resource_last_event_timestamp_seconds{%(kubeStateMetricsSelector)s} > %(staleSeconds)d
                and ignoring (state)
              kstate_resource_state{%(kubeStateMetricsSelector)s,state="complete"} == 1
            |||,
            'The API server says nothing of a kind.',
            'The exporter {{ $labels.instance }} has heard nothing of {{ $labels.resource }} for {{ $value | humanizeDuration }}, not even a bookmark. Their metrics may be out of date.',
          ),
          alert(
            'KstateDecodeErrors',
            'warning',
            null,
            // What went wrong before the first scrape is no increase.
            |||
              increase(kstate_resource_decode_errors_total{%(kubeStateMetricsSelector)s}[1h]) > 0
                or
              (
                kstate_resource_decode_errors_total{%(kubeStateMetricsSelector)s} > 0
                  unless
                kstate_resource_decode_errors_total{%(kubeStateMetricsSelector)s} offset 1h
              )
            |||,
            'An exporter skips objects that it cannot decode.',
            'The exporter {{ $labels.instance }} has skipped {{ $labels.resource }} in the last hour that it could not decode. Their metrics are missing.',
          ),
          alert(
            'KstateSeriesBudgetReached',
            'warning',
            '15m',
            |||
              sum without (family) (kstate_family_left_out{%(kubeStateMetricsSelector)s}) > 0
            |||,
            'A kind has more series than its budget.',
            'The exporter {{ $labels.instance }} leaves out {{ $value }} families of {{ $labels.resource }}, since they would have more series than --series-budget allows.',
          ),
          alert(
            'KstateScrapeSlow',
            'warning',
            '15m',
            // Time spent in ten minutes' scrapes, whatever the interval is.
            |||
              sum_over_time(scrape_duration_seconds{%(kubeStateMetricsSelector)s}[10m]) / 600 > %(scrapeShare)g
            |||,
            'Scrapes take long for their interval.',
            'Scrapes of {{ $labels.instance }} take {{ $value | humanizePercentage }} of their interval. They are about to time out.',
          ),
          alert(
            'KstateScrapesLost',
            'warning',
            '5m',
            |||
              increase(kstate_scrapes_aborted_total{%(kubeStateMetricsSelector)s}[15m])
                +
              increase(kstate_scrapes_refused_total{%(kubeStateMetricsSelector)s}[15m])
              > %(lostScrapes)d
            |||,
            'Scrapes are cut off or refused.',
            'The exporter {{ $labels.instance }} could not finish some {{ $value | humanize }} scrapes in 15 minutes: their clients went away or were too slow, or too many came at a time.',
          ),
          alert(
            'KstateConfigurationUnusable',
            'warning',
            '5m',
            |||
              kube_state_metrics_last_config_reload_successful{%(kubeStateMetricsSelector)s} == 0
                or
              kstate_web_config_usable{%(kubeStateMetricsSelector)s} == 0
            |||,
            'An exporter cannot use its changed configuration.',
            'The exporter {{ $labels.instance }} cannot use {{ $labels.filename }} as it is now, and goes on with what it said before.',
          ),
        ],
      },
    ],
  },
}
