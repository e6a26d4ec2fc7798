package target

import (
	"errors"
	"fmt"

	"agistorm/target/engine"
	"agistorm/target/engine/epoll"
	"agistorm/target/engine/portable"
)

// newEngine starts the engine of that name.
func newEngine(name string, plan *engine.Plan) (engine.Engine, error) {
	if name != Portable {
		e, err := epoll.New(plan)
		if err == nil {
			return e, nil
		}
		if name == Epoll || !errors.Is(err, errors.ErrUnsupported) {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	return portable.New(plan), nil
}
