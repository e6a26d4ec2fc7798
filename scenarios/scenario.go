// Package scenarios describes what to run: the storm, the target, the settings under
// test and how often. It reads and checks scenario files; it runs nothing.
package scenarios

import (
	"fmt"
	"io"
	"os"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/near"
	"agistorm/target/spec"
)

// Scenario is a whole scenario file.
type Scenario struct {
	Name     string `yaml:"name"`
	Question string `yaml:"question,omitempty"`
	// Plan is what all cells have in common, but for what a setting gives.
	axis.Plan `yaml:",inline"`
	Settings  []axis.Values `yaml:"settings"`
	// Matrix are settings too: every combination of its values. Parse puts them behind Settings.
	Matrix axis.Matrix `yaml:"matrix,omitempty"`
	// Gates are conditions as expr.Parse reads them, e.g. "somaxconn=128: lost > 0": what must hold of the run.
	Gates []string `yaml:"gates,omitempty"`
	// Repeats of each cell, 1 to MaxRepeats.
	Repeats int `yaml:"repeats"`
	// Seed of everything random: the order of the cells, the callers' identities.
	Seed uint64 `yaml:"seed"`
}

// Bounds of a scenario.
const (
	MaxRepeats  = record.MaxRepeats
	MaxSettings = record.MaxCells
	MaxRTT      = 2 * time.Second
)

// Defaults is the scenario that a file fills in: a key that the file leaves out has this value.
func Defaults() Scenario {
	return Scenario{
		Plan: axis.Plan{
			Storm: axis.Storm{
				Arrival:             "burst",
				Script:              "agistorm",
				Client:              caller.Asterisk,
				ConnectTimeout:      2 * time.Second,
				FirstCommandTimeout: 3 * time.Second,
				SessionTimeout:      10 * time.Second,
			},
			Target: axis.Target{
				Behaviour: spec.DefaultBehaviour().String(),
				Work:      spec.DefaultWork.String(),
				Script:    spec.DefaultScript(),
			},
		},
		Repeats: 3,
		Seed:    1,
	}
}

// Cell is the scenario of one setting alone: with its values in their places.
func (s *Scenario) Cell(setting axis.Values) (*Scenario, error) {
	cell := *s
	var err error
	cell.Plan, err = s.With(setting)
	return &cell, err
}

// Schedule of the storm; the scenario has passed Validate.
func (s *Scenario) Schedule() (arrival.Schedule, error) {
	return ParseArrival(s.Storm.Arrival, s.Storm.Calls, s.Storm.Duration, s.Seed)
}

// ParseArrival reads an arrival as arrival.Parse does: traces from files, and with a suggestion for a misspelt word.
func ParseArrival(spec string, calls int, duration time.Duration, seed uint64) (arrival.Schedule, error) {
	return arrival.Parse(spec, arrival.Options{
		Calls: calls, Duration: duration, Seed: seed, Open: OpenRegular, Near: near.Match,
	})
}

// OpenRegular opens a file that a scenario names. It is read more than once, so a pipe will not do.
func OpenRegular(name string) (io.ReadCloser, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: it is read more than once", name)
	}
	return os.Open(name)
}
