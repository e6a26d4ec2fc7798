package loadgen

import (
	"fmt"
	"strings"

	"agistorm/loadgen/caller"
)

// Room is what the generator has for its sockets. 0 is unknown and limits nothing.
type Room struct {
	// Files is the largest number of descriptors of one process.
	Files uint64
	// Ports are the local ports that the kernel chooses from, Low to High; 0 for unknown.
	Low, High uint16
}

// spareFiles are the descriptors that a process needs beside its calls.
const spareFiles = 64

// Workers returns how many processes calls need: as many as requested, or for 0 as few as their descriptors
// allow. The error names what is short and what to change.
func (r Room) Workers(calls, asked int) (int, error) {
	need := 1
	if each := r.Files - min(spareFiles, r.Files); r.Files > 0 {
		if each == 0 {
			return 0, fmt.Errorf(
				"the generator's own limit, not the server's: a process here has %d descriptors: raise `ulimit -n`",
				r.Files)
		}
		need = int((uint64(calls) + each - 1) / each)
	}
	if asked == 0 {
		asked = max(need, 1)
	}
	switch {
	case asked < 1 || asked > caller.MaxWorkers:
		return 0, fmt.Errorf("%d workers: want 1 to %d (%d calls need %d here)", asked, caller.MaxWorkers, calls, need)
	case asked < need:
		return 0, fmt.Errorf("the generator's own limit, not the server's: %d calls in %d workers need %d descriptors "+
			"each, a process here has %d: use %d workers, fewer calls, or raise `ulimit -n`",
			calls, asked, (calls+asked-1)/asked+spareFiles, r.Files, need)
	}
	return asked, nil
}

// Plan returns the addresses and ports of calls. Half of the ports of one address are left to the kernel to
// choose; beyond that its search costs milliseconds a connect (inet_hash_connect in the kernel's
// net/ipv4/inet_hashtables.c), so then, and with addresses of the user's, they are planned. The error names
// what is short and what to change.
func (r Room) Plan(calls int, s Sources) (Sources, error) {
	ports := int(r.High) - int(r.Low) + 1
	if r.Low == 0 {
		return s, nil
	}
	if room := ports * max(1, len(s.Addrs)); calls > room {
		return s, fmt.Errorf("the generator's own limit, not the server's: %d calls to one address need as many "+
			"local ports, net.ipv4.ip_local_port_range gives %d: use fewer calls, more sources "+
			"(--sources 127.0.0.0/24), or a wider range", calls, room)
	}
	if len(s.Addrs) > 0 || calls > ports/2 {
		s.Low, s.High = r.Low, r.High
	}
	return s, nil
}

// ParsePortRange reads net.ipv4.ip_local_port_range, "LOW HIGH".
func ParsePortRange(s string) (low, high uint16, err error) {
	if n, _ := fmt.Sscan(s, &low, &high); n < 2 || len(strings.Fields(s)) != 2 || low < 1 || high < low {
		return 0, 0, fmt.Errorf("%q: want two port numbers, lowest and highest", s)
	}
	return low, high, nil
}
