package capture

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"agistorm/target/netns"
	"agistorm/target/rawsock"
)

// rings are those of all places, two for each: IPv4 and IPv6.
type rings struct {
	list []*rawsock.Ring
	// ports of each ring's place.
	ports [][]uint16
}

// open opens the packet sockets in the network namespaces of the places.
func open(places []Place) (source, error) {
	r := &rings{}
	for _, place := range places {
		if err := r.openIn(place); err != nil {
			if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
				err = fmt.Errorf("%w (%w)", ErrPermission, err)
			}
			return nil, errors.Join(err, r.close())
		}
	}
	return r, nil
}

// openIn opens those of a place.
func (r *rings) openIn(place Place) error {
	if place.PID == 0 {
		return r.add(place.Ports)
	}
	there, err := netns.BesideOf(place.PID)
	switch {
	case err != nil:
		return fmt.Errorf("network namespace of process %d: %w", place.PID, err)
	case there == nil: // this process's own
		return r.add(place.Ports)
	}
	err = there.Do(func() error { return r.add(place.Ports) })
	return errors.Join(err, there.Close())
}

// add opens those of the calling thread's namespace.
func (r *rings) add(ports []uint16) error {
	for _, version := range []rawsock.IPVersion{rawsock.IPv4, rawsock.IPv6} {
		ring, err := rawsock.OpenRing(version, ports)
		if err != nil {
			return err
		}
		r.list, r.ports = append(r.list, ring), append(r.ports, ports)
	}
	return nil
}

func (r *rings) wait(most time.Duration) error { return rawsock.WaitRings(r.list, most) }

func (r *rings) read(take taker) {
	for i, ring := range r.list {
		ring.Read(func(at time.Duration, packet []byte, length int) { take(at, packet, length, r.ports[i]) })
	}
}

func (r *rings) lost() (sum uint64, err error) {
	for _, ring := range r.list {
		n, err := ring.Lost()
		if err != nil {
			return sum, err
		}
		sum += uint64(n)
	}
	return sum, nil
}

func (r *rings) close() error {
	var errs []error
	for _, ring := range r.list {
		errs = append(errs, ring.Close())
	}
	return errors.Join(errs...)
}
