// Where kube-state-metrics' mixin is imported from, kstate's is.
import '../../../../../../kstate-mixin/mixin.libsonnet'
