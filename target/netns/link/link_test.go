package link

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCover(t *testing.T) {
	for name, c := range map[string]struct{ addresses, want []string }{
		"none":             {nil, nil},
		"one":              {[]string{"10.0.0.1"}, []string{"10.0.0.1/32"}},
		"a network":        {[]string{"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"}, []string{"10.0.0.0/30"}},
		"hosts":            {[]string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, []string{"10.0.0.1/32", "10.0.0.2/31"}},
		"not in order":     {[]string{"10.0.0.3", "10.0.0.2", "10.0.0.3"}, []string{"10.0.0.2/31"}},
		"with a gap":       {[]string{"10.0.0.2", "10.0.0.4"}, []string{"10.0.0.2/32", "10.0.0.4/32"}},
		"across a network": {[]string{"10.0.0.255", "10.0.1.0"}, []string{"10.0.0.255/32", "10.0.1.0/32"}},
	} {
		if diff := cmp.Diff(c.want, words(cover(addresses(c.addresses)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func addresses(list []string) (all []netip.Addr) {
	for _, s := range list {
		all = append(all, netip.MustParseAddr(s))
	}
	return all
}

func words[T fmt.Stringer](list []T) (all []string) {
	for _, v := range list {
		all = append(all, v.String())
	}
	return all
}

// TestCoverIsExact: every address is in one block, and the blocks have no others.
func TestCoverIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		in := map[netip.Addr]bool{}
		var list []netip.Addr
		for range 1 + random.IntN(40) {
			a := netip.AddrFrom4([4]byte{10, 0, 0, byte(random.IntN(64))})
			in[a], list = true, append(list, a)
		}
		size := 0
		for _, block := range cover(list) {
			size += 1 << (32 - block.Bits())
			if block != block.Masked() {
				t.Fatalf("%v of %v is not aligned", block, list)
			}
		}
		for a := range in {
			n := 0
			for _, block := range cover(list) {
				if block.Contains(a) {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%v is in %d blocks of %v", a, n, cover(list))
			}
		}
		if size != len(in) {
			t.Fatalf("%v: %d addresses, want %d", cover(list), size, len(in))
		}
	}
}

func TestOptions(t *testing.T) {
	for _, good := range []Options{{}, {RTT: MaxRTT}, {Sources: addresses([]string{"10.0.0.1", "192.0.2.255"})}} {
		if err := good.check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for name, bad := range map[string]Options{
		"negative":  {RTT: -1},
		"too long":  {RTT: MaxRTT + 1},
		"too many":  {Sources: make([]netip.Addr, MaxSources+1)},
		"none":      {Sources: make([]netip.Addr, 1)},
		"loopback":  {Sources: addresses([]string{"127.0.0.1"})},
		"multicast": {Sources: addresses([]string{"224.0.0.1"})},
		"anywhere":  {Sources: addresses([]string{"0.0.0.0"})},
		"IPv6":      {Sources: addresses([]string{"::1"})},
		"server":    {Sources: []netip.Addr{Server}},
	} {
		if err := bad.check(); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}

// TestDropped: what both devices counted is counted once.
func TestDropped(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	for _, c := range []struct {
		d    Direction
		want uint64
	}{
		{Direction{}, 0},
		{Direction{QueueFull: 1, WriteFailed: 2}, 3},
		{Direction{DeviceDrops: n(5), ReceiveDrops: n(5), QueueDrops: n(2)}, 7},
		{Direction{DeviceDrops: n(4), ReceiveDrops: n(6)}, 6},
		{Direction{DeviceDrops: n(4)}, 4},
	} {
		if got := c.d.Dropped(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.d, got, c.want)
		}
	}
}
