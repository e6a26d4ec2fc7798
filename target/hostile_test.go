package target

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
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

// hostile are clients that misbehave, and the fates that they deserve.
var hostile = map[string]struct {
	do   func(conn *net.TCPConn)
	want Fate
}{
	"closes at once":          {func(c *net.TCPConn) { c.Close() }, Gone},
	"closes in the middle":    {func(c *net.TCPConn) { write(c, "agi_network: y"); c.Close() }, Gone},
	"closes before a command": {func(c *net.TCPConn) { write(c, string(environment())); c.Close() }, Gone},
	"closes before the reply": {func(c *net.TCPConn) { write(c, string(environment())); hear(c); c.Close() }, Gone},
	"resets":                  {func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }, Gone},
	"resets in the middle":    {func(c *net.TCPConn) { write(c, "agi"); _ = c.SetLinger(0); c.Close() }, Gone},
	"is silent":               {func(*net.TCPConn) {}, OverLimit},
	"is silent after all":     {func(c *net.TCPConn) { write(c, string(environment())) }, OverLimit},
	"sends an endless line":   {func(c *net.TCPConn) { endless(c, bytes.Repeat([]byte("x"), 1000)) }, OverLimit},
	"sends endless lines":     {func(c *net.TCPConn) { endless(c, []byte("agi_a: b\n")) }, OverLimit},
	"sends an endless reply":  {func(c *net.TCPConn) { write(c, string(environment())); endless(c, []byte("2222")) }, OverLimit},
	"hangs up for ever":       {func(c *net.TCPConn) { write(c, string(environment())); endless(c, []byte("HANGUP\n")) }, OverLimit},
	"sends noise":             {func(c *net.TCPConn) { write(c, "\x16\x03\x01\x02\x00\x01\n\xff\x00") }, BrokenProtocol},
	"speaks HTTP":             {func(c *net.TCPConn) { write(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }, BrokenProtocol},
	"answers nonsense":        {func(c *net.TCPConn) { write(c, string(environment())); write(c, "pardon?\n") }, BrokenProtocol},
	"hangs up and stays":      {func(c *net.TCPConn) { write(c, string(environment())+"HANGUP\n"); answer(c) }, Served},
	"knows no command": {func(c *net.TCPConn) {
		write(c, string(environment()))
		hear(c)
		write(c, "510 x\n")
		hear(c)
		write(c, "510 x\n")
	}, Served},
	"answers byte by byte":    {func(c *net.TCPConn) { slowly(c, string(environment())); answer(c) }, Served},
	"answers before the time": {func(c *net.TCPConn) { write(c, string(environment())+"200 result=1\n200 result=1\n"); hear(c); hear(c) }, Served},
	"takes its time to answer": {func(c *net.TCPConn) {
		write(c, string(environment()))
		hear(c)
		write(c, "100 result=0 Trying...\n")
		answer(c)
	}, Served},
}

// endless writes until the server has had enough.
func endless(c net.Conn, part []byte) {
	for {
		if _, err := c.Write(part); err != nil {
			return
		}
	}
}

func slowly(c net.Conn, text string) {
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
	for name, client := range hostile {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			config := quick(Pool(1))
			config.Limits.EnvTime, config.Limits.ScriptTime = 300*time.Millisecond, 300*time.Millisecond
			config.Limits.EnvLines = 50
			s := start(t, config)
			conn := dial(t, s.l)
			client.do(conn)
			eventually(t, "the session ends", func() bool { return s.Counts().Open == 0 && s.Counts().Accepted == 1 })
			if got := s.Log()[0].Fate; got != client.want {
				t.Errorf("fate %v, want %v", got, client.want)
			}
			if commands, err := call(dial(t, s.l)); err != io.EOF || len(commands) != 2 {
				t.Errorf("the next call: %q, %v", commands, err)
			}
		})
	}
}
