package loadgen

import (
	"errors"
	"fmt"

	"agistorm/loadgen/engine"
	"agistorm/loadgen/engine/epoll"
	"agistorm/loadgen/engine/portable"
)

// Engines by name.
const (
	// Auto is the best engine that this system has.
	Auto = "auto"
	// Epoll is one thread and one epoll instance; Linux only.
	Epoll = "epoll"
	// Portable is package net with a goroutine per attempt.
	Portable = "portable"
)

func newEngine(name string, plan engine.Plan) (engine.Engine, string, error) {
	if name != Portable {
		e, err := epoll.New(plan)
		if err == nil {
			return e, Epoll, nil
		}
		if name == Epoll || !errors.Is(err, errors.ErrUnsupported) {
			return nil, Epoll, fmt.Errorf("preparing the storm: %w", err)
		}
	}
	e, err := portable.New(plan)
	return e, Portable, err
}
