package loadgen

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// expect fails unless err has want in it; an empty want is no error.
func expect(t *testing.T, what string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestWorkers(t *testing.T) {
	for _, c := range []struct {
		files        uint64
		calls, asked int
		want         int
		err          string
	}{
		{1024, 960, 0, 1, ""},
		{1024, 961, 0, 2, ""},
		{20_000, 100_000, 0, 6, ""},
		{20_000, 100_000, 8, 8, ""},
		{20_000, 100_000, 5, 0, "100000 calls in 5 workers need 20064 descriptors each, a process here has 20000: " +
			"use 6 workers"},
		{64, 1, 0, 0, "has 64 descriptors"},
		{0, 10_000_000, 0, 1, ""},
		{0, 1, 257, 0, "257 workers: want 1 to 256"},
		{128, 1_000_000, 0, 0, "15625 workers: want 1 to 256"},
		{0, 1, -1, 0, "-1 workers"},
	} {
		got, err := Room{Files: c.files}.Workers(c.calls, c.asked)
		expect(t, fmt.Sprintf("%+v", c), err, c.err)
		if err == nil && got != c.want {
			t.Errorf("%+v: %d workers", c, got)
		}
	}
}

func TestPlan(t *testing.T) {
	room := Room{Low: 1001, High: 1100}
	one := Sources{Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.5")}}
	two := Sources{Addrs: append(one.Addrs, netip.MustParseAddr("127.0.0.6"))}
	for _, c := range []struct {
		calls   int
		sources Sources
		planned bool
		err     string
	}{
		{50, Sources{}, false, ""},
		{51, Sources{}, true, ""}, // more than half: the cliff
		{100, Sources{}, true, ""},
		{101, Sources{}, false, "ip_local_port_range gives 100"},
		{1, one, true, ""},
		{101, one, false, "gives 100"},
		{200, two, true, ""},
		{201, two, false, "gives 200"},
	} {
		got, err := room.Plan(c.calls, c.sources)
		expect(t, fmt.Sprintf("%+v", c), err, c.err)
		if planned := got.Low == 1001 && got.High == 1100; err == nil && planned != c.planned {
			t.Errorf("%+v: ports %d to %d", c, got.Low, got.High)
		}
	}
	if got, err := (Room{}).Plan(1_000_000, Sources{}); err != nil || got.Low != 0 {
		t.Errorf("an unknown range: %+v, %v", got, err)
	}
}

// TestSlice: the workers' parts of the ports are all of them, none twice.
func TestSlice(t *testing.T) {
	whole := Sources{Low: 32768, High: 60999}
	next := int(whole.Low)
	for k := range 7 {
		part := whole.Slice(k, 7)
		if int(part.Low) != next || part.High < part.Low {
			t.Errorf("part %d is %d to %d, want it to begin at %d", k, part.Low, part.High, next)
		}
		next = int(part.High) + 1
	}
	if next != 61000 {
		t.Errorf("the parts end before %d, want 61000", next)
	}
	// 100 calls in three shares are 34, 33 and 33, and so are 100 ports.
	for k, want := range []int{34, 33, 33} {
		if part := (Sources{Low: 1001, High: 1100}).Slice(k, 3); int(part.High)-int(part.Low)+1 != want {
			t.Errorf("part %d of 100 ports in 3 is %d to %d, want %d ports", k, part.Low, part.High, want)
		}
	}
	if diff := cmp.Diff(Sources{}, (Sources{}).Slice(1, 2)); diff != "" {
		t.Error(diff)
	}
}

func TestParsePortRange(t *testing.T) {
	if low, high, err := ParsePortRange("32768\t60999"); err != nil || low != 32768 || high != 60999 {
		t.Errorf("%d to %d, %v; want 32768 to 60999", low, high, err)
	}
	for _, s := range []string{"", "1", "5 4", "0 10", "1 65536", "a b", "1 2 3"} {
		if low, high, err := ParsePortRange(s); err == nil {
			t.Errorf("ParsePortRange(%q) = %d, %d, want an error", s, low, high)
		}
	}
}
