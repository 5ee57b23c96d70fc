{
  _config+:: {
    // What selects the exporter's series, those of both ports.
    kubeStateMetricsSelector: 'job="kube-state-metrics"',
    // The label that tells clusters apart where several send their series to one place. It does no
    // harm where there is none.
    clusterLabel: 'cluster',
    // Where the runbook is: the name of the alert in lower case is put in.
    runbookURLPattern: 'metrics-docs/runbook.md#%s',

    // Share of lists and watches that may fail.
    errorRatio: 0.01,
    // States of a kind that somebody has to mend. A kind that the server doesn't serve is none of
    // them: older servers don't serve all kinds that are exported by default.
    unreadableStates: 'forbidden|failing|reading',
    // How long the server may say nothing of a kind. It sends a bookmark every minute or so, and
    // ends each watch within ten.
    staleSeconds: 900,
    // Share of the time in which a target may be busy with being scraped: 1 is a scrape that takes as
    // long as the interval. Prometheus' own defaults end a scrape at a sixth.
    scrapeShare: 0.1,
    // Scrapes that may be lost in 15 minutes, as when Prometheus restarts.
    lostScrapes: 3,
  },
}
