package rawsock

import (
	"errors"
	"net"
	"time"
)

// stampWait is for how long KeepStamping waits for the first stamp.
const stampWait = time.Second

// KeepStamping returns when the kernel stamps what arrives in this network namespace, or after a second.
// The kernel switches stamping on some time after the first socket asked for it (net_enable_timestamp in
// net/core/dev.c), and off after the last one. release allows that.
func KeepStamping() (release func()) {
	near, far, err := connect()
	if err != nil {
		return func() {} // the engine then counts reply lags from the read, and reports so
	}
	defer far.Close()
	release = func() { _ = near.Close() } // nothing is lost with it
	raw, err := near.SyscallConn()
	if err != nil {
		return release
	}
	_ = raw.Control(func(fd uintptr) { awaitStamp(int32(fd), far) })
	return release
}

// awaitStamp sends bytes from far until one that arrives at near has a stamp.
func awaitStamp(near int32, far net.Conn) {
	StampArrivals(near)
	var m Message
	m.Into(make([]byte, 16))
	for began := time.Now(); time.Since(began) < stampWait; time.Sleep(time.Millisecond) {
		if _, err := far.Write([]byte{0}); err != nil {
			return
		}
		if _, stamp, errno := Receive(near, &m); errno == 0 && stamp != 0 {
			return
		}
	}
}

// connect makes a TCP connection over loopback. A close resets it: nothing of it stays behind.
func connect() (near, far *net.TCPConn, err error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if near, err = net.DialTCP("tcp4", nil, listener.Addr().(*net.TCPAddr)); err != nil {
		return nil, nil, err
	}
	if far, err = listener.AcceptTCP(); err != nil {
		return nil, nil, errors.Join(err, near.Close())
	}
	return near, far, errors.Join(near.SetLinger(0), far.SetLinger(0))
}
