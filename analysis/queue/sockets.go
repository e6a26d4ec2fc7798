package queue

import (
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Sockets are those of the user's own server, and of the built-in target where it has several.
func Sockets(raw *record.Repeat) (all []metric.Socket) {
	switch {
	case raw.Served != nil:
		for i := range raw.Served.Sockets {
			s := &raw.Served.Sockets[i]
			all = append(all, metric.Socket{
				Address: s.Address, Effective: &s.Effective, Peak: &s.Peak, Drops: number(s.Drops),
			})
		}
	case raw.Target != nil && raw.Target.Sockets > 1:
		calls := make([]int, raw.Target.Sockets)
		for i := range raw.Target.Peers {
			if n := raw.Target.Peers[i].Socket; n > 0 && n <= len(calls) {
				calls[n-1]++
			}
		}
		for i := range calls {
			all = append(all, metric.Socket{Effective: raw.Target.Effective, Calls: &calls[i]})
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
