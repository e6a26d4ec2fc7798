package loadgen

import (
	"bufio"
	"net"
	"net/netip"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/arrival"
)

// BenchmarkStorm plays bursts of 500 calls against a plain server in this process and
// reports the answered calls a second of storm.
func BenchmarkStorm(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
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
	const calls = 500
	for _, engine := range []string{Epoll, Portable} {
		b.Run(engine, func(b *testing.B) {
			answered, wall := 0, time.Duration(0)
			for b.Loop() {
				storm, err := Prepare(Config{
					Addresses: []netip.AddrPort{l.Addr().(*net.TCPAddr).AddrPort()}, Schedule: arrival.Burst{Calls: calls}, Limits: DefaultLimits(), Engine: engine,
				})
				if err != nil {
					b.Skip(err)
				}
				account, attempts := storm.Run(b.Context(), time.Now())
				wall += account.Wall
				for a := range attempts {
					if a.Outcome == record.Answered {
						answered++
					}
				}
				storm.Close()
			}
			b.ReportMetric(float64(answered)/wall.Seconds(), "answered/s")
		})
	}
}
