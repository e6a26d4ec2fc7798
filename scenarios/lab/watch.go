package lab

import (
	"net/netip"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/probe"
)

// serverWatch looks at the accept queue of a server that is somebody else's, where it runs on this
// host. The zero value sees nothing.
type serverWatch struct {
	sampler *probe.Sampler
	// sampled is the sampler's, live for looks in between.
	sampled, live *probe.Diag
}

// watchServer watches the server at an address. Elsewhere than in this network namespace, and on
// systems that do not tell, there is nothing to see, and that is no error.
func watchServer(address netip.AddrPort) (w serverWatch) {
	var err error
	if w.sampled, err = probe.OpenDiag(address); err != nil {
		return serverWatch{}
	}
	if w.live, err = probe.OpenDiag(address); err == nil {
		w.sampler, err = probe.StartDiagSampler(w.sampled, sampleEvery)
	}
	if err != nil {
		w.close()
		return serverWatch{}
	}
	return w
}

// look is the queue as it is now; nil where it cannot be seen.
func (w *serverWatch) look() *probe.QueueState {
	if w.live == nil {
		return nil
	}
	q, err := w.live.Sample()
	if err != nil {
		return nil // the server has closed
	}
	return &q
}

// stop ends the watch and writes what it saw, if anything.
func (w *serverWatch) stop(dir record.RepeatDir, epoch time.Duration) error {
	if w.sampler == nil {
		return nil
	}
	samples := w.sampler.Stop()
	w.close()
	return dir.WriteQueue(queueSamples(samples, epoch))
}

func (w *serverWatch) close() {
	for _, d := range []*probe.Diag{w.sampled, w.live} {
		if d != nil {
			_ = d.Close() // it holds nothing
		}
	}
}
