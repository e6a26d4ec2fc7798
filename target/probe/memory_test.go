package probe

import (
	"slices"
	"testing"
)

func TestParseProtocols(t *testing.T) {
	const text = `protocol  size sockets  memory press maxhdr  slab module     cl co di
TCPv6     2432      2       3   no     320   yes  kernel      y  y  y
TCP       2304     15       3   no     320   yes  kernel      y  y  y
`
	if p, err := parseProtocols(text); err != nil || p != (Protocol{2304, 15}) {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, wrong := range []string{"", "TCP x 1\n", "TCP 1 x\n", "UDP 1 1\n"} {
		if p, err := parseProtocols(wrong); err == nil {
			t.Errorf("%q gives %+v", wrong, p)
		}
	}
}

// TestParseSlabs: an object has its share of the 8 pages that 13 of them fill.
func TestParseSlabs(t *testing.T) {
	const text = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables
request_sock_TCP      10     24    320   12    1 : tunables    0    0    0 : slabdata
TCP                   26     39   2368   13    8 : tunables    0    0    0 : slabdata
TCPv6 x 1 2
`
	got := parseSlabs(text, 4096)
	if len(got) != 2 || got["TCP"] != (Slab{26, 2520}) || got["request_sock_TCP"] != (Slab{10, 341}) {
		t.Errorf("got %v", got)
	}
}

// TestGrown: of 100 things each cache takes 91 to 109 objects.
func TestGrown(t *testing.T) {
	before := map[string]Slab{"least": {1, 8}, "most": {2, 8}, "less": {3, 8}, "more": {4, 8}, "gone": {5, 8}}
	after := map[string]Slab{
		"least": {92, 8}, "most": {111, 8}, "less": {93, 8}, "more": {114, 8}, "new": {100, 8}, "other": {100, 8},
	}
	got := Grown(before, after, 100, "most", "least", "less", "more", "gone", "new", "none")
	if !slices.Equal(got, []string{"most", "least", "new"}) {
		t.Errorf("got %v", got)
	}
}

func TestParseResident(t *testing.T) {
	now, peak, err := parseResident("Name:\tx\nVmHWM:\t    2000 kB\nVmRSS:\t    1234 kB\nThreads:\t7\n")
	if err != nil || now != 1234<<10 || peak != 2000<<10 {
		t.Errorf("got %d, %d, %v", now, peak, err)
	}
	if now, peak, err := parseResident("Name:\tkthreadd\n"); err == nil {
		t.Errorf("a process without memory has %d and %d", now, peak)
	}
}
