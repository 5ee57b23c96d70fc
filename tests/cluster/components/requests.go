// Reads a JSON array of pods from its input and prints what kube-scheduler makes of each:
// [{"protobuf": "CgA…", "requests": {"cpu": "100000000"}, "limits": {}}, …]. Amounts are whole numbers
// of 10⁻⁹ of the resource's unit, the finest that Kubernetes keeps, so that nothing is rounded. The
// first is the pod itself in the API's binary encoding.
//
// The rule is k8s.io/component-helpers/resource. The scheduler sums up a node's pods with it in
// PodInfo.CalculateResource (pkg/scheduler/framework/types.go), where options follow feature gates:
//
//	option                                          gate                                     1.36
//	UseStatusResources                              InPlacePodVerticalScaling                on, locked
//	SkipPodLevelResources (when off)                PodLevelResources                        on, beta
//	InPlacePodLevelResourcesVerticalScalingEnabled  InPlacePodLevelResourcesVerticalScaling  on, beta
//	UseDRANodeAllocatableResourceClaimStatus        DRANodeAllocatableResources              off, alpha
//
// For a pod that has yet to be placed it leaves the options for status out (computePodResourceRequest
// in plugins/noderesources/fit.go), which comes to the same: kubelets haven't written any status.
//
// Nothing is scheduled by limits. They are summed up with the same options here, as quotas are
// charged (pkg/quota/v1/evaluator/core/pods.go) and `kubectl describe node` counts, both without the
// option for resizing at the level of pods. The scheduler's own metrics kube_pod_resource_request
// and kube_pod_resource_limit take none of the options and so don't look at resizes at all.
//
// The phase of a pod is no part of the rule: the scheduler never hears of pods that have ended.
package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"

	core "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
)

var options = resource.PodResourcesOptions{
	UseStatusResources: true,
	InPlacePodLevelResourcesVerticalScalingEnabled: true,
}

type sums struct {
	Protobuf []byte                       `json:"protobuf"`
	Requests map[core.ResourceName]string `json:"requests"`
	Limits   map[core.ResourceName]string `json:"limits"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var pods []core.Pod
	in := json.NewDecoder(os.Stdin)
	// A field that the API doesn't know would show nothing.
	in.DisallowUnknownFields()
	if err := in.Decode(&pods); err != nil {
		return err
	}
	all := make([]sums, len(pods))
	for i := range pods {
		protobuf, err := pods[i].Marshal()
		if err != nil {
			return err
		}
		// As it comes from an API server, where an empty list is none: the rule tells them apart.
		var pod core.Pod
		if err := pod.Unmarshal(protobuf); err != nil {
			return err
		}
		all[i] = sums{
			Protobuf: protobuf,
			Requests: billionths(resource.PodRequests(&pod, options)),
			Limits:   billionths(resource.PodLimits(&pod, options)),
		}
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

func billionths(list core.ResourceList) map[core.ResourceName]string {
	all := make(map[core.ResourceName]string, len(list))
	for name, quantity := range list {
		// The number is unscaled · 10^-scale; no quantity that was read has a scale beyond 9.
		decimal := quantity.AsDec()
		power := big.NewInt(int64(9 - decimal.Scale()))
		number := new(big.Int).Exp(big.NewInt(10), power, nil)
		all[name] = number.Mul(number, decimal.UnscaledBig()).String()
	}
	return all
}
