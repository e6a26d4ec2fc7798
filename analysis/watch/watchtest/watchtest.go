// Package watchtest makes a Report of a watch for tests: a day on which everything happened that can.
package watchtest

import (
	"math"
	"math/rand/v2"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/target/container"
)

// Begin is when the watch began; it lasted Length.
var Begin = time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)

// Length of the watch.
const Length = 12 * time.Hour

func ptr[T any](v T) *T { return &v }

// at is so long after the beginning.
func at(d time.Duration) time.Time { return Begin.Add(d) }

// Sample returns a report with a listener that overflowed, one that restarted and dropped, two sockets of a port, one
// that has gone, one whose drops are unknown, and idle ones. Its listeners are judged.
func Sample() *watch.Report {
	agi := &container.Container{ID: "3f8e0c6bb9a1d2f4", Name: "agi", Runtime: "docker"}
	old := &container.Container{ID: "77aa0c6bb9a1d2f4", Name: "old-agi", Runtime: "docker"}
	r := &watch.Report{
		Version: "0.2.0", Boot: "4b1d", From: Begin, To: at(Length), Suspended: 2 * time.Minute, Interrupted: true,
		Listeners: []watch.Listener{
			idle(22, "sshd", 128), stuckPort(1), overflowed(), restarted(agi), gone(), unknown(), stuckPort(2),
			idle(6379, "redis-server", 511),
		},
		Namespaces: namespaces(agi, old),
		Events:     events(agi, old),
		Unseen:     listeners.Unseen{Namespaces: 1, Owners: 2},
		Sampling:   watch.Sampling{Samples: 1_204_331, CPU: 61 * time.Second},
		Reasons: &record.DropReasons{
			By: map[string]uint64{"TCP_LISTEN_OVERFLOW": 37, "NO_SOCKET": 1204, "SOCKET_CLOSE": 3}, Lost: 12,
		},
		EventsLeftOut: 3,
	}
	judge(r)
	return r
}

// judge fills in the findings as of the end.
func judge(r *watch.Report) {
	now := &listeners.Report{At: r.To, Boot: r.Boot, Window: r.To.Sub(r.From)}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		l.Cookie = uint64(i + 1)
		l.Depths.Area = l.Depths.Mean * l.Depths.Time.Seconds()
		if l.Waiting != nil {
			l.Waiting.Total = l.Waiting.Mean * time.Duration(l.Waiting.Connections)
		}
		now.Listeners = append(now.Listeners, r.Listeners[i].Listener)
	}
	listeners.Judge(now)
	for _, l := range now.Listeners {
		r.Listeners[l.Cookie-1].Listener = l
	}
}

// listening is a listener on all addresses that was seen from the beginning to the end and dropped nothing.
func listening(port uint16, process string, backlog int) watch.Listener {
	l := watch.Listener{
		Listener: listeners.Listener{Address: "0.0.0.0", Port: port, Netns: listeners.Host, PID: int(port) + 1000,
			Process: process, Backlog: backlog, Somaxconn: ptr(4096), Drops: ptr(0),
			Earlier: &listeners.Earlier{Drops: ptr(0)}},
		First: Begin, Last: at(Length), DropsSeen: ptr(uint64(0)),
		Peak:     watch.Peak{At: Begin},
		Depths:   watch.Distribution{Time: Length, Empty: Length},
		Timeline: watch.Timeline{Slot: time.Minute, Slots: make([]watch.Slot, Length/time.Minute)},
	}
	for i := range l.Timeline.Slots {
		l.Timeline.Slots[i].Seen = true
	}
	return l
}

func idle(port uint16, process string, backlog int) watch.Listener {
	return listening(port, process, backlog)
}

// busy gives a listener a queue that waxes and wanes.
func busy(l *watch.Listener, mean float64, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range l.Timeline.Slots {
		s := &l.Timeline.Slots[i]
		s.Mean = mean * (1 + 0.7*math.Sin(float64(i)/90)) * (0.6 + 0.8*rng.Float64())
		s.Peak = min(int(s.Mean*(1.5+2*rng.Float64())), l.Holds()-1)
	}
	l.Depths.Mean, l.Depths.Empty = mean, l.Depths.Time/4
}

// overflow lets a listener drop from a minute on.
func overflow(l *watch.Listener, minute, minutes int, drops uint64, before int) {
	from, length := time.Duration(minute)*time.Minute+7*time.Second, time.Duration(minutes)*time.Minute-11*time.Second
	l.Overflows = append(l.Overflows, watch.Overflow{
		From: at(from), To: at(from + length), Drops: drops, Before: before, Peak: l.Holds(), Limit: l.Backlog,
	})
	for i := minute; i < minute+minutes; i++ {
		s := &l.Timeline.Slots[i]
		s.Peak, s.Mean, s.Drops = l.Holds(), 0.8*float64(l.Holds()), drops/uint64(minutes)
	}
	l.OverflowCount++
	l.OverflowTime += length
	*l.DropsSeen += drops
	*l.Drops += int(drops)
}

func overflowed() watch.Listener {
	l := listening(4573, "agi-server", 128)
	busy(&l, 14, 1)
	overflow(&l, 187, 1, 12, 40)
	overflow(&l, 430, 9, 1480, 71)
	overflow(&l, 590, 2, 40, 22)
	l.Peak = watch.Peak{Depth: 129, At: at(187*time.Minute + 7*time.Second), Full: true}
	l.Depths = watch.Distribution{Time: Length, Mean: 15.2, P50: 9, P99: 129, P999: 129, Empty: 3 * time.Hour,
		Full: 8*time.Minute + 20*time.Second}
	l.Waiting = &watch.Waiting{Source: watch.SourceAges, Mean: 412 * time.Millisecond, Connections: 81_204,
		Longest: ptr(3100 * time.Millisecond)}
	return l
}

func restarted(in *container.Container) watch.Listener {
	l := listening(4573, "python3", 5)
	l.Address, l.Netns, l.Container, l.Servers = "::", "4026532621", in, []string{"python-socket"}
	busy(&l, 0.6, 2)
	overflow(&l, 300, 2, 44, 2)
	for i := 302; i < 305; i++ {
		l.Timeline.Slots[i] = watch.Slot{}
	}
	for i := 600; i < 618; i++ {
		l.Timeline.Slots[i] = watch.Slot{}
	}
	l.Restarts = 2
	l.Peak = watch.Peak{Depth: 6, At: at(300*time.Minute + 7*time.Second), Full: true}
	l.Depths = watch.Distribution{Time: Length - 21*time.Minute, Mean: 0.6, P50: 0, P99: 4, P999: 6,
		Empty: 9 * time.Hour, Full: 90 * time.Second}
	l.Waiting = &watch.Waiting{Source: watch.SourceLittle, Mean: 23 * time.Millisecond, Connections: 18_411}
	return l
}

// stuckPort is one of two sockets of a port, of which the first is full at the end.
func stuckPort(socket int) watch.Listener {
	l := listening(80, "nginx", 511)
	l.Servers, l.Socket, l.Sockets = []string{"nginx"}, socket, 2
	l.PID += socket
	if socket == 1 {
		l.Depth = 512
		for i := 715; i < 720; i++ {
			l.Timeline.Slots[i].Peak, l.Timeline.Slots[i].Mean = 512-30*(719-i), 480-30*float64(719-i)
		}
		l.Peak = watch.Peak{Depth: 512, At: at(Length - time.Minute), Full: true}
		l.Depths = watch.Distribution{Time: Length, Mean: 3.1, P999: 512, Empty: Length - 5*time.Minute,
			Full: 40 * time.Second}
	}
	return l
}

func gone() watch.Listener {
	l := listening(8080, "java", 50)
	l.Servers = []string{"java-socket"}
	busy(&l, 1.2, 3)
	for i := 370; i < 720; i++ {
		l.Timeline.Slots[i] = watch.Slot{}
	}
	l.Gone, l.Last = true, at(370*time.Minute)
	l.Peak = watch.Peak{Depth: 9, At: at(41*time.Minute + 3*time.Second), AtLeast: true}
	l.Depths = watch.Distribution{Time: 370 * time.Minute, Mean: 1.2, P50: 1, P99: 7, P999: 9, Empty: 90 * time.Minute}
	return l
}

func unknown() watch.Listener {
	l := listening(9000, "mptcpd", 4096)
	l.Address, l.MPTCP, l.Drops, l.DropsSeen, l.Earlier = "::", true, nil, nil, nil
	busy(&l, 4, 4)
	l.Peak = watch.Peak{Depth: 31, At: at(95 * time.Minute), AtLeast: true}
	l.Depths = watch.Distribution{Time: Length, Mean: 4, P50: 3, P99: 19, P999: 31, Empty: 3 * time.Hour}
	return l
}

func namespaces(agi, old *container.Container) []watch.Namespace {
	return []watch.Namespace{
		{Namespace: listeners.Namespace{Netns: listeners.Host, Inode: 4026531840, Somaxconn: ptr(4096),
			Grown: map[string]uint64{"ListenOverflows": 1532, "ListenDrops": 1540, "TcpPassiveOpens": 81_204,
				"TCPSynRetrans": 1398, "SyncookiesSent": 0, "SyncookiesRecv": 0, "SyncookiesFailed": 0,
				"TCPReqQFullDrop": 8, "TCPReqQFullDoCookies": 0}}},
		{Namespace: listeners.Namespace{Netns: "4026532621", Inode: 4026532621, Container: agi, Somaxconn: ptr(4096),
			Grown: map[string]uint64{"ListenOverflows": 40, "ListenDrops": 40, "TcpPassiveOpens": 18_411,
				"TCPSynRetrans": 31, "SyncookiesSent": 12, "SyncookiesRecv": 9}}},
		{Namespace: listeners.Namespace{Netns: "4026532999", Inode: 4026532999, Container: old}, Gone: true},
	}
}

func events(agi, old *container.Container) []watch.Event {
	return []watch.Event{
		{At: at(40 * time.Minute), Kind: watch.Wrapped, Endpoint: "0.0.0.0:4573", Process: "agi-server",
			Netns: listeners.Host},
		{At: at(45 * time.Minute), Kind: watch.Appeared, Endpoint: "[::]:9000", Process: "mptcpd", Netns: "4026532999"},
		{At: at(120 * time.Minute), Kind: watch.NamespaceGone, Netns: "4026532999", Container: old},
		{At: at(302 * time.Minute), Kind: watch.Restarted, Endpoint: "[::]:4573", Process: "python3",
			Netns: "4026532621", Container: agi, Duration: 3 * time.Minute},
		{At: at(370 * time.Minute), Kind: watch.Vanished, Endpoint: "0.0.0.0:8080", Process: "java",
			Netns: listeners.Host},
		{At: at(500 * time.Minute), Kind: watch.Suspended, Duration: 2 * time.Minute},
		{At: at(510 * time.Minute), Kind: watch.Late, Duration: 1400 * time.Millisecond},
		{At: at(600 * time.Minute), Kind: watch.Restarted, Endpoint: "[::]:4573", Process: "python3",
			Netns: "4026532621", Container: agi},
		{At: at(700 * time.Minute), Kind: watch.DiskFull, Text: "morning.trace"},
	}
}
