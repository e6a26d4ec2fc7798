// Package capture records when SYNs arrive at ports of this host, by packet sockets with a filter in the kernel. It
// takes headers only, sends nothing, and keeps no address unless it is asked to.
package capture

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"agistorm/scenarios/arrival/packets"
	"agistorm/scenarios/arrival/recording"
	"agistorm/scenarios/arrival/seen"
)

// DefaultMaxSize of a recording, in bytes: some 8 million SYNs.
const DefaultMaxSize = 256 << 20

// MinMaxSize is the least size that a recording may be limited to, in bytes.
const MinMaxSize = 1 << 20

// Options say what to record.
type Options struct {
	// File to create. One that exists is not overwritten: the error wraps fs.ErrExist.
	File string
	// Places where to listen, each network namespace once.
	Places []Place
	// MaxSize of the file in bytes, 0 for no limit. When it is full the newer half is kept.
	MaxSize int64
	// Addresses of the hosts are recorded.
	Addresses bool
	// Kernel is its release, for the header.
	Kernel string
}

// MaxPlaces bounds the network namespaces of a recording.
const MaxPlaces = 64

// Place is some ports in a network namespace.
type Place struct {
	// Netns names the namespace.
	Netns string
	// PID of a process that lives in it; 0 is the namespace of this process.
	PID int
	// Ports of the servers, 1 to 1,024 of them.
	Ports []uint16
}

// Counts are what was recorded until now.
type Counts struct {
	// SYNs without Retransmitted ones.
	SYNs, Retransmitted uint64
	// Lost had no room in the capture's buffer; Dropped were the oldest ones of a full file.
	Lost, Dropped uint64
	Hosts         int
	// Bytes in the file.
	Bytes int64
}

// ErrPermission is wrapped by the error of Start where the process may not capture.
var ErrPermission = errors.New("a recording needs root, or CAP_NET_RAW: sudo setcap cap_net_raw+ep FILE-OF-AGISTORM")

// source is where packets come from.
type source interface {
	// wait returns when there is something to read, or after the time.
	wait(most time.Duration) error
	// read passes on all packets that have arrived; it does not wait.
	read(take taker)
	// lost returns how many had no room since the last call.
	lost() (uint64, error)
	close() error
	// follow makes the places those that are given.
	follow(places []Place) error
}

// taker gets a packet from its IP header on, valid until it returns, its length on the wire, when it arrived since
// 1970, and the ports of its place.
type taker func(at time.Duration, packet []byte, length int, ports []uint16)

// Recorder records until it is stopped, or fails.
type Recorder struct {
	source   source
	file     *recording.File
	hosts    *seen.Hosts[netip.Addr]
	connects *seen.Connections[packets.Connect]
	stop     context.CancelFunc
	done     chan struct{}
	places   chan []Place

	mu     sync.Mutex
	counts Counts
	err    error
}

// What is remembered: at most twice as many, of some 40 bytes each.
const (
	rememberedHosts    = 1 << 18
	rememberedConnects = 1 << 19
)

// Start begins a recording, which ends with ctx or with Stop. The error wraps ErrPermission where the process lacks the
// right, fs.ErrExist where the file exists, and errors.ErrUnsupported on other systems than Linux.
func Start(ctx context.Context, o Options) (*Recorder, error) {
	if n := len(o.Places); n < 1 || n > MaxPlaces {
		return nil, fmt.Errorf("%d network namespaces: want 1 to %d", n, MaxPlaces)
	}
	source, err := open(o.Places)
	if err != nil {
		return nil, err
	}
	r, err := start(ctx, o, source, time.Now())
	if err != nil {
		return nil, errors.Join(err, source.close())
	}
	return r, nil
}

func start(ctx context.Context, o Options, from source, now time.Time) (*Recorder, error) {
	var ports []uint16
	for _, place := range o.Places {
		ports = append(ports, place.Ports...)
	}
	slices.Sort(ports)
	h := recording.Header{Kernel: o.Kernel, Ports: slices.Compact(ports), From: now, Addresses: o.Addresses}
	file, err := recording.Create(o.File, h, o.MaxSize)
	if err != nil {
		return nil, err
	}
	r := &Recorder{
		source: from, file: file, done: make(chan struct{}), places: make(chan []Place, 1),
		hosts:    seen.NewHosts[netip.Addr](rememberedHosts),
		connects: seen.NewConnections[packets.Connect](rememberedConnects),
		counts:   Counts{Bytes: file.Size()},
	}
	ctx, r.stop = context.WithCancel(ctx)
	go func() {
		defer close(r.done)
		err := r.run(ctx)
		err = errors.Join(err, r.source.close(), r.file.Close())
		r.mu.Lock()
		r.err = err
		r.mu.Unlock()
	}()
	return r, nil
}

const (
	// longestWait bounds a wait for packets.
	longestWait = 200 * time.Millisecond
	// flushEvery is how much of a recording a kill may lose, together with longestWait less than a second.
	flushEvery = 500 * time.Millisecond
	// settle is how long what has arrived before the end takes to be handed over.
	settle = 300 * time.Millisecond
)

// run records until ctx is done and what has arrived before is recorded, or until the file cannot be written on.
func (r *Recorder) run(ctx context.Context) error {
	var end time.Time
	for flushed := time.Now(); ; {
		most := longestWait
		if ctx.Err() != nil {
			if end.IsZero() {
				end = time.Now().Add(settle)
			}
			most = time.Until(end)
		}
		if err := r.source.wait(max(0, most)); err != nil {
			return err
		}
		if err := r.read(); err != nil {
			return err
		}
		select {
		case places := <-r.places:
			if err := r.source.follow(places); err != nil {
				return err
			}
		default:
		}
		ended := !end.IsZero() && !time.Now().Before(end)
		if ended || time.Since(flushed) >= flushEvery {
			if err := r.flush(); err != nil {
				return err
			}
			flushed = time.Now()
		}
		if ended {
			return nil
		}
	}
}

// read records what has arrived.
func (r *Recorder) read() (err error) {
	var counts Counts
	r.source.read(func(at time.Duration, packet []byte, length int, ports []uint16) {
		p, ok := packets.ParseIP(packet, length)
		if !ok || err != nil || !p.IsSYN() || !slices.Contains(ports, p.Dst.Port()) {
			return
		}
		s := recording.SYN{
			At: at, Host: r.hosts.Number(p.Src.Addr()), Port: p.Dst.Port(),
			Retransmission: r.connects.Before(p.Connect(), at), Address: p.Src.Addr(),
		}
		if s.Retransmission > 0 {
			counts.Retransmitted++
		} else {
			counts.SYNs++
		}
		err = r.file.Add(s)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.SYNs += counts.SYNs
	r.counts.Retransmitted += counts.Retransmitted
	r.counts.Hosts = r.hosts.Count()
	return err
}

// flush writes what waits, and what was lost.
func (r *Recorder) flush() error {
	lost, err := r.source.lost()
	if err != nil {
		return err
	}
	if err := r.file.Flush(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Lost += lost
	r.counts.Bytes, r.counts.Dropped = r.file.Size(), r.file.Dropped()
	return r.file.SetLost(r.counts.Lost)
}

// Follow makes the places of the recording those that are given, soon: namespaces that are new are captured from then
// on, and those that are left out no more. One that cannot be entered, and those beyond MaxPlaces, are left out.
func (r *Recorder) Follow(places []Place) {
	select {
	case <-r.places: // what was not taken yet
	default:
	}
	select {
	case r.places <- places[:min(len(places), MaxPlaces)]:
	default: // another call was faster
	}
}

// Counts may be called at any time.
func (r *Recorder) Counts() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts
}

// Done is closed when the recording has ended, be it before it was stopped.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// Err returns why the recording has ended before it was stopped, such as a full disk; nil while it goes on. What was
// written until then stays a whole recording.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return fmt.Errorf("recording: %w", r.err)
	}
	return nil
}

// Stop ends the recording, with all that has arrived until now. It may be called again.
func (r *Recorder) Stop() (Counts, error) {
	r.stop()
	<-r.done
	return r.Counts(), r.Err()
}
