package rawsock

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// stampWait is for how long KeepStamping waits for the first stamp.
const stampWait = time.Second

// KeepStamping returns when the kernel stamps what arrives in this network namespace, or after a second. The kernel
// switches stamping on some time after the first socket asked for it (net_enable_timestamp in net/core/dev.c), and off
// after the last one. release lets it.
func KeepStamping() (release func()) {
	near, far, ok := connected()
	if !ok {
		return func() {} // what is not stamped is counted from its read, and the engine says so
	}
	StampArrivals(near)
	var m Message
	m.Into(make([]byte, 16))
	for began := time.Now(); time.Since(began) < stampWait; time.Sleep(time.Millisecond) {
		if _, errno := Write(far, []byte{0}); errno != 0 {
			break
		}
		if _, stamp, errno := Receive(near, &m); errno == 0 && stamp != 0 {
			break
		}
	}
	Close(far)
	return func() { Close(near) }
}

// connected is a TCP connection over loopback, both ends of which do not block. A close resets it: nothing of it stays
// behind.
func connected() (near, far int32, ok bool) {
	const kind = unix.SOCK_STREAM | unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, 0, false
	}
	defer unix.Close(listener)
	if unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}) != nil || unix.Listen(listener, 1) != nil {
		return 0, 0, false
	}
	address, err := unix.Getsockname(listener)
	if err != nil {
		return 0, 0, false
	}
	client, err := unix.Socket(unix.AF_INET, kind, 0)
	if err != nil {
		return 0, 0, false
	}
	server, err := meet(int32(listener), client, address)
	if err != nil {
		Close(int32(client))
		return 0, 0, false
	}
	reset := unix.Linger{Onoff: 1}
	_ = unix.SetsockoptLinger(int(server), unix.SOL_SOCKET, unix.SO_LINGER, &reset)
	_ = unix.SetsockoptLinger(client, unix.SOL_SOCKET, unix.SO_LINGER, &reset)
	return int32(client), server, true
}

// meet connects a client to a listener and accepts it.
func meet(listener int32, client int, address unix.Sockaddr) (server int32, err error) {
	if err := unix.Connect(client, address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return 0, err
	}
	poll := []unix.PollFd{{Fd: listener, Events: unix.POLLIN}}
	if n, err := unix.Poll(poll, 1000); n != 1 || err != nil {
		return 0, unix.ETIMEDOUT
	}
	server, errno := Accept(listener, new(Address))
	if errno != 0 {
		return 0, errno
	}
	return server, nil
}
