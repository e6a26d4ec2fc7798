package capture

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"agistorm/target/netns"
	"agistorm/target/rawsock"
)

// ring is one of a place's two, for IPv4 and IPv6.
type ring struct {
	*rawsock.Ring
	place Place
}

// rings are those of all places.
type rings struct{ list []ring }

// open opens the packet sockets in the network namespaces of the places.
func open(places []Place) (source, error) {
	r := &rings{}
	for _, place := range places {
		if err := r.openIn(place, len(places)); err != nil {
			if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
				err = fmt.Errorf("%w (%w)", ErrPermission, err)
			}
			return nil, errors.Join(err, r.close())
		}
	}
	return r, nil
}

// leastBlocks of a ring: it holds 20,000 SYNs.
const leastBlocks = 16

// openIn opens those of a place, which is one of so many.
func (r *rings) openIn(place Place, places int) error {
	blocks := max(leastBlocks, rawsock.MaxRingBlocks/places)
	if place.PID == 0 {
		return r.add(place, blocks)
	}
	there, err := netns.BesideOf(place.PID)
	switch {
	case err != nil:
		return fmt.Errorf("network namespace of process %d: %w", place.PID, err)
	case there == nil: // this process's own
		return r.add(place, blocks)
	}
	err = there.Do(func() error { return r.add(place, blocks) })
	return errors.Join(err, there.Close())
}

// add opens those of the calling thread's namespace.
func (r *rings) add(place Place, blocks int) error {
	for _, version := range []rawsock.IPVersion{rawsock.IPv4, rawsock.IPv6} {
		one, err := rawsock.OpenRing(version, place.Ports, blocks)
		if err != nil {
			return err
		}
		r.list = append(r.list, ring{one, place})
	}
	return nil
}

// follow keeps the rings of places that stay as they are. Those of others are closed before new ones are opened, so
// that no SYN is seen twice.
func (r *rings) follow(places []Place) error {
	known := map[string]bool{}
	var kept []ring
	var errs []error
	for _, one := range r.list {
		if slices.ContainsFunc(places, one.place.same) {
			known[one.place.Netns] = true
			kept = append(kept, one)
			continue
		}
		errs = append(errs, one.Close())
	}
	r.list = kept
	for _, place := range places {
		if known[place.Netns] {
			continue
		}
		n := len(r.list)
		if err := r.openIn(place, len(places)); err != nil { // its last process may have ended meanwhile
			for _, one := range r.list[n:] {
				errs = append(errs, one.Close())
			}
			r.list = r.list[:n]
		}
	}
	return errors.Join(errs...)
}

// same reports whether a place is the same ports in the same namespace.
func (p Place) same(other Place) bool {
	return p.Netns == other.Netns && slices.Equal(p.Ports, other.Ports)
}

func (r *rings) wait(most time.Duration) error {
	if len(r.list) == 0 {
		time.Sleep(most)
		return nil
	}
	list := make([]*rawsock.Ring, len(r.list))
	for i, one := range r.list {
		list[i] = one.Ring
	}
	return rawsock.WaitRings(list, most)
}

func (r *rings) read(take taker) {
	for _, one := range r.list {
		one.Read(func(at time.Duration, packet []byte, length int) { take(at, packet, length, one.place.Ports) })
	}
}

func (r *rings) lost() (sum uint64, err error) {
	for _, one := range r.list {
		n, err := one.Lost()
		if err != nil {
			return sum, err
		}
		sum += uint64(n)
	}
	return sum, nil
}

func (r *rings) close() error {
	var errs []error
	for _, one := range r.list {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
