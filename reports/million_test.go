package reports

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports/plots"
)

// million is the shape of a run of 1,000,000 calls.
type million struct {
	name                     string
	settings, repeats, calls int
	// pace from one call's start to the next; paced calls were also intended so, those of a burst all at once.
	pace  time.Duration
	paced bool
	// samples of the queue in each storm.
	samples int
}

// millions are what one report must manage, each a tenth of it with -short: bursts in five settings, and one
// long storm.
func millions() []million {
	all := []million{
		{name: "25 storms", settings: 5, repeats: 5, calls: 40_000, pace: 17 * us, samples: 20_000},
		{name: "1 storm", settings: 1, repeats: 1, calls: 1_000_000, pace: 100 * us, paced: true, samples: 400_000},
	}
	for i := range all {
		if testing.Short() {
			all[i].calls, all[i].samples = all[i].calls/10, all[i].samples/10
		}
	}
	return all
}

// attempt is one of many: most are answered, some late, and some of the smaller settings lost.
func (m million) attempt(r *rand.Rand, seq, setting int) record.Attempt {
	started := time.Duration(seq) * m.pace
	connected := started + time.Duration(r.ExpFloat64()*float64(80*ms))
	command := connected + time.Duration(r.ExpFloat64()*float64(40*ms))
	a := record.Attempt{
		Seq: uint64(seq), Started: &started, Connected: &connected, FirstCommand: &command, Done: command + 3*ms,
		Outcome: record.Answered, Local: fmt.Sprintf("127.0.%d.%d:%d", setting, seq/20000, 10000+seq%20000),
		SYNRetransmits: ptr(uint32(0)), RTT: ptr(time.Duration(20+r.IntN(40)) * us), RTOTime: ptr(time.Duration(0)),
		Commands: 3, BytesIn: 61, BytesOut: 812,
	}
	if m.paced {
		a.Intended = started
	}
	switch dice := r.IntN(1000); {
	case dice < 400-100*setting:
		a.Outcome, a.Errno, a.Limit = record.ConnectTimeout, "", "connect"
		a.Connected, a.FirstCommand, a.RTT, a.RTOTime = nil, nil, nil, nil
		a.SYNRetransmits, a.Done = ptr(uint32(1)), started+2*time.Second
	case dice > 950:
		late, synack := connected+time.Second, connected+time.Second-ms
		commanded := late + 5*ms
		a.SYNRetransmits, a.SYNACK = ptr(uint32(1)), &synack
		a.Connected, a.FirstCommand, a.Done = &late, &commanded, commanded+ms
	}
	return a
}

func (m million) storm(setting, repeat int) iter.Seq[record.Attempt] {
	return func(yield func(record.Attempt) bool) {
		r := rand.New(rand.NewPCG(uint64(setting), uint64(repeat)))
		for i := range m.calls {
			if !yield(m.attempt(r, i, setting)) {
				return
			}
		}
	}
}

// queue fills and is emptied, for as long as calls come and a while longer.
func (m million) queue(limit uint32) (all []record.QueueSample) {
	grain := (time.Duration(m.calls)*m.pace + 2*time.Second) / time.Duration(m.samples)
	for i := range m.samples {
		depth := min(uint32(i%5000), limit+1)
		at, drops := time.Duration(i)*grain, ptr(uint32(i/10))
		all = append(all, record.QueueSample{At: at, Depth: depth, Limit: limit, Drops: drops})
	}
	return all
}

// target accepted every connection.
func (m million) target(limit int, attempts iter.Seq[record.Attempt]) *record.Target {
	t := &record.Target{Asked: limit, Effective: &limit}
	for a := range attempts {
		if a.Connected != nil {
			p := record.Peer{At: *a.Connected + ms, Address: a.Local, Done: a.Done, Fate: record.PeerServed}
			t.Peers = append(t.Peers, p)
		}
	}
	return t
}

// write makes a run directory, as a sweep would.
func (m million) write(tb testing.TB) record.Dir {
	tb.Helper()
	dir, err := record.Create(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	run := &record.Run{
		Format: record.Format, Version: "1.0.0", Repeats: m.repeats, Isolation: record.Isolation{Mode: record.IsolationUser},
		Scenario: record.Scenario{
			Name: "big", Calls: m.calls, ConnectLimit: 2 * time.Second, FirstCommandLimit: 10 * time.Second,
		},
	}
	for setting := range m.settings {
		limit := 128 << (2 * setting)
		c := record.Cell{ID: fmt.Sprint("somaxconn-", limit), Backlog: record.BacklogMax, Somaxconn: limit, Effective: limit}
		run.Cells = append(run.Cells, c)
		for repeat := 1; repeat <= m.repeats; repeat++ {
			if err := m.writeStorm(dir, c, setting, repeat); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := dir.WriteRun(run); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func (m million) writeStorm(dir record.Dir, c record.Cell, setting, repeat int) error {
	part, err := dir.Stage(c.ID, repeat)
	if err != nil {
		return err
	}
	attempts := m.storm(setting, repeat)
	storm := &record.Storm{
		Engine: "epoll", Start: time.Unix(1_795_000_000, 0).UTC(), Address: "127.0.0.1:4573",
		Wall: time.Duration(m.calls)*m.pace + 3*time.Second, NotOfferedAfter: time.Second,
	}
	if err := part.WriteStorm(storm, attempts); err != nil {
		return err
	}
	if err := part.WriteTarget(m.target(c.Effective, attempts), m.queue(uint32(c.Effective))); err != nil {
		return err
	}
	return dir.Commit(c.ID, repeat)
}

// BenchmarkMillion makes the report of 1,000,000 attempts, from the files to the documents: in at most 4 s and 1 GiB
// on two idle CPUs.
func BenchmarkMillion(b *testing.B) {
	for _, m := range millions() {
		dir := m.write(b)
		for _, part := range []struct {
			name string
			do   func(*testing.B, record.Dir)
		}{{"read and analyse", analyseOnly}, {"all", wholeReport}} {
			b.Run(m.name+"/"+part.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					forgetPeak()
					part.do(b, dir)
				}
				if peak, ok := peakMemory(); ok {
					b.ReportMetric(peak, "peak-MiB")
				}
			})
		}
	}
}

func analyseOnly(b *testing.B, dir record.Dir) {
	if _, err := summary.Read(dir); err != nil {
		b.Fatal(err)
	}
}

func wholeReport(b *testing.B, dir record.Dir) {
	s, err := summary.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	figures, err := plots.Draw(s)
	if err != nil {
		b.Fatal(err)
	}
	if err := Write(dir, s, figures); err != nil {
		b.Fatal(err)
	}
}

// forgetPeak lets the kernel count the process's largest resident memory anew (proc_pid_clear_refs(5));
// elsewhere it does nothing.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peakMemory is the largest resident memory since then, in MiB; false on a system that does not report it.
func peakMemory() (float64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	var kib float64
	_, err = fmt.Sscan(rest, &kib)
	return kib / 1024, found && err == nil
}
