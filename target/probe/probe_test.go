package probe

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"time"
)

func TestCountersFromFiles(t *testing.T) {
	got, err := counters("testdata/net", []string{"agi0", "agi1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint64{
		"ListenOverflows": 1<<64 - 1,
		"ListenDrops":     1234,
		"TCPReqQFullDrop": 0,
		"InOctets":        230123456,
		"TcpActiveOpens":  2000,
		"TcpOutRsts":      7,
		"lo.rx_dropped":   42,
		"agi0.rx_dropped": 3,
		"agi0.tx_dropped": 668,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s = %d, there: %v, want %d", name, value, ok, want)
		}
	}
	for _, name := range []string{
		"TcpMaxConn", "ActiveOpens", "UdpNoPorts", "NoPorts", "eth0.rx_dropped", "lo.tx_dropped", "agi1.rx_dropped",
	} {
		if value, ok := got[name]; ok {
			t.Errorf("%s = %d, want it absent", name, value)
		}
	}
}

// TestMissingCounters: a file that is not there leaves its counters out.
func TestMissingCounters(t *testing.T) {
	root := t.TempDir()
	if _, err := counters(root, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file at all: got %v, want ErrNotExist", err)
	}
	if err := os.WriteFile(root+"/netstat", []byte("TcpExt: ListenDrops\nTcpExt: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := counters(root, nil)
	if err != nil || !maps.Equal(got, map[string]uint64{"ListenDrops": 3}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestBrokenTables(t *testing.T) {
	for name, text := range map[string]string{
		"no colon":        "TcpExt ListenDrops\n",
		"no values":       "TcpExt: ListenDrops\n",
		"another table":   "TcpExt: ListenDrops\nIpExt: 3\n",
		"fewer values":    "TcpExt: ListenDrops X\nTcpExt: 3\n",
		"not a number":    "TcpExt: ListenDrops\nTcpExt: many\n",
		"over 64 bits":    "TcpExt: ListenDrops\nTcpExt: 18446744073709551616\n",
		"an endless line": "TcpExt: " + strings.Repeat("x", 1<<17),
	} {
		if err := parseTables(text, map[string]uint64{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, text := range map[string]string{
		"few columns": "lo: 1 2 3", "not a number": "lo: 1 2 3 x",
		"few columns of a device": "agi0: 1 2 3 4 5 6 7 8 9 10 11",
		"sent, not a number":      "agi0: 1 2 3 4 5 6 7 8 9 10 11 x",
	} {
		if err := parseDev(text, map[string]uint64{}, []string{"agi0"}); err == nil {
			t.Errorf("dev, %s: no error", name)
		}
	}
}

func TestSysctlFromFiles(t *testing.T) {
	for name, want := range map[string]string{
		"net.core.somaxconn":           "4096",
		"net.ipv4.ip_local_port_range": "32768 60999",
	} {
		if got, err := sysctl("testdata/sys", name); err != nil || got != want {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"", "net..core", "net/core/somaxconn", ".net", "net.", "../net"} {
		if _, err := sysctl("testdata/sys", name); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: got %v, want a refusal of the name", name, err)
		}
	}
	if _, err := sysctl("testdata/sys", "net.none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("net.none: got %v, want ErrNotExist", err)
	}
}

func TestMonotonicGoesOn(t *testing.T) {
	a := Monotonic()
	if b := Monotonic(); a <= 0 || b < a {
		t.Errorf("%v, then %v", a, b)
	}
}

// TestPause: as requested while the queue is not empty, within the credit.
func TestPause(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for _, c := range []struct {
		every time.Duration
		depth uint32
		left  time.Duration
		want  time.Duration
	}{
		{100 * us, 0, mostCredit, IdleInterval},
		{100 * us, 0, -ms, IdleInterval},
		{100 * us, 1, mostCredit, 100 * us},
		{100 * us, 1, 0, 100 * us},
		{100 * us, 1, -2 * us, 100 * us},
		{100 * us, 1, -50 * us, 1600 * us},
		{100 * us, 1, -ms, IdleInterval},
		{5 * ms, 1, -50 * us, 5 * ms},
		{5 * ms, 0, 0, 5 * ms},
	} {
		s := &Sampler{every: c.every, depth: c.depth}
		if got := s.pause(&Credit{left: c.left}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestCredit: a 32nd of the time is earned, what was spent is taken off, and only so much can be saved.
func TestCredit(t *testing.T) {
	const ms = time.Millisecond
	c := NewCredit(mostCredit, 100*ms, 7*ms)
	for _, step := range []struct{ now, spent, want time.Duration }{
		{200 * ms, 7 * ms, 15 * ms}, {200 * ms, 17 * ms, 5 * ms}, {328 * ms, 17 * ms, 9 * ms},
		{328 * ms, 37 * ms, -11 * ms}, {648 * ms, 37 * ms, -ms},
		{time.Minute, 37 * ms, 15 * ms},
	} {
		if c.Count(step.now, step.spent); c.left != step.want {
			t.Errorf("%+v: %v is left", step, c.left)
		}
	}
}

func TestSamplerInterval(t *testing.T) {
	for _, interval := range []int64{-1, 0, int64(minInterval) - 1, int64(MaxGap) + 1} {
		if _, err := startSampler(&Group{}, time.Duration(interval), nil); err == nil {
			t.Errorf("%d ns: no error", interval)
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, file := range []string{"netstat", "snmp", "dev"} {
		text, err := os.ReadFile("testdata/net/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("TcpExt: A B\nTcpExt: 1 -2\n")
	f.Add("Tcp: A A\nTcp: 1 2\nlo: 1 2 3 4\nagi0: 1 2 3 4 5 6 7 8 9 10 11 12")
	f.Fuzz(func(t *testing.T, text string) {
		tcp, dev := map[string]uint64{}, map[string]uint64{}
		if err := parseTables(text, tcp); err == nil {
			for name := range tcp {
				if !strings.Contains(text, strings.TrimPrefix(name, "Tcp")) {
					t.Errorf("%q comes from nowhere", name)
				}
			}
		}
		pick(text, "TcpExt", "", []string{"A", "ListenDrops"}, map[string]uint64{})
		if err := parseDev(text, dev, []string{"agi0"}); err == nil && len(dev) > 3 {
			t.Errorf("more than lo.rx_dropped and both of agi0: %v", dev)
		}
	})
}
