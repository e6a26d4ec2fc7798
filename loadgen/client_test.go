package loadgen

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/target/agi"
)

// closedAddress is an address of this host without a listener.
func closedAddress(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func TestConnectOnly(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		var mutex sync.Mutex
		received := 0
		address := start(t, func(_ *testing.T, c *net.TCPConn) {
			n, _ := io.Copy(io.Discard, c)
			mutex.Lock()
			defer mutex.Unlock()
			received += int(n)
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 5}, Limits: patient, Engine: engine,
			Client: caller.Client{Name: caller.ConnectOnly},
		})
		for _, a := range attempts {
			if a.Outcome != record.Connected || a.Connected == nil || a.BytesOut != 0 || a.Commands != 0 {
				t.Errorf("%+v, want connected and nothing said", a)
			}
		}
		mutex.Lock()
		defer mutex.Unlock()
		if received != 0 {
			t.Errorf("the server received %d bytes", received)
		}
	})
}

// TestConnectOnlyStays: with a time to hang up the connection is held so long, and a
// server that talks meanwhile is not answered.
func TestConnectOnlyStays(t *testing.T) {
	address := start(t, func(_ *testing.T, c *net.TCPConn) {
		_, _ = io.WriteString(c, "220 ready\r\n")
		waits(nil, c)
	})
	engines(t, func(t *testing.T, engine string) {
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 3}, Limits: patient, Engine: engine,
			Client: caller.Client{Name: caller.ConnectOnly, HangUpAfter: 50 * time.Millisecond},
		})
		for _, a := range attempts {
			if a.Outcome != record.Connected || a.Done-*a.Connected < 50*time.Millisecond || a.BytesIn != 11 ||
				a.BytesOut != 0 {
				t.Errorf("%+v, want connected for 50 ms, 11 bytes read, nothing said", a)
			}
		}
	})
}

// TestSingleWrite: the whole environment comes with one read.
func TestSingleWrite(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		first := make(chan int, 3)
		address := start(t, func(t *testing.T, c *net.TCPConn) {
			in := make([]byte, 64<<10)
			n, err := c.Read(in)
			if err != nil {
				t.Error(err)
			}
			first <- n
			_, _ = io.WriteString(c, "NOOP\n")
			_, _ = c.Read(in)
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 3}, Limits: patient, Engine: engine,
			Client: caller.Client{Name: caller.SingleWrite},
		})
		for _, a := range attempts {
			// All but the reply and HANGUP came with the first read.
			if n := <-first; a.Outcome != record.Answered || n < 400 {
				t.Errorf("outcome %s, %d bytes with the first read, want the whole environment", a.Outcome, n)
			}
		}
	})
}

func TestArgsAndVariables(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		replies := make(chan []string, 2)
		tails := make(chan []string, 2)
		address := start(t, func(t *testing.T, c *net.TCPConn) {
			in := bufio.NewReader(c)
			lines, err := readEnvironment(in)
			if err != nil {
				t.Error(err)
				return
			}
			var got []string
			for _, command := range []string{
				"GET VARIABLE QUEUE", "GET VARIABLE OTHER", "SET VARIABLE OTHER set", "GET VARIABLE OTHER", "WHAT", "SAY ALPHA",
			} {
				fmt.Fprintln(c, command)
				for {
					reply, err := in.ReadString('\n')
					if err != nil {
						t.Error(err)
						return
					}
					got = append(got, strings.TrimSuffix(reply, "\n"))
					if !strings.HasPrefix(reply, "520-") && !strings.HasPrefix(reply, "Usage") {
						break
					}
				}
			}
			replies <- got
			tails <- lines[len(lines)-2:]
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 2}, Limits: patient, Engine: engine,
			Client: caller.Client{Args: []string{"sales", ""}, Variables: map[string]string{"QUEUE": "support"}},
		})
		for _, a := range attempts {
			want := []string{
				"200 result=1 (support)", "200 result=0", "200 result=1", "200 result=1 (set)", "510 Invalid or unknown command",
				"520-Invalid command syntax.  Proper usage follows:", "Usage: SAY ALPHA <text> <escape digits>",
				"520 End of proper usage.",
			}
			if diff := cmp.Diff(want, <-replies); diff != "" {
				t.Errorf("replies (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"agi_arg_1: sales\n", "agi_arg_2: \n"}, <-tails); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			if a.Outcome != record.Answered || a.Commands != 5 {
				t.Errorf("%s with %d commands, want answered with 5: WHAT is none", a.Outcome, a.Commands)
			}
		}
	})
}

// TestThink: each of two answers comes so long after its command, and that time is no reply lag.
func TestThink(t *testing.T) {
	const think, calls = 30 * time.Millisecond, 20
	engines(t, func(t *testing.T, engine string) {
		waited := make(chan time.Duration, 2*calls)
		address := start(t, func(_ *testing.T, c *net.TCPConn) {
			in := bufio.NewReader(c)
			_, _ = readEnvironment(in)
			for range 2 {
				asked := time.Now()
				fmt.Fprintln(c, "NOOP")
				_, _ = in.ReadString('\n')
				waited <- time.Since(asked)
			}
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address},
			Schedule:  arrival.Burst{Calls: calls}, Limits: patient, Engine: engine,
			Client: caller.Client{Think: think},
		})
		var beyond, lags time.Duration
		for range 2 * calls {
			w := <-waited
			if w < think {
				t.Errorf("a reply after %v, want %v or more", w, think)
			}
			beyond += w - think
		}
		for _, a := range attempts {
			if a.Outcome != record.Answered || a.Commands != 2 || a.ReplyLag == nil {
				t.Fatalf("%s with %d commands, reply lag %v; want answered, 2, and a lag", a.Outcome, a.Commands,
					a.ReplyLag)
			}
			lags += a.ReplyLagSum
		}
		if lags <= 0 {
			t.Errorf("reply lags of %v: the engine takes time itself", lags)
		}
		if lags > beyond+calls*time.Millisecond { // the clocks' own difference
			t.Errorf("reply lags of %v, but all that the server waited beyond the think time is %v", lags, beyond)
		}
	})
}

// TestHangUp: the caller goes in the middle of a session: HANGUP, then a dead channel, and HANGUP again at
// the end, as a real Asterisk did it (the capture hangup-midsession).
func TestHangUp(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		received := make(chan string, 3)
		address := start(t, func(t *testing.T, c *net.TCPConn) {
			in := bufio.NewReader(c)
			if _, err := readEnvironment(in); err != nil {
				t.Error(err)
			}
			fmt.Fprintln(c, "ANSWER")
			var lines []string
			for range 2 { // the reply and, later, HANGUP
				line, _ := in.ReadString('\n')
				lines = append(lines, line)
			}
			fmt.Fprintln(c, "CHANNEL STATUS")
			line, _ := in.ReadString('\n')
			_ = c.CloseWrite()
			rest, _ := io.ReadAll(in)
			received <- strings.Join(lines, "") + line + string(rest)
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 3}, Limits: patient, Engine: engine,
			Client: caller.Client{HangUpAfter: 40 * time.Millisecond},
		})
		const want = "200 result=0\n" + agi.HangUp +
			"511 Command Not Permitted on a dead channel or intercept routine\n" + agi.HangUp
		for _, a := range attempts {
			if got := <-received; got != want {
				t.Errorf("the server received %q, want %q", got, want)
			}
			if a.Outcome != record.Answered || a.Done-*a.Connected < 40*time.Millisecond {
				t.Errorf("%s after %v", a.Outcome, a.Done-*a.Connected)
			}
		}
	})
}

// TestAddressesInTurn: the first refuses, the second answers.
func TestAddressesInTurn(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		dead, good := closedAddress(t), start(t, politeServer("NOOP"))
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{dead, good}, Schedule: arrival.Burst{Calls: 5}, Limits: patient, Engine: engine,
		})
		for _, a := range attempts {
			if a.Outcome != record.Answered || a.Address != good.String() {
				t.Errorf("%s at %s, want answered at %s", a.Outcome, a.Address, good)
			}
		}
		_, attempts = play(t, Config{
			Addresses: []netip.AddrPort{dead, closedAddress(t)},
			Schedule:  arrival.Burst{Calls: 2}, Limits: patient, Engine: engine,
		})
		for _, a := range attempts {
			if a.Outcome != record.Refused || a.Address == dead.String() {
				t.Errorf("%s at %s, want refused by the second", a.Outcome, a.Address)
			}
		}
	})
}

func TestSources(t *testing.T) {
	addrs, err := caller.ParseSources("127.0.0.8/30")
	if err != nil {
		t.Fatal(err)
	}
	engines(t, func(t *testing.T, engine string) {
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{start(t, politeServer("NOOP"))},
			Schedule:  arrival.Burst{Calls: 10}, Limits: patient, Engine: engine,
			Sources: Sources{Addrs: addrs, Low: 20000, High: 20100},
		})
		for i, a := range attempts {
			local, err := netip.ParseAddrPort(a.Local)
			if err != nil || local.Addr() != addrs[i%2] || a.Outcome != record.Answered {
				t.Errorf("attempt %d: %s from %s, want answered from %s", i, a.Outcome, a.Local, addrs[i%2])
			}
			if planned := local.Port() >= 20000 && local.Port() <= 20100; engine == Epoll && !planned {
				t.Errorf("attempt %d has port %d, want one of the planned 20000 to 20100", i, local.Port())
			}
		}
	})
}

// hosted is a burst of calls whose hosts are known.
type hosted struct {
	arrival.Burst
	hosts []int
}

func (h hosted) Host(i int) int { return h.hosts[i] }

// TestHostsHaveSources: all calls of a host come from one source, with fewer sources than hosts too, and in shares of a
// storm.
func TestHostsHaveSources(t *testing.T) {
	addrs, err := caller.ParseSources("127.0.0.8/31")
	if err != nil {
		t.Fatal(err)
	}
	hosts := []int{0, 0, 1, 2, 0, 1, 1, 3, 0, 2}
	engines(t, func(t *testing.T, engine string) {
		for _, share := range []Share{{}, {K: 1, N: 2}} {
			_, attempts := play(t, Config{
				Addresses: []netip.AddrPort{start(t, politeServer("NOOP"))},
				Schedule:  hosted{arrival.Burst{Calls: len(hosts)}, hosts}, Share: share, Limits: patient,
				Engine: engine, Sources: Sources{Addrs: addrs, Low: 20000, High: 20100},
			})
			if want := len(hosts) / max(1, share.N); len(attempts) != want {
				t.Fatalf("%d attempts, want %d", len(attempts), want)
			}
			for _, a := range attempts {
				local, err := netip.ParseAddrPort(a.Local)
				if want := addrs[hosts[a.Seq]%2]; err != nil || local.Addr() != want {
					t.Errorf("call %d of host %d from %s, want %s", a.Seq, hosts[a.Seq], a.Local, want)
				}
			}
		}
	})
}

// TestSourcesErrors: what cannot be bound is said before the storm.
func TestSourcesErrors(t *testing.T) {
	server := netip.MustParseAddrPort("127.0.0.1:4573")
	parse := func(s string) []netip.Addr {
		addrs, err := caller.ParseSources(s)
		if err != nil {
			t.Fatal(err)
		}
		return addrs
	}
	for _, c := range []struct {
		sources Sources
		want    string
	}{
		{Sources{Addrs: parse("fd00::1")}, "one is IPv4, the other IPv6"},
		{Sources{Addrs: parse("192.0.2.1"), Low: 20000, High: 20100}, "192.0.2.1"},
		{Sources{Addrs: parse("127.0.0.9"), Low: 20000, High: 20001}, "20000 to 20001 are taken"},
	} {
		s, err := Prepare(Config{Addresses: []netip.AddrPort{server}, Schedule: arrival.Burst{Calls: 3}, Limits: patient,
			Sources: c.sources, Engine: Epoll})
		expect(t, fmt.Sprintf("%+v", c.sources), err, c.want)
		if err == nil {
			s.Close()
		}
	}
}

// TestShare: three shares are the storm, and each caller has the identity that he has in the whole.
func TestShare(t *testing.T) {
	address := start(t, politeServer("NOOP"))
	whole := Config{Addresses: []netip.AddrPort{address},
		Schedule: arrival.Bursts{Calls: 10, Size: 2, Every: time.Millisecond}, Limits: patient, Seed: 3}
	var seen []uint64
	for k := range 3 {
		c := whole
		c.Share = Share{}.Of(k, 3)
		storm, err := Prepare(c)
		if err != nil {
			t.Fatal(err)
		}
		account, list := storm.Run(t.Context(), time.Now())
		for a := range list {
			seen = append(seen, a.Seq)
			if a.Outcome != record.Answered || a.Intended != whole.Schedule.At(int(a.Seq)) {
				t.Errorf("attempt %d: %s, intended %v", a.Seq, a.Outcome, a.Intended)
			}
		}
		if want := fmt.Sprintf("%d/3", k); account.Workers[0].Share != want {
			t.Errorf("share %s, want %s", account.Workers[0].Share, want)
		}
		storm.Close()
		if got, want := newTalk(c).Open(nil, 1), newTalk(whole).Open(nil, k+3); string(got) != string(want) {
			t.Errorf("share %d says\n%s\nand the whole\n%s", k, got, want)
		}
	}
	slices.Sort(seen)
	if diff := cmp.Diff([]uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, seen); diff != "" {
		t.Errorf("attempts of all shares (-want +got):\n%s", diff)
	}
	if got := (Share{K: 1, N: 3}).Of(1, 2); got != (Share{K: 4, N: 6}) {
		t.Errorf("the second half of 1/3 is %+v, want 4/6", got)
	}
}

// TestHangUpComesAfterTheEnvironment: a caller that leaves at once has sent its environment.
func TestHangUpComesAfterTheEnvironment(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		const calls = 200
		first := make(chan string, calls)
		address := start(t, func(_ *testing.T, c *net.TCPConn) {
			line, _ := bufio.NewReader(c).ReadString('\n')
			first <- line
		})
		play(t, Config{
			Addresses: []netip.AddrPort{address},
			Schedule:  arrival.Burst{Calls: calls}, Limits: patient, Engine: engine,
			Client: caller.Client{HangUpAfter: time.Nanosecond},
		})
		for range calls {
			if line := <-first; line != "agi_network: yes\n" {
				t.Fatalf("the first line is %q", line)
			}
		}
	})
}

// TestReach: of a name that stands for both families the sources' is left.
func TestReach(t *testing.T) {
	both := []netip.AddrPort{netip.MustParseAddrPort("[::1]:4573"), netip.MustParseAddrPort("127.0.0.1:4573")}
	sources := Sources{Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.5")}}
	if got := sources.Reach(both); len(got) != 1 || got[0] != both[1] {
		t.Errorf("%v", got)
	}
	if got := (Sources{}).Reach(both); len(got) != 2 {
		t.Errorf("without sources: %v", got)
	}
	if got := sources.Reach(both[:1]); len(got) != 1 {
		t.Errorf("none that fits: %v, want what there was, for Fit to say", got)
	}
}

// TestThinkBeyondTheFirstCommand: the limit is on the server's first command, not on the client's thought
// about it.
func TestThinkBeyondTheFirstCommand(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		limits := patient
		limits.FirstCommand = 200 * time.Millisecond
		client := caller.Client{Name: caller.Asterisk, Think: 400 * time.Millisecond}
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{start(t, politeServer("NOOP"))},
			Schedule:  arrival.Burst{Calls: 3}, Limits: limits, Client: client, Engine: engine,
		})
		for _, a := range attempts {
			if a.Outcome != record.Answered {
				t.Errorf("%s after %d commands (limit %q)", a.Outcome, a.Commands, a.Limit)
			}
		}
	})
}
