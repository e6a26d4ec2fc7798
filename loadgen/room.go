package loadgen

import (
	"fmt"
	"strconv"
	"strings"
)

// Room is what the generator has for its sockets. 0 is "not known" and limits nothing.
type Room struct {
	// Files is the largest number of descriptors of one process.
	Files uint64
	// Ports is the number of local ports for one server address.
	Ports uint64
}

// spareFiles are the descriptors that a process needs beside its calls.
const spareFiles = 64

// Check tells whether calls at once fit in; the error names what is short and what to change.
func (r Room) Check(calls int) error {
	n := uint64(calls)
	if r.Files > 0 && n+spareFiles > r.Files {
		return fmt.Errorf("the generator's own limit, not the server's: %d calls need %d descriptors, a process here has %d: "+
			"lower the number of calls to %d or raise `ulimit -n`", n, n+spareFiles, r.Files, r.Files-min(spareFiles, r.Files))
	}
	if r.Ports > 0 && n > r.Ports {
		return fmt.Errorf("the generator's own limit, not the server's: %d calls to one address need as many local ports, "+
			"net.ipv4.ip_local_port_range has %d: lower the number of calls or widen the range", n, r.Ports)
	}
	return nil
}

// ParsePortRange counts the ports of net.ipv4.ip_local_port_range, "LOW HIGH".
func ParsePortRange(s string) (uint64, error) {
	words := strings.Fields(s)
	if len(words) != 2 {
		return 0, fmt.Errorf("%q: want two port numbers, lowest and highest", s)
	}
	low, err := strconv.ParseUint(words[0], 10, 16)
	high, err2 := strconv.ParseUint(words[1], 10, 16)
	if err != nil || err2 != nil || low < 1 || high < low {
		return 0, fmt.Errorf("%q: want two port numbers, lowest and highest", s)
	}
	return high - low + 1, nil
}
