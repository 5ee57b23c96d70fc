// Where kube-state-metrics' library is imported from, kstate's is.
import '../../../../../../kstate/kstate.libsonnet'
