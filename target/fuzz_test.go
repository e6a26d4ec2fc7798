package target

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"agistorm/target/engine"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// FuzzServer feeds the whole server, on both engines: whatever a client says, in whichever parts, and
// however it goes, both give it the same fate, nothing stays open, and the next call is served.
func FuzzServer(f *testing.F) {
	replies := "200 result=1\n200 result=1\n"
	f.Add([]byte(environment()+replies), uint16(7), uint8(0))
	f.Add([]byte(environment()+"520-Usage\nmore\n520 End\n200 result=1\n"), uint16(1000), uint8(1))
	f.Add([]byte(environment()+"HANGUP\n"), uint16(3), uint8(2))
	f.Add([]byte(strings.ReplaceAll(environment(), "\n", "\r\n")), uint16(50), uint8(0))
	f.Add([]byte("agi_network: y\x00s\n"), uint16(1), uint8(1))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint16(9), uint8(2))
	f.Add([]byte(strings.Repeat("agi_a: b\n", 300)), uint16(100), uint8(0))
	f.Add([]byte{}, uint16(1), uint8(0))
	f.Fuzz(func(t *testing.T, said []byte, part uint16, leaves uint8) {
		config := fastConfig(spec.Pool(1))
		config.Work = work.Work{}
		config.Limits.EnvTime, config.Limits.ScriptTime = 20*time.Second, 20*time.Second
		engines := []string{Portable}
		if runtime.GOOS == "linux" {
			engines = append(engines, Epoll)
		}
		var fates []engine.Fate
		for _, config.Engine = range engines {
			fates = append(fates, fateOf(t, config, said, int(part)+1, leaves%2 == 1))
		}
		// A client that resets may do so before or after the server has read what condemns it.
		if leaves%2 == 0 && len(fates) == 2 && fates[0] != fates[1] {
			t.Errorf("portable: %v, epoll: %v", fates[0], fates[1])
		}
	})
}

// fateOf plays one such client and one good call.
func fateOf(t *testing.T, config Config, said []byte, part int, resets bool) engine.Fate {
	t.Helper()
	s := start(t, config)
	defer s.l.Close()
	conn := dial(t, s.l)
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	sayIn(conn, said, part)
	if resets {
		reset(conn)
	} else {
		_ = conn.CloseWrite()
	}
	eventually(t, "the session ends", func() bool { c := s.Counts(); return c.Accepted == 1 && c.Open() == 0 })
	if commands, err := call(dial(t, s.l)); err != io.EOF || len(commands) != 2 {
		t.Errorf("the next call: %q, %v", commands, err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	return s.Log()[0].Fate
}

// sayIn says everything in parts of that size, as far as the server listens.
func sayIn(conn net.Conn, said []byte, part int) {
	for len(said) > 0 {
		n := min(part, len(said))
		if _, err := conn.Write(said[:n]); err != nil {
			return
		}
		said = said[n:]
	}
}
