package link

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// joinTUN makes a TUN device on each side, and the delay line between them. If it fails nothing is left.
func joinTUN(sides pair, rtt time.Duration) (*Link, error) {
	var devices []int
	var delay *line
	err := sides.each(func(s, _ *side) error {
		fd, err := openTUN(s.namespace)
		if err == nil {
			devices = append(devices, fd)
		}
		return err
	})
	if err == nil {
		err = sides.setUp(queueLength)
	}
	if err == nil {
		delay, err = startLine(devices[0], devices[1], rtt)
	}
	if err != nil {
		return nil, errors.Join(err, closeAll(devices...))
	}
	return &Link{Kind: TUN, end: func() (Stats, error) { return endTUN(sides, delay, devices) }}, nil
}

// openTUN makes a TUN device in the namespace; it goes with its descriptor. The kernel neither leaves
// checksums open nor hands over more than the MTU at once, without TUNSETOFFLOAD (drivers/net/tun.c).
func openTUN(namespace int) (fd int, err error) {
	err = netns.Inside(namespace, func() error {
		fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
		}
		if err := makeTUN(fd); err != nil {
			return errors.Join(err, closeAll(fd))
		}
		return nil
	})
	return fd, err
}

func makeTUN(fd int) error {
	ifr, err := unix.NewIfreq(Device)
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	err = unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr)
	if errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EINVAL) {
		err = errors.Join(unix.EEXIST, err) // another's TUN device, or no TUN device (tun_set_iff)
	}
	return os.NewSyscallError("ioctl TUNSETIFF "+Device, err)
}

// endTUN stops the line first, so that its counters and those of the devices are of the same time.
func endTUN(sides pair, line *line, devices []int) (Stats, error) {
	defer sides.close()
	s, err := line.stop()
	s.take(sides.server.count(), sides.client.count())
	if err = errors.Join(err, closeAll(devices...)); err != nil {
		return s, fmt.Errorf("link: %w", err)
	}
	return s, nil
}

func closeAll(fds ...int) (err error) {
	for _, fd := range fds {
		err = errors.Join(err, os.NewSyscallError("close", unix.Close(fd)))
	}
	return err
}
