package portable

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"agistorm/loadgen/engine"
)

// busy is a talk that is busy for a while with each read, as a generator with too much to do is.
type busy struct{ time.Duration }

func (busy) Open(dst []byte, _ int) []byte { return append(dst, "environment\n"...) }

func (busy) Greeting() []byte { return []byte("environment\n") }

func (b busy) Receive(dst []byte, _ int, in []byte) ([]byte, int, error) {
	time.Sleep(b.Duration)
	return append(dst, "reply\n"...), len(in) / len(command), nil
}

func (busy) HangUp(dst []byte, _ int) []byte { return append(dst, "HANGUP\n"...) }

func (busy) Close(dst []byte, _ int) ([]byte, error) { return dst, nil }

const command = "command\n"

type now struct{}

func (now) Len() int             { return 1 }
func (now) At(int) time.Duration { return 0 }

// serve accepts one client, reads its environment, and lets the script do the rest.
func serve(t *testing.T, script func(c net.Conn, in *bufio.Reader)) netip.AddrPort {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		if _, err := in.ReadString('\n'); err != nil {
			t.Error(err)
		}
		script(c, in)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func play(t *testing.T, address netip.AddrPort, talk engine.Talk, think time.Duration) (*engine.Lags, engine.Flow) {
	e, err := New(engine.Plan{
		Addresses: []netip.AddrPort{address}, Schedule: now{}, Talk: talk, Think: think,
		ConnectLimit: time.Minute, FirstCommandLimit: time.Minute, SessionLimit: time.Minute, NotOfferedAfter: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	flow := e.Run(context.Background(), time.Now())[0]
	lags, fromArrival := e.ReplyLags()
	if fromArrival {
		t.Error("package net has no arrival stamps, and the lags count from them")
	}
	return lags, flow
}

// TestReplyLag: what the generator itself takes is its lag. The server's own clock bounds it from above.
func TestReplyLag(t *testing.T) {
	const commands, work, think = 3, 30 * time.Millisecond, 60 * time.Millisecond
	for _, thinks := range []time.Duration{0, think} {
		waits := make(chan time.Duration, commands)
		address := serve(t, func(c net.Conn, in *bufio.Reader) {
			for range commands {
				sent := time.Now()
				_, err := io.WriteString(c, command)
				if _, readErr := in.ReadString('\n'); err != nil || readErr != nil {
					t.Error(err, readErr)
				}
				waits <- time.Since(sent)
			}
		})
		lags, flow := play(t, address, busy{work}, thinks)
		var most, sum time.Duration
		for range commands {
			wait := <-waits
			most, sum = max(most, wait-thinks), sum+wait-thinks
		}
		// The work happens within the think time, if there is one that is longer.
		least := max(work-thinks, 0)
		if lags.Count != commands || lags.Sum < commands*least || lags.Sum > sum || lags.Max < least ||
			lags.Max > most {
			t.Errorf("think %v: %d lags, sum %v, max %v; want %d, %v to %v, %v to %v", thinks, lags.Count, lags.Sum,
				lags.Max, commands, commands*least, sum, least, most)
		}
		if !flow.HasReply || flow.ReplyLag != lags.Max || flow.ReplyLagSum != lags.Sum {
			t.Errorf("think %v: the call's own lags are %v, sum %v (%v), and those of all %v, %v",
				thinks, flow.ReplyLag, flow.ReplyLagSum, flow.HasReply, lags.Max, lags.Sum)
		}
	}
}

// TestReplyLagOfNoReply: a server that only closes waits for no reply.
func TestReplyLagOfNoReply(t *testing.T) {
	lags, flow := play(t, serve(t, func(net.Conn, *bufio.Reader) {}), busy{}, 0)
	if lags.Count != 0 || flow.HasReply || flow.ReplyLagSum != 0 {
		t.Errorf("%d lags, %v, sum %v; want none", lags.Count, flow.HasReply, flow.ReplyLagSum)
	}
}

// TestReplyLagOfAClosedConnection: where the connection cannot be written to any more, the server waited
// all the same.
func TestReplyLagOfAClosedConnection(t *testing.T) {
	l := lagged{}
	a := attempt{plan: &engine.Plan{}, flow: &engine.Flow{}, epoch: time.Now(), addLag: l.add,
		conn: closedConnection(t)}
	if err := a.reply([]byte("reply\n"), -time.Second); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, want that it is closed", err)
	}
	if len(l.all) != 1 || l.all[0] < time.Second || a.flow.ReplyLagSum != l.all[0] || !a.flow.HasReply {
		t.Errorf("lags %v, sum %v, reply %v; want one of at least 1 s", l.all, a.flow.ReplyLagSum,
			a.flow.HasReply)
	}
}

type lagged struct{ all []time.Duration }

func (l *lagged) add(lag time.Duration) { l.all = append(l.all, lag) }

func closedConnection(t *testing.T) *net.TCPConn {
	address := serve(t, func(net.Conn, *bufio.Reader) {})
	c, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(c, "environment\n")
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}
