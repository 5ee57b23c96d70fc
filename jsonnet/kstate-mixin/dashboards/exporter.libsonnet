// The exporter itself.
local panels = import './panels.libsonnet';

function(series)
  local rate(metric, labels='instance', matchers='') =
    'sum by (%s) (rate(%s[$__rate_interval]))' % [labels, series.raw(metric, matchers)];
  local kind(metric, by='max') = '%s by (resource) (%s)' % [by, series.raw(metric)];
  local byInstance(metric) = [['{{instance}}', series.raw(metric)]];
  panels.dashboard(
    'kstate-exporter',
    'Kubernetes / Exporter',
    'Whether the exporter of the other dashboards reads everything and is scraped well.',
    series.variables('kube_state_metrics_build_info'),
    [
      [
        panels.text('Version', 'Versions of the exporters that run.', 'count by (version) (%s)' % series.raw('kube_state_metrics_build_info'), 'version'),
        panels.stat('Exporters', 'Processes that run.', 'count(%s)' % series.raw('kube_state_metrics_build_info')),
        panels.stat(
          'Shards missing',
          'Shares of the objects that nobody exports.',
          'max(%s) - count(count by (shard_ordinal) (%s))' % [
            series.raw('kube_state_metrics_total_shards'),
            series.raw('kube_state_metrics_shard_ordinal'),
          ],
          colours=panels.bad,
        ),
        panels.stat(
          'Kinds not complete',
          'Kinds that some exporter could not read whole, whose metrics are missing.',
          series.number(kind('kstate_resource_complete', 'min') + ' == 0'),
          colours=panels.bad,
        ),
        panels.stat('Objects', 'Objects that all exporters hold.', 'sum(%s)' % series.raw('kstate_resource_objects')),
        panels.stat('Samples', 'Samples of the last scrapes of all exporters.', 'sum(%s)' % series.raw('kstate_scrape_samples')),
      ],
      [
        panels.graph(
          'Time to answer a scrape',
          'Mean and 99th percentile, as the exporter sees it.',
          [
            ['Mean of {{instance}}', '%s / %s' % [rate('http_request_duration_seconds_sum'), rate('http_request_duration_seconds_count')]],
            ['99 % of {{instance}}', 'histogram_quantile(0.99, %s)' % rate('http_request_duration_seconds_bucket', 'instance, le')],
          ],
          's',
        ),
        panels.graph(
          'Size of a scrape',
          'What is sent for a scrape, and the text that it stands for.',
          [
            ['Text of {{instance}}', series.raw('kstate_scrape_text_bytes')],
            ['Sent by {{instance}}', series.raw('kstate_scrape_sent_bytes')],
          ],
          'bytes',
        ),
        panels.graph(
          'Scrapes',
          'Scrapes that were begun, cut off by their client, and refused.',
          [
            ['Begun', 'sum(%s)' % rate('kstate_scrapes_total')],
            ['Cut off', 'sum(%s)' % rate('kstate_scrapes_aborted_total')],
            ['Refused', 'sum(%s)' % rate('kstate_scrapes_refused_total')],
          ],
          'reqps',
        ),
      ],
      [
        panels.graph('Memory', 'Resident memory of the process.', byInstance('process_resident_memory_bytes'), 'bytes'),
        panels.graph('CPU', 'Cores in use.', [['{{instance}}', rate('process_cpu_seconds_total')]], 'none'),
        panels.graph(
          'Pieces of scrapes compressed before',
          'Share of the pieces with gzip that had not changed since they were compressed. It falls where much changes, or where the cache is too small.',
          [['{{instance}}', '%s / (%s + %s)' % [
            rate('kstate_gzip_cache_hits_total'),
            rate('kstate_gzip_cache_hits_total'),
            rate('kstate_gzip_cache_misses_total'),
          ]]],
          'percentunit',
          max=1,
        ),
      ],
      'Reading the cluster',
      [
        panels.graph(
          'Errors of lists and watches',
          'What the API server refuses or cannot answer.',
          [
            ['Lists', '(sum(%s) or vector(0))' % rate('kube_state_metrics_list_total', 'resource', 'result="error"')],
            ['Watches', '(sum(%s) or vector(0))' % rate('kube_state_metrics_watch_total', 'resource', 'result="error"')],
          ],
          'ops',
        ),
        panels.graph(
          'Kinds by state',
          'How reading the kinds goes. A kind that is forbidden needs a permission, one that is not found is not served.',
          [['{{state}}', 'sum by (state) (%s)' % series.raw('kstate_resource_state')]],
          stack=true,
        ),
        panels.graph(
          'Silence',
          'How long the server has said nothing of a kind. Bookmarks come about every minute.',
          [
            ['Longest', 'max(time() - %s)' % kind('kstate_resource_last_event_timestamp_seconds')],
            ['Median', 'quantile(0.5, time() - %s)' % kind('kstate_resource_last_event_timestamp_seconds')],
          ],
          's',
        ),
      ],
      [
        panels.table(
          'Kinds',
          'What is held of each kind, by all exporters, and how reading it went.',
          [['resource', 'Kind']],
          [
            panels.column('Objects', kind('kstate_resource_objects', 'sum')),
            panels.column('Memory', kind('kstate_resource_bytes', 'sum'), 'bytes'),
            panels.column('Complete', kind('kstate_resource_complete', 'min'), 'bool_yes_no', ['red', [1, 'green']]),
            panels.column('Lists after the first', kind('kstate_resource_relists_total', 'sum')),
            panels.column('Objects skipped', kind('kstate_resource_decode_errors_total', 'sum'), colours=panels.bad),
          ],
        ) + { height:: 12 },
        panels.table(
          'Budgets',
          'Series that kinds with a budget would have with all their families, as a share of the budget. Above 100 % families are left out.',
          [['resource', 'Kind']],
          [panels.column('Share', 'max by (resource) (%s / %s)' % [series.raw('kstate_series_wanted'), series.raw('kstate_series_budget')], 'percentunit', panels.share)],
        ) + { height:: 12 },
      ],
    ],
  )
