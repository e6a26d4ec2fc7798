package queue

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

func p[T any](v T) *T { return &v }

// TestSockets: those of a command with what was seen of each, those of the built-in target with their calls, where it
// has several.
func TestSockets(t *testing.T) {
	peers := []record.Peer{{Socket: 2}, {Socket: 2}, {Socket: 1}, {Socket: 9}, {}}
	for name, tt := range map[string]struct {
		raw  record.Repeat
		want []metric.Socket
	}{
		"a command's": {
			record.Repeat{Served: &record.Served{Sockets: []record.ServedSocket{
				{Address: "0.0.0.0:80", Effective: 4, Peak: 5, Drops: p(uint32(9))}, {Address: "0.0.0.0:80"},
			}}},
			[]metric.Socket{
				{Address: "0.0.0.0:80", Effective: p(4), Peak: p(5), Drops: p(9)},
				{Address: "0.0.0.0:80", Effective: p(0), Peak: p(0)},
			},
		},
		"the target's": {
			record.Repeat{Target: &record.Target{Sockets: 3, Effective: p(128), Peers: peers}},
			[]metric.Socket{
				{Effective: p(128), Calls: p(1)}, {Effective: p(128), Calls: p(2)}, {Effective: p(128), Calls: p(0)},
			},
		},
		"one":  {record.Repeat{Target: &record.Target{Sockets: 1, Peers: peers}}, nil},
		"none": {record.Repeat{}, nil},
	} {
		if diff := cmp.Diff(tt.want, Sockets(&tt.raw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
