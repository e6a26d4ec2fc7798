package loadgen

import (
	"errors"
	"fmt"

	"agistorm/loadgen/engine"
	"agistorm/loadgen/engine/epoll"
	"agistorm/loadgen/engine/portable"
	"agistorm/target/spec"
)

// Engines by name.
const (
	Auto     = spec.EngineAuto
	Epoll    = spec.EngineEpoll
	Portable = spec.EnginePortable
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
