package loadgen

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// plainServer answers in this process.
func plainServer(b *testing.B) netip.AddrPort {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				if _, err := readEnvironment(in); err == nil {
					_, _ = c.Write([]byte("NOOP\n"))
					_, _ = in.ReadString('\n')
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// benchmarkRun plays one storm and gives its account and the answered calls.
func benchmarkRun(b *testing.B, c Config, watch func(context.Context, *Storm)) (*record.Storm, int) {
	storm, err := Prepare(c)
	if err != nil {
		b.Skip(err)
	}
	defer storm.Close()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	if watch != nil {
		go watch(ctx, storm)
	}
	account, attempts := storm.Run(ctx, time.Now())
	answered := 0
	for a := range attempts {
		if a.Outcome == record.Answered {
			answered++
		}
	}
	return account, answered
}

// BenchmarkStorm plays bursts of 500 calls against a plain server in this process and
// reports the answered calls a second of storm.
func BenchmarkStorm(b *testing.B) {
	server := plainServer(b)
	for _, engine := range []string{Epoll, Portable} {
		b.Run(engine, func(b *testing.B) {
			sum, wall := 0, time.Duration(0)
			for b.Loop() {
				account, answered := benchmarkRun(b, Config{
					Addresses: []netip.AddrPort{server},
					Schedule:  arrival.Burst{Calls: 500}, Limits: caller.DefaultLimits(), Engine: engine,
				}, nil)
				sum += answered
				wall += account.Wall
			}
			b.ReportMetric(float64(sum)/wall.Seconds(), "answered/s")
		})
	}
}

// poolServer is a server in this process whose 16 handlers take a call each, for 5 ms of work and
// two commands. The others wait in the accept queue, as at the target of the scenario somaxconn.
func poolServer(b *testing.B) netip.AddrPort {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	for range 16 {
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				handle(c)
			}
		}()
	}
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// handle serves one call of poolServer.
func handle(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	if _, err := readEnvironment(in); err != nil {
		return
	}
	time.Sleep(5 * time.Millisecond)
	for _, command := range []string{"VERBOSE \"agistorm\" 1\n", "SET VARIABLE AGISTORM 1\n"} {
		if _, err := c.Write([]byte(command)); err != nil {
			return
		}
		if _, err := in.ReadString('\n'); err != nil {
			return
		}
	}
}

// BenchmarkReplyLag plays bursts at a server that has fewer handlers than calls, and reports the
// reply lag of all its storms: how long the engine itself keeps the handlers waiting. See
// BenchmarkCallers of scripts/reference for the comparison.
func BenchmarkReplyLag(b *testing.B) {
	server := poolServer(b)
	for _, client := range []string{caller.Asterisk, caller.SingleWrite} {
		b.Run(client, func(b *testing.B) {
			var lag *record.Lag
			for b.Loop() {
				account, _ := benchmarkRun(b, Config{
					Addresses: []netip.AddrPort{server},
					Schedule:  arrival.Burst{Calls: 500}, Limits: caller.DefaultLimits(),
					Client: caller.Client{Name: client}, Engine: Epoll,
				}, nil)
				lag = record.MergeLags(lag, account.Workers[0].ReplyLag)
			}
			p99, ok := lag.Quantile(0.99)
			if !ok {
				b.Fatal("no reply lag was measured")
			}
			b.ReportMetric(p99.Seconds()*1e3, "p99-lag-ms")
			b.ReportMetric(lag.Max.Seconds()*1e3, "max-lag-ms")
		})
	}
}

// BenchmarkWatch plays storms that are watched and storms that are not, in turn, and reports the medians of
// what a call costs the engine's thread, and their ratio. The watch is the live view's, five times a second.
func BenchmarkWatch(b *testing.B) {
	server := plainServer(b)
	watch := func(ctx context.Context, s *Storm) {
		s.Watch(ctx, func(p Progress) error { return json.NewEncoder(io.Discard).Encode(p) })
	}
	const calls = 2000
	turns := 7
	if testing.Short() {
		turns = 1
	}
	cost := map[bool][]float64{}
	for b.Loop() {
		for range turns {
			for _, watched := range []bool{false, true} {
				c := Config{Addresses: []netip.AddrPort{server}, Schedule: arrival.Burst{Calls: calls},
					Limits: caller.DefaultLimits(), Engine: Epoll, Watched: watched}
				watcher := watch
				if !watched {
					watcher = nil
				}
				account, _ := benchmarkRun(b, c, watcher)
				thread := account.Workers[0].Thread
				if thread == nil {
					b.Skip("this system does not report what a thread costs")
				}
				cost[watched] = append(cost[watched], thread.CPU.Seconds()/calls*1e6)
			}
		}
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	with, without := median(cost[true]), median(cost[false])
	b.ReportMetric(with, "watched-µs/call")
	b.ReportMetric(without, "unwatched-µs/call")
	b.ReportMetric(with/without, "ratio")
}
