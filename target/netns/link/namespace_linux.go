package link

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// within runs f on a thread in a network namespace. A thread that cannot come back dies: its goroutine ends without
// giving it up.
func within(namespace int, f func() error) error {
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

// visit runs f in the namespace, and tells whether the thread is back in its own.
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

// side is one of the two namespaces: a netlink socket in it, and what stands in it of the link.
type side struct {
	kernel int
	index  int32
}

// openSide opens a netlink socket in the namespace, which then lasts as long as the socket.
func openSide(namespace int) (*side, error) {
	s := &side{kernel: -1}
	err := within(namespace, func() (err error) {
		s.kernel, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
		return os.NewSyscallError("socket", err)
	})
	if err != nil {
		s.close()
		return nil, err
	}
	// The kernel answers within the call that asks; a wait would be for ever.
	timeout := unix.NsecToTimeval(int64(10 * time.Second))
	if err := unix.SetsockoptTimeval(s.kernel, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		s.close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	return s, nil
}

func (s *side) close() {
	if s.kernel >= 0 {
		_ = unix.Close(s.kernel) // nothing is lost with a socket to the kernel
	}
	s.kernel = -1
}

// exchange sends a request and gives the first answer.
func (s *side) exchange(request []byte) ([]byte, error) {
	if _, err := unix.Write(s.kernel, request); err != nil {
		return nil, os.NewSyscallError("write", err)
	}
	answer := make([]byte, 16<<10)
	n, err := unix.Read(s.kernel, answer)
	return answer[:max(n, 0)], os.NewSyscallError("read", err)
}

// do has a request carried out.
func (s *side) do(what string, request []byte) error {
	answer, err := s.exchange(request)
	if err == nil {
		err = parseDone(answer)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// look asks what there is of an interface; the error is ENODEV if there is none.
func (s *side) look(name string) (iface, error) {
	answer, err := s.exchange(interfaceRequest(name))
	if err != nil {
		return iface{}, err
	}
	i, err := parseInterface(answer)
	if err != nil {
		return iface{}, fmt.Errorf("interface %s: %w", name, err)
	}
	return i, nil
}

// setUp gives the interface its address and brings it up; IPv6 stays out of it.
func (s *side) setUp(own end) error {
	i, err := s.look(deviceName)
	if err != nil {
		return err
	}
	s.index = i.index
	err = s.do("no IPv6", quietRequest(s.index))
	if err != nil && !errors.Is(err, unix.EAFNOSUPPORT) { // a kernel without IPv6 has none to keep out
		return err
	}
	if err := s.do("queue", queueRequest(s.index, queueLength)); err != nil {
		return err
	}
	if err := s.do("address", addressRequest(s.index, own.ip)); err != nil {
		return err
	}
	if err := s.do("up", upRequest(s.index)); err != nil {
		return err
	}
	return s.check()
}

// check reads back what was set: a kernel may take a message and not know what is in it.
func (s *side) check() error {
	i, err := s.look(deviceName)
	if err != nil {
		return err
	}
	if !i.up || i.mtu != MTU || i.queue != queueLength {
		return fmt.Errorf("interface %s: up %t, MTU %d, queue of %d; want true, %d, %d",
			deviceName, i.up, i.mtu, i.queue, MTU, queueLength)
	}
	return nil
}

// startLimit is how long an interface may take to start.
const startLimit = 5 * time.Second

// started waits until the interface sends. A veth drops until the kernel's worker has heard that its peer is up, some
// milliseconds after (net/core/link_watch.c).
func (s *side) started() error {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		i, err := s.look(deviceName)
		if err != nil || i.running {
			return err
		}
		if time.Since(began) > startLimit {
			return fmt.Errorf("interface %s does not run after %v: %w", deviceName, startLimit, unix.ENETDOWN)
		}
	}
}
