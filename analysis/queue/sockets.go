package queue

import "agistorm/analysis/record"

// Socket is one of the sockets that the server listened with on its port, each with a queue of its own.
type Socket struct {
	Address string `json:"address,omitempty"`
	// Effective backlog, and the Peak of its queue; nil where they were not watched by themselves.
	Effective *int `json:"effective_backlog,omitempty"`
	Peak      *int `json:"peak,omitempty"`
	// Drops of the socket; nil where the kernel does not report it.
	Drops *int `json:"drops,omitempty"`
	// Calls that came out of its queue; nil without the server's log.
	Calls *int `json:"calls,omitempty"`
}

// Sockets are those of the user's own server, and of the built-in target where it has several.
func Sockets(raw *record.Repeat) (all []Socket) {
	switch {
	case raw.Served != nil:
		for i := range raw.Served.Sockets {
			s := &raw.Served.Sockets[i]
			all = append(all, Socket{Address: s.Address, Effective: &s.Effective, Peak: &s.Peak, Drops: number(s.Drops)})
		}
	case raw.Target != nil && raw.Target.Sockets > 1:
		calls := make([]int, raw.Target.Sockets)
		for i := range raw.Target.Peers {
			if n := raw.Target.Peers[i].Socket; n > 0 && n <= len(calls) {
				calls[n-1]++
			}
		}
		for i := range calls {
			all = append(all, Socket{Effective: raw.Target.Effective, Calls: &calls[i]})
		}
	}
	return all
}

func number(n *uint32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}
