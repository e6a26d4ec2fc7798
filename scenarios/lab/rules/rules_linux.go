package rules

import "slices"

// systemRules are Linux's.
func systemRules() []Rule {
	return slices.Concat(
		capacityRules(),
		counterRules(),
		synQueueRules(),
		timingRules(),
		namespaceRules(),
		memoryRules(),
		goRules(),
	)
}
