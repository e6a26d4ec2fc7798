package rules

import "slices"

// systemRules are Linux's.
var systemRules = slices.Concat(
	capacityRules,
	counterRules,
	synQueueRules,
	timingRules,
	namespaceRules,
	memoryRules,
	goRules,
)
