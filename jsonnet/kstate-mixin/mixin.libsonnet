// Alerts on the exporter itself and dashboards over what it exports.
(import './config.libsonnet') +
(import './alerts.libsonnet') +
(import './dashboards.libsonnet')
