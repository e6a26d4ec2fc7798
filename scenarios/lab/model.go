package lab

import (
	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/scenarios"
)

// Model returns one storm of a plan at an effective backlog for the simulator. Host are the sysctls in force where the
// plan sets none; none at all stand for the kernel's defaults. What the simulator cannot play is an InputError.
func Model(plan *scenarios.Scenario, backlog int, host map[string]string) (*model.Storm, error) {
	if len(host) == 0 {
		host = simulatedDefaults()
	}
	return modelOf(plan, record.Cell{Effective: backlog}, host, 0)
}
