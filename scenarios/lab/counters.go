package lab

import (
	"errors"
	"maps"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
	"agistorm/target/probe"
)

// watched are the counters that the checks use, and those that show when something was dropped.
var watched = []string{
	record.ListenOverflows, record.ListenDrops, "TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesSent",
	"SyncookiesRecv",
	"EmbryonicRsts",
	"TCPSynRetrans", "TcpRetransSegs", "TcpTimeoutRehash", "TCPTimeouts", "TCPSYNChallenge", "TcpActiveOpens",
	"TcpPassiveOpens",
	"TcpInSegs", "TcpOutSegs", "TcpOutRsts", "TcpEstabResets",
	"lo.rx_dropped", link.Device + ".tx_dropped", link.Device + ".rx_dropped",
}

// counterEvery is how often they are read; a reading costs some 150 µs.
const counterEvery = 10 * time.Millisecond

// counters of the cell; nil where this system has none.
func counters() (record.Counters, error) {
	c, err := probe.Counters(link.Device)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return c, err
}

// countersWith are those of this namespace and, if it is not nil, of the one beside it: their sums, so that
// the checks are the same as on loopback.
func countersWith(beside *netns.Beside) (record.Counters, error) {
	sum, err := counters()
	if beside == nil || err != nil {
		return sum, err
	}
	return sum, beside.Do(func() error {
		there, err := counters()
		for name, n := range there {
			sum[name] += n
		}
		return err
	})
}

// counterWatch samples the counters.
type counterWatch struct {
	read    func() (record.Counters, error)
	before  record.Counters
	quit    chan struct{}
	done    chan struct{}
	samples []record.CounterSample
	failed  error
}

// watchCounters begins to watch what the counters gain over before, by the clock that the epoch is on.
func watchCounters(read func() (record.Counters, error), before record.Counters, epoch time.Duration) *counterWatch {
	w := &counterWatch{read: read, before: before, quit: make(chan struct{}), done: make(chan struct{})}
	go w.run(epoch)
	return w
}

func (w *counterWatch) run(epoch time.Duration) {
	defer close(w.done)
	ticks := time.NewTicker(counterEvery)
	defer ticks.Stop()
	for w.before != nil && w.failed == nil {
		select {
		case <-w.quit:
			w.sample(epoch) // what came since the last sample
			return
		case <-ticks.C:
			w.sample(epoch)
		}
	}
}

// sample keeps what has changed since the last sample.
func (w *counterWatch) sample(epoch time.Duration) {
	now, err := w.read()
	at := probe.Monotonic() - epoch
	if w.failed = err; err != nil {
		return
	}
	gained := record.Counters{}
	for _, name := range watched {
		if n, ok := now[name]; ok && n > w.before[name] {
			gained[name] = n - w.before[name]
		}
	}
	last := record.Counters{}
	if n := len(w.samples); n > 0 {
		last = w.samples[n-1].Gained
	}
	if !maps.Equal(gained, last) {
		w.samples = append(w.samples, record.CounterSample{At: at, Gained: gained})
	}
}

// stop ends the watch.
func (w *counterWatch) stop() {
	close(w.quit)
	<-w.done
}

// write writes what was seen, if anything.
func (w *counterWatch) write(dir record.RepeatDir) error {
	if len(w.samples) == 0 {
		return w.failed
	}
	return errors.Join(w.failed, dir.WriteCounters(w.samples))
}
