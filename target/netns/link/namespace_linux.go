package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// runInside runs f on a thread in a network namespace. A thread that cannot come back dies: its goroutine ends without
// giving it up.
func runInside(namespace int, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		back, err := visit(namespace, f)
		if back {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// visit runs f in the namespace, and reports whether the thread is back in its own.
func visit(namespace int, f func() error) (back bool, err error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return true, err
	}
	defer home.Close()
	if err := setns(namespace); err != nil {
		return true, err
	}
	err = f()
	restored := setns(int(home.Fd()))
	return restored == nil, errors.Join(err, restored)
}

func setns(namespace int) error {
	return os.NewSyscallError("setns", unix.Setns(namespace, unix.CLONE_NEWNET))
}

// side is one of the two namespaces: an rtnetlink(7) socket in it, and the interface in it that is its end of the link.
type side struct {
	kernel *netlink.Handle
	// device is nil until setUp.
	device netlink.Link
}

// answerLimit is how long an answer of the kernel may take. It answers within the call that asks: a wait would be for
// ever.
const answerLimit = 10 * time.Second

// openSide opens a netlink socket in the namespace, which then lasts as long as the socket.
func openSide(namespace int) (*side, error) {
	s := &side{}
	err := runInside(namespace, func() (err error) {
		s.kernel, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.kernel.SetSocketTimeout(answerLimit); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *side) close() { s.kernel.Close() }

// findDevice asks for the interface as it is now; the error wraps ENODEV if there is none.
func (s *side) findDevice() (netlink.Link, error) {
	device, err := s.kernel.LinkByName(deviceName)
	if none := (netlink.LinkNotFoundError{}); errors.As(err, &none) {
		err = unix.ENODEV // the library drops the kernel's own
	}
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", deviceName, err)
	}
	return device, nil
}

// ipv6None is IN6_ADDR_GEN_MODE_NONE of linux/if_link.h.
const ipv6None = 1

// setUp gives the interface its queue and its address and brings it up; IPv6 stays out of it.
func (s *side) setUp(own end, queue int) (err error) {
	if s.device, err = s.findDevice(); err != nil {
		return err
	}
	// A kernel without IPv6 has none to keep out.
	if err := s.kernel.LinkSetIP6AddrGenMode(s.device, ipv6None); err != nil && !errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("no IPv6: %w", err)
	}
	if err := s.kernel.LinkSetTxQLen(s.device, queue); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if err := s.kernel.LinkSetMTU(s.device, MTU); err != nil {
		return fmt.Errorf("MTU: %w", err)
	}
	if err := s.kernel.AddrAdd(s.device, &netlink.Addr{IPNet: network(netip.PrefixFrom(own.ip, prefix))}); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	if err := s.kernel.LinkSetUp(s.device); err != nil {
		return fmt.Errorf("up: %w", err)
	}
	return s.check(queue)
}

// network is a prefix in the library's form; it keeps the host's part.
func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// check reads back what was set: a kernel may take a message and ignore what is in it.
func (s *side) check(queue int) error {
	device, err := s.findDevice()
	if err != nil {
		return err
	}
	a := device.Attrs()
	if up := a.RawFlags&unix.IFF_UP != 0; !up || a.MTU != MTU || a.TxQLen != queue {
		return fmt.Errorf("interface %s: up %t, MTU %d, queue of %d; want true, %d, %d",
			deviceName, up, a.MTU, a.TxQLen, MTU, queue)
	}
	return nil
}

// startLimit is how long an interface may take to start.
const startLimit = 5 * time.Second

// started waits until the interface sends. A veth drops until the kernel's worker has heard that its peer is up, some
// milliseconds after (net/core/link_watch.c).
func (s *side) started() error {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		device, err := s.findDevice()
		if err != nil || device.Attrs().RawFlags&unix.IFF_RUNNING != 0 {
			return err
		}
		if time.Since(began) > startLimit {
			return fmt.Errorf("interface %s does not run after %v: %w", deviceName, startLimit, unix.ENETDOWN)
		}
	}
}

// counts are what one end of a link has counted; nil is what the kernel does not tell.
type counts struct{ received, sendDrops, receiveDrops, queueDrops *uint64 }

// count reads the counters of the interface and of its queueing discipline.
func (s *side) count() (c counts) {
	device, err := s.findDevice()
	if err != nil {
		return c
	}
	if n := device.Attrs().Statistics; n != nil {
		c.received, c.sendDrops, c.receiveDrops = &n.RxPackets, &n.TxDropped, &n.RxDropped
	}
	disciplines, err := s.kernel.QdiscList(device)
	if err != nil {
		return c
	}
	dropped := uint64(0)
	for _, q := range disciplines {
		if n := q.Attrs().Statistics; n != nil && n.Queue != nil && q.Attrs().Parent == netlink.HANDLE_ROOT {
			dropped += uint64(n.Queue.Drops)
			c.queueDrops = &dropped
		}
	}
	return c
}
