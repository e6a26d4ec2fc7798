package rules

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
	"agistorm/target/netns/link"
)

// linuxMeasurements take what claims about the queue are judged by.
var linuxMeasurements = slices.Concat([]Rule{
	{Name: "kept-of-int-max", own: true, measure: keptOfIntMax},
	{Name: "kept-of-constants", own: true, set: sysctls{somaxconn: 16384}, measure: keptOfConstants},
	{Name: "kept-after-raise", own: true, set: sysctls{somaxconn: 64}, measure: keptAfterRaise},
	{Name: "places-of-zero", measure: placesOfZero},
	{Name: "places-of-five", measure: placesOfFive},
	{Name: "places-of-both", own: true, set: sysctls{syncookies: 0}, measure: placesOfBoth},
	{Name: "answers-when-full", own: true, slow: true, measure: answersWhenFull},
	{Name: "answers-of-abort", own: true, slow: true, set: sysctls{abortOverflow: 1, syncookies: 1},
		measure: answersOfAbort},
	{Name: "stay-in-syn-queue", own: true, slow: true, measure: stayInSYNQueue},
	{Name: "memory-of-queues", own: true, alone: true, set: sysctls{somaxconn: longQueue}, measure: memoryOfQueues},
	{Name: "somaxconn-of-fresh", own: true, set: sysctls{somaxconn: 1234}, measure: somaxconnOfFresh},
}, keptByGo(4096), keptByGo(goLimit-1), keptByGo(goLimit))

const (
	intMax = 1<<31 - 1
	// goLimit is the least somaxconn that Go's package net cannot read (net/parse.go, big).
	goLimit = 0xFFFFFF
)

// keptOfIntMax listens with INT_MAX under several limits.
func keptOfIntMax(s *site) Finding {
	n := Numbers{}
	for _, limit := range []int{64, 4096, 262144, intMax} {
		s.set(somaxconn, limit)
		n[fmt.Sprint("kept_", limit)] = float64(listen(intMax).limit())
	}
	return measured(n)
}

// keptOfConstants listens with both values that the constant SOMAXCONN has had (before and since Linux 5.4).
func keptOfConstants(*site) Finding {
	return measured(Numbers{
		"limit":     float64(number(somaxconn)),
		"kept_128":  float64(listen(128).limit()),
		"kept_4096": float64(listen(4096).limit()),
	})
}

// keptAfterRaise raises the limit after one server has read it, and another listens with INT_MAX.
func keptAfterRaise(s *site) Finding {
	read, live := number(somaxconn), listen(intMax)
	s.set(somaxconn, 200)
	n := Numbers{
		"read":      float64(read),
		"raised":    float64(number(somaxconn)),
		"kept_read": float64(listen(read).limit()),
		"kept_live": float64(live.limit()),
	}
	live.listen(intMax)
	n["kept_again"] = float64(live.limit())
	return measured(n)
}

// keptByGo returns the measurement of a Go server under one limit: package net reads it once per process.
func keptByGo(limit int) []Rule {
	name := strconv.Itoa(limit)
	return []Rule{{
		Name: "kept-by-go-" + name, own: true, set: sysctls{somaxconn: limit},
		measure: func(*site) Finding { return measured(Numbers{"kept_" + name: float64(goBacklog())}) },
	}}
}

func placesOfZero(*site) Finding { return places(0, 3) }
func placesOfFive(*site) Finding { return places(5, 12) }

// places offers connections to a queue that nobody accepts from.
func places(backlog, offered int) Finding {
	l := listen(backlog)
	return measured(Numbers{
		"backlog": float64(l.limit()), "offered": float64(offered), "queued": float64(l.offer(offered)),
	})
}

// placesOfBoth fills the SYN queue but for one place, through which the accept queue is filled then.
func placesOfBoth(*site) Finding {
	const backlog = 16
	l := listen(backlog)
	l.halfOpen(backlog - 1)
	l.fill()
	return measured(Numbers{
		"backlog": backlog, "half_open": float64(l.synQueue()), "accept_queue": float64(l.depth()),
	})
}

// pastFirst is a time within which a dropped SYN has been retransmitted once.
const pastFirst = 1300 * time.Millisecond

// answersWhenFull connects to a full queue, without tcp_abort_on_overflow and with it.
func answersWhenFull(s *site) Finding {
	n := Numbers{"connects": 0, "refused": 0, "waiting": 0}
	for abort := range 2 {
		s.set(abortOverflow, abort)
		l := listen(4)
		l.fill()
		var clients []*client
		for range 20 {
			clients = append(clients, l.connect())
		}
		time.Sleep(pastFirst)
		for _, c := range clients {
			n["connects"]++
			switch {
			case c.info().State == synSent:
				n["waiting"]++
			case c.failure() == "refused":
				n["refused"]++
			}
		}
	}
	return measured(n)
}

// answersOfAbort counts the clients that learn of an overflow with tcp_abort_on_overflow, by the packet that was
// dropped: a SYN, a last ACK, and a last ACK that carries a cookie.
func answersOfAbort(*site) Finding {
	const each = 4
	syn, ack, cookie := listen(16), listen(16), listen(4)
	syn.fill()
	var offered []*client
	for range each {
		offered = append(offered, syn.connect())
	}
	held := holdACKs(ack, each)
	fillSYNQueue(cookie, nil)
	known := holdACKs(cookie, each)
	for _, c := range slices.Concat(held, known) {
		c.write("x")
	}
	return measured(Numbers{
		"each":        each,
		"syn_told":    float64(told(offered)),
		"ack_told":    float64(told(held)),
		"cookie_told": float64(told(known)),
	})
}

// holdACKs makes phantoms, and fills the queue behind them.
func holdACKs(l *listener, n int) (clients []*client) {
	for range n {
		clients = append(clients, l.phantom())
	}
	l.fill()
	return clients
}

// told returns how many of the clients learn that they have failed before the first retransmission.
func told(clients []*client) int {
	left := slices.Clone(clients)
	await(settle, func() bool {
		left = slices.DeleteFunc(left, func(c *client) bool { return c.failure() != fate(nil) })
		return len(left) == 0
	})
	return len(clients) - len(left)
}

const (
	// farAway is the round trip of a client on a link.
	farAway = 40 * time.Millisecond
	// heldFor is how long a half-open connection is watched that does not get into the accept queue.
	heldFor = 1500 * time.Millisecond
)

// stayInSYNQueue measures how long a connection is half-open: with a round trip between client and server, and
// with an accept queue that is full when its last ACK arrives.
func stayInSYNQueue(*site) Finding {
	beside := must(netns.NewBeside())
	joined := must(link.Join(beside.Home(), beside.There(), link.Options{RTT: farAway}))
	var stays []time.Duration
	for range 5 {
		stays = append(stays, stayOf(beside))
	}
	must(joined.Close())
	slices.Sort(stays)
	return measured(Numbers{
		"rtt_ms": milliseconds(farAway), "stay_ms": milliseconds(stays[len(stays)/2]),
		"held_ms": milliseconds(stayWhenFull()),
	})
}

func milliseconds(d time.Duration) float64 { return float64(d.Milliseconds()) }

// stayOf watches one connection from the other end of the link.
func stayOf(beside *netns.Beside) time.Duration {
	address := link.Server.As4()
	l := listenAt(&unix.SockaddrInet4{Addr: address}, false, 16)
	check(beside.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
		if err != nil {
			return os.NewSyscallError("socket", err)
		}
		err = unix.Connect(fd, &unix.SockaddrInet4{Addr: address, Port: l.port})
		if errors.Is(err, unix.EINPROGRESS) {
			return nil
		}
		return os.NewSyscallError("connect", err)
	}))
	if !await(settle, func() bool { return l.synQueue() > 0 }) {
		check(fmt.Errorf("no SYN over the link within %v", settle))
	}
	seen := time.Now()
	await(short, func() bool { return l.synQueue() == 0 })
	return time.Since(seen)
}

// stayWhenFull watches a half-open connection whose last ACK found the accept queue full, for heldFor at most.
func stayWhenFull() time.Duration {
	l := listen(4)
	c := l.phantom()
	l.fill()
	l.counted([]event{{"ListenOverflows", 1}}, func() { c.write("x") })
	begin := time.Now()
	await(heldFor, func() bool { return l.synQueue() == 0 })
	return time.Since(begin)
}

// longQueue is the backlog of the queues whose memory is measured.
const longQueue = 65535

// memoryOfQueues measures what the kernel's memory grows by: when sockets begin to listen with long queues, and
// for each connection that is queued then.
func memoryOfQueues(*site) Finding {
	const sockets = 64
	grown := math.Inf(1)
	for range 5 { // other programs take and free memory, too: the least growth is nearest to the sockets' own
		before := availableMemory()
		for range sockets {
			listen(longQueue)
		}
		grown = min(grown, max(before-availableMemory(), 0))
	}
	entry, least := entryBytes(listen(longQueue))
	return measured(Numbers{
		"sockets": sockets, "backlog": longQueue, "grown_bytes": grown, "entry_bytes": entry, "entry_is_least": least,
	})
}

// availableMemory returns MemAvailable of /proc/meminfo, in bytes.
func availableMemory() float64 { return must(parseAvailable(proc("/proc/meminfo"))) }

// parseAvailable finds the line "MemAvailable: 123 kB" (fs/proc/meminfo.c).
func parseAvailable(text string) (bytes float64, err error) {
	for line := range strings.Lines(text) {
		var kibibytes int
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kibibytes); n == 1 {
			return float64(kibibytes) * 1024, nil
		}
	}
	return 0, errors.New("meminfo: no MemAvailable in it")
}

// entryBytes returns what one queued connection takes: all objects of it where this user may see the kernel's
// caches, else the socket alone (then least is 1).
func entryBytes(l *listener) (bytes, least float64) {
	socket := float64(tcpProtocol().Size)
	if _, err := os.ReadFile("/proc/slabinfo"); err != nil {
		return socket, 1
	}
	before := slabs()
	for range manyQueued {
		l.connect().abort()
	}
	await(settle, func() bool { return l.depth() == manyQueued })
	if all, _ := perObject(before, slabs(), l.depth()); all > 0 {
		return float64(all), 0
	}
	return socket, 1 // other programs change these caches
}

// somaxconnOfFresh reads the limit that a new namespace has, whatever its maker's is.
func somaxconnOfFresh(*site) Finding {
	return measured(Numbers{"fresh": float64(must(strconv.Atoi(born(somaxconn)[0])))})
}
