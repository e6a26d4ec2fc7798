package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// Names of the devices, each in its own namespace.
const (
	serverDevice = "ags0"
	clientDevice = "agc0"
)

// queueLength of the devices: the default of 500 would drop a burst.
const queueLength = 100_000

// Link joins two namespaces until it is closed, or both are gone.
type Link struct {
	kind string
	line *line // nil for veth
}

// Join joins this process's namespace, the server's, to the one beside it, the clients'. The round trip is 0 or more; both
// directions have half of it. Needs CAP_NET_ADMIN in both, and /dev/net/tun for a delay.
func Join(b *netns.Beside, rtt time.Duration) (*Link, error) {
	l, err := join(b, rtt)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	return l, nil
}

func join(b *netns.Beside, rtt time.Duration) (*Link, error) {
	if rtt > 0 {
		return joinByTun(b, rtt)
	}
	if err := makeVeth(b.There()); err != nil {
		return nil, err
	}
	return &Link{kind: Veth}, furnish(b)
}

// furnish gives both devices their addresses, and switches them on.
func furnish(b *netns.Beside) error {
	if err := setUp(serverDevice, Server, Client); err != nil {
		return err
	}
	return b.Do(func() error { return setUp(clientDevice, Client, Server) })
}

// setUp is for a device in the calling thread's namespace.
func setUp(device string, own, peer netip.Addr) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if err := lengthen(fd, device); err != nil {
		return fmt.Errorf("%s: %w", device, err)
	}
	for _, step := range []struct {
		name string
		call uint
		set  func(*unix.Ifreq) error
	}{
		{"SIOCSIFADDR", unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(own.AsSlice()) }},
		{"SIOCSIFNETMASK", unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr([]byte{255, 255, 255, 252}) }},
		{"SIOCSIFFLAGS", unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	} {
		request, err := unix.NewIfreq(device)
		if err == nil {
			err = step.set(request)
		}
		if err == nil {
			err = os.NewSyscallError("ioctl "+step.name, unix.IoctlIfreq(fd, step.call, request))
		}
		if err != nil {
			return fmt.Errorf("%s, at %v to %v: %w", device, own, peer, err)
		}
	}
	return nil
}

// lengthen gives a device its queue. By rtnetlink: the ioctl of old wants the host's root.
func lengthen(fd int, device string) error {
	request, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request); err != nil {
		return os.NewSyscallError("ioctl SIOCGIFINDEX", err)
	}
	return tellKernel(queueRequest(request.Uint32(), queueLength))
}

// joinByTun makes a TUN device in each namespace, and the line between them.
func joinByTun(b *netns.Beside, rtt time.Duration) (*Link, error) {
	server, err := openTun(serverDevice)
	if err != nil {
		return nil, err
	}
	client := -1
	err = b.Do(func() (err error) {
		client, err = openTun(clientDevice)
		return err
	})
	if err == nil {
		err = furnish(b)
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(server), closeIf(client))
	}
	return &Link{kind: Tun, line: newLine(server, client, rtt/2)}, nil
}

func closeIf(fd int) error {
	if fd < 0 {
		return nil
	}
	return unix.Close(fd)
}

// openTun makes a device in the calling thread's namespace; packets come and go without a header of the device's.
func openTun(name string) (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = os.NewSyscallError("ioctl TUNSETIFF", unix.IoctlIfreq(fd, unix.TUNSETIFF, request))
	}
	if err != nil {
		return -1, errors.Join(fmt.Errorf("%s: %w", name, err), unix.Close(fd))
	}
	return fd, nil
}

// Close ends a delay line; a veth pair ends with its namespaces.
func (l *Link) Close() Statistics {
	if l.line == nil {
		return Statistics{Kind: l.kind}
	}
	return l.line.close()
}
