//go:build linux

package reference

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"agistorm/scenarios/arrival/packets"
)

// BenchmarkTrain compares how long the SYNs of one burst of 10,000 calls take from the first
// to the last, by the packets on lo.
func BenchmarkTrain(b *testing.B) {
	const open, turns = 10_000, 5
	port := startServer(b)
	capture := startCapture(b, port)
	load := loadAverage()
	var runs []span
	for b.Loop() {
		for range fewerIfShort(turns) {
			for _, name := range []string{inC, agistorm} {
				run := span{name: name, from: time.Now()}
				play(b, name, port, open, 1)
				run.to = time.Now()
				runs = append(runs, run)
			}
		}
	}
	list := capture.end(b)
	var lengths [2][]float64 // C's, agistorm's, in milliseconds
	var ratios []float64
	for i, run := range runs {
		first, last, calls := train(list, run)
		if calls != open {
			b.Fatalf("%s: the capture has the SYNs of %d calls, want %d", run.name, calls, open)
		}
		lengths[i%2] = append(lengths[i%2], last.Sub(first).Seconds()*1e3)
	}
	for i := range lengths[0] {
		ratios = append(ratios, lengths[1][i]/lengths[0][i])
	}
	table := fmt.Sprintf(
		"first to last SYN of %d calls, medians of %d turns; load average before: %s\n",
		open,
		len(ratios),
		load,
	)
	for i, name := range []string{inC, agistorm} {
		ms := middle(lengths[i])
		table += fmt.Sprintf("%-10s %8.1f ms   %6.2f µs a SYN   each: %.0f\n", name, ms, ms*1e3/open, lengths[i])
	}
	report(b, table, []target{{"agistorm / C, first to last SYN", "train/C", middle(ratios), 1.1, false}})
}

// span is when a contestant had its turn.
type span struct {
	name     string
	from, to time.Time
}

// train is the time of the first call's and of the last call's SYN within a span, and the
// number of calls. A SYN that comes again belongs to the call that sent it before.
func train(list []packets.Packet, s span) (first, last time.Time, calls int) {
	seen := map[netip.AddrPort]uint32{}
	for _, p := range list {
		if p.At.Before(s.from) || p.At.After(s.to) {
			continue
		}
		if seq, again := seen[p.Src]; again && seq == p.Seq {
			continue
		}
		seen[p.Src] = p.Seq
		if calls == 0 {
			first = p.At
		}
		last = p.At
		calls++
	}
	return first, last, calls
}

// capture is a tcpdump that listens.
type capture struct {
	cmd    *exec.Cmd
	file   string
	stderr *bufio.Reader
}

// startCapture starts to capture the SYNs to the port, without those that answer. The
// benchmark is skipped where that is not possible.
func startCapture(b *testing.B, port string) *capture {
	b.Helper()
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		skip(b, fmt.Sprintf("the SYNs cannot be captured: %v", err))
	}
	c := &capture{file: filepath.Join(b.TempDir(), "syn.pcap")}
	c.cmd = exec.Command(
		tcpdump,
		"-i",
		"lo",
		"-n",
		"-Z",
		"root",
		"-s",
		"128",
		"-B",
		"32768",
		"--time-stamp-precision=nano",
		"-w",
		c.file,
		"tcp dst port "+port+" and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
	)
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	c.stderr = bufio.NewReader(stderr)
	b.Cleanup(func() { // where end has not been
		if c.cmd.ProcessState == nil {
			c.cmd.Process.Kill()
			c.cmd.Wait()
		}
	})
	var said string
	for !strings.Contains(said, "listening on") {
		line, err := c.stderr.ReadString('\n')
		said += line
		if err != nil {
			skip(b, "tcpdump does not listen on lo, which may take root: "+strings.TrimSpace(said))
		}
	}
	return c
}

// drops is tcpdump's account of what it could not take.
var drops = regexp.MustCompile(`(?m)^(\d+) packets? dropped by kernel`)

// end ends the capture and returns its packets, of which none may be missing.
func (c *capture) end(b *testing.B) []packets.Packet {
	b.Helper()
	time.Sleep(1200 * time.Millisecond) // tcpdump takes what the kernel holds every second
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	said, err := io.ReadAll(c.stderr)
	if err != nil {
		b.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		b.Fatalf("tcpdump: %v\n%s", err, said)
	}
	if found := drops.FindSubmatch(said); found == nil || string(found[1]) != "0" {
		b.Fatalf("tcpdump did not see every packet:\n%s", said)
	}
	f, err := os.Open(c.file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	list, err := packets.Read(bufio.NewReader(f))
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func TestTrain(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1_000 + int64(ms)) }
	syn := func(ms int, port uint16, seq uint32) packets.Packet {
		return packets.Packet{
			At:    at(ms),
			Src:   netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
			Seq:   seq,
			Flags: packets.SYN,
		}
	}
	list := []packets.Packet{
		syn(1, 40000, 1), // before the span
		syn(10, 40001, 2), syn(12, 40002, 3),
		syn(15, 40001, 9),    // the port again, in another call
		syn(1030, 40002, 3),  // the SYN again
		syn(2500, 40003, 17), // after the span
	}
	first, last, calls := train(list, span{from: at(5), to: at(2000)})
	if !first.Equal(at(10)) || !last.Equal(at(15)) || calls != 3 {
		t.Errorf("from %v to %v, %d calls; want 10 ms, 15 ms and 3", first, last, calls)
	}
}
