package lab

import (
	"slices"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// listenersOf are the listening sockets of the namespace beside this one, of this one where that is nil; none
// where they cannot be seen.
func listenersOf(beside *netns.Beside) (all []probe.Listener) {
	read := func() (err error) {
		all, err = probe.Listeners(0)
		return err
	}
	if beside == nil {
		_ = read() // a system that does not report them has none
		return all
	}
	_ = beside.Do(read)
	return all
}

// dropped are the listeners that dropped something between two readings, and all of the port that is
// stormed.
func dropped(before, after []probe.Listener, port uint16) (all []record.Listener) {
	for i := range after {
		l := &after[i]
		now := record.Listener{Address: l.Address.String(), Effective: int(l.Limit), Depth: int(l.Depth)}
		if l.Drops != nil {
			now.Drops = *l.Drops
		}
		at := slices.IndexFunc(before, func(b probe.Listener) bool { return b.Cookie == l.Cookie })
		if at >= 0 && before[at].Drops != nil {
			now.Drops -= *before[at].Drops
		}
		if now.Drops > 0 || l.Address.Port() == port {
			all = append(all, now)
		}
	}
	return all
}

// longestDrain is how long a storm waits at most until the server has accepted what is queued when the last
// call is over.
const longestDrain = 10 * time.Second

// awaitDrain waits until nothing is queued any more: for the session timeout at most, since a caller would have
// gone by then.
func awaitDrain(queued func() (int, error), session time.Duration) error {
	limit := longestDrain
	if session > 0 {
		limit = min(session, limit)
	}
	for end := time.Now().Add(limit); ; time.Sleep(stillFor) {
		if n, err := queued(); n == 0 || err != nil || time.Now().After(end) {
			return err
		}
	}
}
