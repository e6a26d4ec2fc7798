package rules

import "slices"

// systemRules are Linux's.
var systemRules = slices.Concat(
	capacityRules,
	counterRules,
	synQueueRules,
	reasonRules,
	restartRules,
	timingRules,
	namespaceRules,
	memoryRules,
	goRules,
)

// measurements are Linux's.
var measurements = linuxMeasurements
