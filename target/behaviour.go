package target

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxHandlers is the largest pool.
const MaxHandlers = 100_000

// Behaviour is how a server shares its sessions out. Make one with ParseBehaviour, Pool or Thread.
type Behaviour struct {
	// Handlers accept and serve one session after another, so that what waits stays in the
	// kernel's accept queue. 0: every connection is accepted at once and served beside the others.
	Handlers int
}

// Pool is a fixed number of handlers, from 1 to MaxHandlers.
func Pool(handlers int) Behaviour { return Behaviour{Handlers: handlers} }

// Thread serves every connection at once, as servers with a thread for each do.
func Thread() Behaviour { return Behaviour{} }

// ParseBehaviour takes "pool:N" with N from 1 to MaxHandlers, or "thread".
func ParseBehaviour(s string) (Behaviour, error) {
	if s == "thread" {
		return Thread(), nil
	}
	number, ok := strings.CutPrefix(s, "pool:")
	if !ok {
		return Behaviour{}, fmt.Errorf("behaviour %q: want \"pool:N\", such as \"pool:16\", or \"thread\"", s)
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > MaxHandlers {
		return Behaviour{}, fmt.Errorf("behaviour %q: a pool has from 1 to %d handlers", s, MaxHandlers)
	}
	return Pool(n), nil
}

// String is what ParseBehaviour takes.
func (b Behaviour) String() string {
	if b == Thread() {
		return "thread"
	}
	return "pool:" + strconv.Itoa(b.Handlers)
}

// Words are for sentences: "pool of 16 handlers", "a thread for each connection".
func (b Behaviour) Words() string {
	switch b {
	case Thread():
		return "a thread for each connection"
	case Pool(1):
		return "pool of 1 handler"
	}
	return fmt.Sprintf("pool of %d handlers", b.Handlers)
}
