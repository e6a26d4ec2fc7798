package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/probe"
)

// serverWatch samples the accept queue of an external server, and its kernel's counters, where it runs on
// this host. The zero value samples nothing.
type serverWatch struct {
	sampler *probe.Sampler
	counts  *counterWatch
	// sampled is the sampler's, live for samples in between.
	sampled, live probe.Source
	// thread that samples.
	thread *aheadThread
}

// watchServer watches the server at the first of its addresses at which a socket listens. Elsewhere than in
// this network namespace, and on systems that do not report it, there is nothing to see, and why is no error.
func watchServer(addresses []netip.AddrPort) (w serverWatch, why *record.Note) {
	var first error
	for _, address := range addresses {
		w, err := watchBy(func() (probe.Source, error) { return probe.OpenSource(address) })
		if err == nil {
			return w, nil
		}
		if first == nil || errors.Is(first, probe.ErrNoListener) { // where a socket listens, there is more to say
			first = err
		}
	}
	return serverWatch{}, reason(first)
}

// reason is why a queue cannot be watched; nil without one.
func reason(err error) *record.Note {
	if err == nil {
		return nil
	}
	if err == probe.ErrNoListener { //nolint:errorlint // as such: a wrapped one has more text
		return &record.Note{Code: record.NoteNotListening}
	}
	text := strings.TrimPrefix(err.Error(), "accept queue: ")
	for _, kind := range []error{errors.ErrUnsupported, probe.ErrNoListener} {
		text = strings.TrimSuffix(text, ": "+kind.Error())
	}
	return &record.Note{Code: record.NoteQueueUnreadable, Error: text}
}

// watchProcess watches the server in the network namespace of a process, which listens at the address, or at
// its port on the loopback there: that is where the lookup finds a server that listens on all addresses. That it
// cannot be seen is an error: it was asked for.
func watchProcess(pid int, address netip.AddrPort) (serverWatch, error) {
	within := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	return watchBy(func() (probe.Source, error) {
		s, err := probe.OpenSourceOf(pid, address)
		if errors.Is(err, probe.ErrNoListener) {
			s, err = probe.OpenSourceOf(pid, within)
		}
		return s, forRoot(err)
	})
}

// forRoot adds what is missing where another process's namespace may not be entered.
func forRoot(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: to watch a queue in the network namespace of a process (--pid) is for root", err)
	}
	return err
}

// watchBy opens the queue twice, and begins to sample with the first.
func watchBy(open func() (probe.Source, error)) (w serverWatch, err error) {
	w.thread = &aheadThread{}
	if w.sampled, err = open(); err != nil {
		return serverWatch{}, err
	}
	if w.live, err = open(); err == nil {
		w.sampler, err = probe.StartSourceSampler(w.sampled, sampleEvery, w.thread.enter)
	}
	if err != nil {
		w.close()
		return serverWatch{}, err
	}
	return w, nil
}

// queue is the queue as it is now; nil where it cannot be seen.
func (w *serverWatch) queue() *probe.QueueState {
	if w.live == nil {
		return nil
	}
	q, err := w.live.Sample()
	if err != nil {
		return nil // the server has closed
	}
	return &q
}

// process is the one that holds the watched socket; nil where that cannot be seen.
func (w *serverWatch) process() *record.Process {
	if w.live == nil {
		return nil
	}
	socket, err := w.live.Listener()
	if err != nil {
		return nil // the server has closed
	}
	return processOf(&socket)
}

// count begins to watch the counters, too. Of a server that is elsewhere those here count nothing.
func (w *serverWatch) count(read func() (record.Counters, error), before record.Counters, epoch time.Duration) {
	if w.sampler != nil && before != nil {
		w.counts = watchCounters(read, before, epoch)
	}
}

// stop ends the watch and writes what it saw, if anything. It returns the priority that the sampler had; nil
// without one, or where the system does not report it.
func (w *serverWatch) stop(dir record.RepeatDir, epoch time.Duration) (*record.Priority, error) {
	if w.sampler == nil {
		return nil, nil
	}
	samples, counts, priority := w.sampler.Stop(), w.counts, w.thread.priority
	err := dir.WriteQueue(queueSamples(samples, epoch))
	if port, shared := w.sampled.(*probe.Port); shared {
		watch, _ := watchReport(w.sampler, samples, nil)
		err = errors.Join(err, dir.WriteServed(&record.Served{Sockets: socketsOf(port), Watch: watch}))
	}
	w.close()
	if counts != nil {
		err = errors.Join(err, counts.write(dir))
	}
	return priority, err
}

func (w *serverWatch) close() {
	if w.sampler != nil {
		w.sampler.Stop() // its descriptor is closed now
	}
	if w.counts != nil {
		w.counts.stop()
	}
	for _, s := range []probe.Source{w.sampled, w.live} {
		if s != nil {
			_ = s.Close() // it holds nothing
		}
	}
	*w = serverWatch{}
}
