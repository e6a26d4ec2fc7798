package target

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"agistorm/target/engine"
	"agistorm/target/spec"
)

// write ignores errors: the server may have closed already.
func write(conn net.Conn, text string) { _, _ = conn.Write([]byte(text)) }

// hear reads up to a line feed.
func hear(conn net.Conn) {
	b := make([]byte, 1)
	for {
		if n, err := conn.Read(b); err != nil || n == 1 && b[0] == '\n' {
			return
		}
	}
}

// hostile are clients that misbehave, and the fates of their sessions.
var hostile = map[string]struct {
	do   func(conn *net.TCPConn)
	want engine.Fate
}{
	"closes at once":          {func(c *net.TCPConn) { c.Close() }, engine.Gone},
	"closes in the middle":    {func(c *net.TCPConn) { write(c, "agi_network: y"); c.Close() }, engine.Gone},
	"closes before a command": {func(c *net.TCPConn) { write(c, environment()); c.CloseWrite() }, engine.Gone},
	"closes before the reply": {func(c *net.TCPConn) { write(c, environment()); hear(c); c.Close() }, engine.Gone},
	"closes within a reply": {func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "200 res"); c.Close() },
		engine.Gone},
	"closes between replies": {
		func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "200 result=1\n"); hear(c); c.Close() },
		engine.Gone,
	},
	"resets":                  {func(c *net.TCPConn) { reset(c) }, engine.Reset},
	"resets in the middle":    {func(c *net.TCPConn) { write(c, "agi"); reset(c) }, engine.Reset},
	"resets before the reply": {func(c *net.TCPConn) { write(c, environment()); hear(c); reset(c) }, engine.Reset},
	"resets within a reply": {func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "200 res"); reset(c) },
		engine.Reset},
	"resets between replies": {
		func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "200 result=1\n"); hear(c); reset(c) },
		engine.Reset,
	},
	"is silent":           {func(*net.TCPConn) {}, engine.EnvTimeout},
	"drips":               {func(c *net.TCPConn) { drip(c) }, engine.EnvTimeout},
	"is silent after all": {func(c *net.TCPConn) { write(c, environment()) }, engine.ScriptTimeout},
	"is at work for ever": {
		func(c *net.TCPConn) { write(c, environment()); repeatForever(c, []byte("100 result=0 Trying...\n")) },
		engine.ScriptTimeout,
	},
	"sends an endless line": {func(c *net.TCPConn) { repeatForever(c, bytes.Repeat([]byte("x"), 1000)) },
		engine.LongLine},
	"sends a long value": {func(c *net.TCPConn) { write(c, "agi_a: "+strings.Repeat("x", 9000)+"\n") },
		engine.LongLine},
	"sends endless lines": {func(c *net.TCPConn) { repeatForever(c, []byte("agi_a: b\n")) }, engine.ManyLines},
	"sends 100,000 variables": {func(c *net.TCPConn) { write(c, strings.Repeat("agi_a: b\n", 100_000)) },
		engine.ManyLines},
	"sends an endless reply": {func(c *net.TCPConn) { write(c, environment()); repeatForever(c, []byte("2222")) },
		engine.LongLine},
	"explains without an end": {
		func(c *net.TCPConn) { write(c, environment()+"520-Usage\n"); repeatForever(c, []byte("more\n")) },
		engine.ManyLines,
	},
	"hangs up for ever": {func(c *net.TCPConn) { write(c, environment()); repeatForever(c, []byte("HANGUP\n")) },
		engine.HungUp},
	"sends noise":     {func(c *net.TCPConn) { write(c, "\x16\x03\x01\x02\x00\x01\n\xff\x00") }, engine.Broken},
	"sends NUL bytes": {func(c *net.TCPConn) { write(c, "agi_network: y\x00s\n") }, engine.Broken},
	"ends lines with CRLF": {func(c *net.TCPConn) { write(c, strings.ReplaceAll(environment(), "\n", "\r\n")) },
		engine.Broken},
	"speaks HTTP":      {func(c *net.TCPConn) { write(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }, engine.Broken},
	"answers nonsense": {func(c *net.TCPConn) { write(c, environment()); write(c, "pardon?\n") }, engine.Broken},
	"answers without a result": {func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "200 OK\n") },
		engine.Broken},
	"hangs up":       {func(c *net.TCPConn) { write(c, environment()); hear(c); write(c, "HANGUP\n") }, engine.HungUp},
	"hangs up early": {func(c *net.TCPConn) { write(c, environment()+"HANGUP\n") }, engine.HungUp},
	"is a dead channel": {func(c *net.TCPConn) {
		write(c, environment())
		hear(c)
		write(c, "511 Command Not Permitted on a dead channel or intercept routine\n")
	}, engine.HungUp},
	"knows no command": {func(c *net.TCPConn) {
		write(c, environment())
		hear(c)
		write(c, "510 Invalid or unknown command\n")
		hear(c)
		write(c, "520-Invalid command syntax.  Proper usage follows:\nUsage: x\n520 End of proper usage.\n")
	}, engine.Served},
	"answers byte by byte": {func(c *net.TCPConn) { writeSlowly(c, environment()); answer(c) }, engine.Served},
	"answers before the time": {
		func(c *net.TCPConn) { write(c, environment()+"200 result=1\n200 result=1\n"); hear(c); hear(c) },
		engine.Served,
	},
	"takes its time to answer": {func(c *net.TCPConn) {
		write(c, environment())
		hear(c)
		write(c, "100 result=0 Trying...\n")
		answer(c)
	}, engine.Served},
}

func reset(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }

// drip sends a byte now and then, for as long as the server bears it.
func drip(c net.Conn) {
	for {
		if _, err := c.Write([]byte("a")); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// repeatForever writes until the server has had enough.
func repeatForever(c net.Conn, part []byte) {
	for {
		if _, err := c.Write(part); err != nil {
			return
		}
	}
}

func writeSlowly(c net.Conn, text string) {
	for i := range len(text) {
		write(c, text[i:i+1])
	}
}

// answer says 200 to whatever comes.
func answer(c net.Conn) {
	write(c, "200 result=1\n")
	hear(c)
	write(c, "200 result=1\n")
	hear(c)
}

// TestHostileClients gives each its fate, and a good call after it a good session.
func TestHostileClients(t *testing.T) {
	config := fastConfig(spec.Pool(1))
	config.Limits.EnvTime, config.Limits.ScriptTime = 300*time.Millisecond, 300*time.Millisecond
	for name, client := range hostile {
		t.Run(name, func(t *testing.T) {
			onBothEngines(t, config, func(t *testing.T, config Config) {
				s := start(t, config)
				client.do(dial(t, s.l))
				eventually(t, "the session ends",
					func() bool { c := s.Counts(); return c.Open() == 0 && c.Accepted == 1 })
				if got := s.Log()[0].Fate; got != client.want {
					t.Errorf("fate %v, want %v", got, client.want)
				}
				if commands, err := call(dial(t, s.l)); err != io.EOF || len(commands) != 2 {
					t.Errorf("the next call: %q, %v", commands, err)
				}
			})
		})
	}
}

// TestDeafClient: one that answers everything beforehand and reads nothing, until the server's socket is
// full.
func TestDeafClient(t *testing.T) {
	config := fastConfig(spec.Pool(1))
	config.Limits.ScriptTime = 500 * time.Millisecond
	config.Script = slices.Repeat([]string{"NOOP " + strings.Repeat("x", 8000)}, 2000) // 16 MB
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		c := dial(t, s.l)
		_ = c.SetReadBuffer(4096) // the kernel may give more; the script is longer still
		go write(c, environment()+strings.Repeat("200 result=1\n", 4000))
		eventually(t, "the session ends", func() bool { n := s.Counts(); return n.Open() == 0 && n.Accepted == 1 })
		if got := s.Log()[0].Fate; got != engine.ScriptTimeout {
			t.Errorf("fate %v, want %v", got, engine.ScriptTimeout)
		}
	})
}

// TestOthersGoOn: among clients of every hostile kind at once, good calls are served.
func TestOthersGoOn(t *testing.T) {
	config := fastConfig(spec.Thread())
	config.Limits.EnvTime, config.Limits.ScriptTime = 2*time.Second, 2*time.Second
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		var all sync.WaitGroup
		for _, client := range hostile {
			conn := dial(t, s.l)
			all.Go(func() { client.do(conn) })
		}
		callAll(t, s.l, 20)
		all.Wait()
		eventually(t, "all end",
			func() bool { n := s.Counts(); return n.Open() == 0 && n.Accepted == uint64(len(hostile)+20) })
	})
}
