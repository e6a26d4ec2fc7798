package words

import (
	"cmp"
	"fmt"
	"strings"

	"agistorm/analysis/metric"
)

// mostSockets of a port are shown in a line.
const mostSockets = 16

// Sockets says how the queue of each socket of a port was.
func Sockets(all []metric.Socket) string {
	var parts []string
	for i := range all[:min(len(all), mostSockets)] {
		parts = append(parts, fmt.Sprintf("socket %d: %s", i+1, Socket(&all[i])))
	}
	if more := len(all) - mostSockets; more > 0 {
		parts = append(parts, Amount(more, "more socket", "more sockets"))
	}
	return "each socket of the port has a queue of its own: " + strings.Join(parts, "; ") + "."
}

// Socket says how deep its queue was, what it dropped, and how many calls came out of it, as far as that is known.
func Socket(s *metric.Socket) string {
	var parts []string
	if s.Peak != nil && s.Effective != nil {
		parts = append(parts, "deepest "+Count(*s.Peak)+" of "+Capacity(uint32(*s.Effective)))
	}
	if s.Drops != nil {
		parts = append(parts, Amount(*s.Drops, "drop", "drops"))
	}
	if s.Calls != nil {
		parts = append(parts, Amount(*s.Calls, "call", "calls"))
	}
	return cmp.Or(strings.Join(parts, ", "), Unknown)
}
