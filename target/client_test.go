package target

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"agistorm/target/agi"
	"agistorm/target/spec"
)

// eventually waits for what happens in its own time; the bound is only there to end a broken test.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 4000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("never: %s", what)
}

// noLeaks holds at the end of the test that it left no goroutine and no descriptor behind.
func noLeaks(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors()
	t.Cleanup(func() {
		eventually(t, "all goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines })
		eventually(t, "all descriptors are closed", func() bool { return openDescriptors() <= descriptors })
	})
}

// openDescriptors is 0 where the system does not show them.
func openDescriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// running is a server that serves, and how it is stopped.
type running struct {
	*Server
	l    *Listener
	stop func() error
}

// start serves until the test ends or stop is called.
func start(t testing.TB, config Config) running {
	t.Helper()
	l, err := Listen("127.0.0.1:0", spec.Max(), config.Behaviour.Sockets())
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(l, config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if !stopped {
			s.config.Drain = 0 // what a test leaves open ends at once
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		l.Close()
	})
	return running{s, l, stop}
}

func dial(t testing.TB, l *Listener) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// environment is what a caller says first.
func environment() string {
	env := agi.Environment{Script: "hello", Request: "agi://127.0.0.1/hello", Channel: "Local/test"}
	return string(env.Append(nil))
}

// call is one session as Asterisk has it; it gives the commands that came.
func call(conn net.Conn) (commands []string, err error) {
	defer conn.Close()
	if _, err := io.WriteString(conn, environment()); err != nil {
		return nil, err
	}
	var reader agi.CommandReader
	var exchange agi.Exchange
	var channel agi.Channel
	room := make([]byte, 1024)
	for {
		n, err := conn.Read(room)
		for part := room[:n]; len(part) > 0; {
			line, used, ok, err := reader.Next(part)
			if err != nil {
				return commands, err
			}
			part = part[used:]
			if ok {
				commands = append(commands, string(line))
				if _, err := conn.Write(exchange.AppendReply(nil, 0, &channel, line)); err != nil {
					return commands, err
				}
			}
		}
		if err != nil {
			return commands, err
		}
	}
}

// onBothEngines runs a test with each engine that this system has.
func onBothEngines(t *testing.T, config Config, test func(t *testing.T, config Config)) {
	t.Helper()
	engines := []string{Portable}
	if runtime.GOOS == "linux" {
		engines = append(engines, Epoll)
	}
	for _, name := range engines {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			config := config
			config.Engine = name
			test(t, config)
		})
	}
}
