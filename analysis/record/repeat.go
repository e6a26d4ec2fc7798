package record

import (
	"cmp"
	"errors"
	"time"
)

// Repeat is one storm in one cell. A part that could not be measured is nil or
// empty: a storm at an external server has no Target, another system no Kernel.
type Repeat struct {
	Attempts []Attempt
	Storm    Storm
	Queue    []QueueSample
	Kernel   *Kernel
	// Counters over time; empty where they were not watched.
	Counters []CounterSample
	Target   *Target
	// Served is the user's own server, if the storm went to one.
	Served *Served
	// Output is the end of what that server wrote, in whole lines of 2 KiB at most.
	Output string
	// Damaged lists what is wrong with the files that it was read from, a line each; empty where they are as
	// they were written.
	Damaged []string
}

// Storm is the generator's account of itself (storm.json).
type Storm struct {
	// Engine that played the storm: "epoll" or "portable".
	Engine string `json:"engine"`
	// Start of the storm by the wall clock; every offset counts from here.
	Start time.Time `json:"start"`
	// Target address, host:port.
	Address string `json:"address"`
	// Wall time from the start until the last attempt was settled.
	Wall time.Duration `json:"wall_ns"`
	// CPU time that the generator's processes used during the storm; nil where the system does not report it.
	CPU *time.Duration `json:"cpu_ns,omitempty"`
	// NotOfferedAfter is the start lag from which an arrival counts as not offered.
	NotOfferedAfter time.Duration `json:"not_offered_after_ns"`
	// Lacks names what the engine cannot measure on this system: LacksTCPInfo, LacksArrivalStamps.
	Lacks []string `json:"lacks,omitempty"`
	// Workers are the processes that played the storm together.
	Workers []Worker `json:"workers,omitempty"`
}

// check refuses a storm that lacks what every one has.
func (s *Storm) check() error {
	switch {
	case s.Engine == "":
		return errors.New("it names no engine")
	case s.Start.IsZero():
		return errors.New("it has no start")
	}
	return nil
}

// Worker is one process of the generator: how well it was.
type Worker struct {
	// Share of the storm's attempts, "K/N": the K-th of N, from 0.
	Share string `json:"share"`
	// Host that it ran on, where the storm had several.
	Host string `json:"host,omitempty"`
	// Attempts that it was to make.
	Attempts int `json:"attempts"`
	// Wall time from the start until its last attempt was settled.
	Wall time.Duration `json:"wall_ns"`
	// CPU time of the process; nil where the system does not report it.
	CPU *time.Duration `json:"cpu_ns,omitempty"`
	// Thread that played; nil where there is no such thread, or the system does not report it.
	Thread *Thread `json:"thread,omitempty"`
	// Pauses in which Go's collector stopped the process; nil where they were not counted.
	Pauses *Pauses `json:"collector_pauses,omitempty"`
	// Stops of the process by a signal; nil where the system does not tell them, and in earlier records.
	Stops *Stops `json:"stops,omitempty"`
	// ReplyLag of all its replies; nil where nothing was replied, and in records before 0.2.
	ReplyLag *Lag `json:"reply_lag,omitempty"`
	// Steal is what a hypervisor took from its machine during the storm; nil where the system does not report
	// it.
	Steal *Steal `json:"steal,omitempty"`
	// Priority of the process; nil where the system does not report it, and in records before 0.2.
	Priority *Priority `json:"priority,omitempty"`
}

// Stops are how often a signal stopped a process (SIGSTOP, a debugger), and for how long at most.
type Stops struct {
	Count   int           `json:"count"`
	Longest time.Duration `json:"longest_ns"`
}

// Priority is how a process of the storm competed for the CPU, as the kernel had it.
type Priority struct {
	// Nice value of the process, -20 to 19; 0 is that of most others.
	Nice int `json:"nice"`
	// AutogroupNice is the nice value of its session among all sessions, -20 to 19; nil where the kernel does
	// not group processes by session.
	AutogroupNice *int `json:"autogroup_nice,omitempty"`
	// Session is its ID: processes of one session have the same.
	Session int `json:"session"`
}

// Ahead reports whether the process got the CPU before other work: it has a higher priority than most
// processes, and so has its session where sessions are grouped. Of an unknown priority it is false.
func (p *Priority) Ahead() bool {
	return p != nil && p.Nice < 0 && (p.AutogroupNice == nil || *p.AutogroupNice < 0)
}

// Steal is CPU time that a hypervisor gave to others while a virtual machine wanted it, summed over its CPUs
// (the kernel's Documentation/filesystems/proc.rst, /proc/stat). It is counted in ticks of 10 ms.
type Steal struct {
	Time time.Duration `json:"stolen_ns"`
	CPUs int           `json:"cpus"`
}

// Thread is the time that a thread spent on a CPU, and Waited the time that it was ready to run and
// had none (the run queue; both from schedstat, the kernel's Documentation/scheduler/sched-stats.rst).
type Thread struct {
	CPU    time.Duration `json:"cpu_ns"`
	Waited time.Duration `json:"waited_ns"`
}

// Pauses of a process during the storm.
type Pauses struct {
	Count int `json:"count"`
	// Longest and Total are upper bounds: the runtime reports a pause's bracket.
	Longest time.Duration `json:"longest_ns"`
	Total   time.Duration `json:"total_ns"`
}

// What Storm.Lacks can name.
const (
	// LacksTCPInfo: no SYN retransmissions and no kernel's account of the handshake.
	LacksTCPInfo = "tcp-info"
	// LacksArrivalStamps: reply lags count from the read of a command, not from its arrival.
	LacksArrivalStamps = "arrival-stamps"
)

// QueueSample is one sample of the listening socket. Sampled up to 10,000 times a second,
// written when something changed and at least every 10 ms.
type QueueSample struct {
	At time.Duration `json:"at_ns"`
	// Depth of the accept queue (tcpi_unacked of the listener).
	Depth uint32 `json:"depth"`
	// Limit is the effective backlog (tcpi_sacked of the listener); the queue holds one more.
	Limit uint32 `json:"limit"`
	// Drops of this listening socket so far (SO_MEMINFO); nil where it cannot be read.
	Drops *uint32 `json:"drops,omitempty"`
}

func (s *QueueSample) check() error {
	return cmp.Or(checkCount("depth", int64(s.Depth)), checkCount("limit", int64(s.Limit)),
		checkTimes(-longest, instant{"at_ns", &s.At}))
}

// Counters are kernel counters by the kernel's own names ("ListenOverflows", "TcpActiveOpens",
// "lo.rx_dropped", of the link's interface "agi0.tx_dropped"). One that the kernel lacks is absent, not 0.
type Counters map[string]uint64

// Counters that several packages read (net/ipv4/proc.c).
const (
	// ListenOverflows counts what a full accept queue did not take.
	ListenOverflows = "ListenOverflows"
	// ListenDrops counts all that a listening socket did not take.
	ListenDrops = "ListenDrops"
)

// CounterSample is what the kernel's counters have gained since the storm was prepared, as far as the
// consistency checks use them. Sampled every 10 ms, written when something changed (counters.jsonl).
type CounterSample struct {
	At     time.Duration `json:"at_ns"`
	Gained Counters      `json:"gained"`
}

func (s *CounterSample) check() error { return checkTimes(-longest, instant{"at_ns", &s.At}) }

// Kernel is the kernel's account of one storm (kernel.json).
type Kernel struct {
	// Sysctls as read back in the cell before the storm.
	Sysctls map[string]string `json:"sysctls"`
	// Before the first SYN, and After the storm: when the target was idle and nothing had moved for 20 ms, or
	// after 150 ms and two round trips.
	Before Counters `json:"before"`
	After  Counters `json:"after"`
	// Rest of the server before the storm; nil before the first one, and where it was not waited for.
	Rest *Rest `json:"rest,omitempty"`
	// Link between two namespaces, whose counters are summed up above; nil where all was in one.
	Link *Link `json:"link,omitempty"`
	// Listeners of the server's namespace that dropped something during the storm, and all of the port that was
	// stormed; empty where they cannot be seen, for the built-in target, and in records before 0.2.
	Listeners []Listener `json:"listeners,omitempty"`
	// Sampler is the priority of what sampled the counters, and of what sampled the accept queue of an
	// external server; nil where the system does not report it, and in records before 0.2.
	Sampler *Priority `json:"sampler_priority,omitempty"`
	// Others is what other processes used of the CPUs during the storm; nil where the system does not report
	// it, and in records before 0.2.
	Others *Others `json:"others,omitempty"`
	// Reasons with which this host's kernel dropped packets, from before the storm until after it; nil where they
	// were not asked for, and in records before 0.2.
	Reasons *DropReasons `json:"drop_reasons,omitempty"`
}

// Listener is a listening socket of any process in the server's namespace.
type Listener struct {
	Address string `json:"address"`
	// Effective backlog; the queue holds one more.
	Effective int `json:"effective_backlog"`
	// Depth of its queue after the storm, and its Drops during it.
	Depth int    `json:"depth"`
	Drops uint32 `json:"drops"`
}

// Rest is how long a storm waited for the server to be through with the one before.
type Rest struct {
	Waited time.Duration `json:"waited_ns"`
	// Quiet: the accept queue was empty, and no counter moved. Else the pause was over, or that cannot be seen.
	Quiet bool `json:"quiet"`
}

// Others is the CPU time of all processes of the machine that had no part in a storm, from shortly before its
// start until its last attempt was settled and written. What a hypervisor gave to other machines is not in
// it.
type Others struct {
	// CPU time of other processes, to some ticks of 10 ms; Own is that of generator, target, samplers and
	// their parent.
	CPU time.Duration `json:"cpu_ns"`
	Own time.Duration `json:"own_cpu_ns"`
	// Wall time in which they were used, and the machine's CPUs.
	Wall time.Duration `json:"wall_ns"`
	CPUs int           `json:"cpus"`
}

// Link is how clients and server were joined in one storm.
type Link struct {
	// Kind of the link: "veth", "veth+netem", or "tun" with agistorm's own delay line.
	Kind string `json:"kind"`
	// RTT that was asked for.
	RTT time.Duration `json:"rtt_ns"`
	// Forwarded packets both ways, and those that the link Dropped, wherever it did.
	Forwarded uint64 `json:"forwarded,omitempty"`
	Dropped   uint64 `json:"dropped,omitempty"`
	// SendDrops are those that the interfaces of both ends dropped when they were to send them (tx_dropped),
	// QueueDrops those of their queueing disciplines, and ReceiveDrops those that the interfaces dropped when
	// they received them (rx_dropped). Some kernels count one packet as both sent and received, so their sum
	// may be larger than Dropped. Nil where the kernel does not report it, and in records before 0.2.
	SendDrops    *uint64 `json:"send_drops,omitempty"`
	QueueDrops   *uint64 `json:"queue_drops,omitempty"`
	ReceiveDrops *uint64 `json:"receive_drops,omitempty"`
	// LateP99 and LateMax are how much more than half the round trip a packet took on the delay line, of the
	// worse way; 0 for another kind.
	LateP99 time.Duration `json:"late_p99_ns,omitempty"`
	LateMax time.Duration `json:"late_max_ns,omitempty"`
}

// Delta returns what the counter gained during the storm; false where the kernel lacks it.
func (k *Kernel) Delta(name string) (uint64, bool) {
	if k == nil {
		return 0, false
	}
	before, ok := k.Before[name]
	after, ok2 := k.After[name]
	return after - before, ok && ok2
}

// Target is the built-in server's account of one storm (target.json).
type Target struct {
	// Asked is what listen(2) was given.
	Asked int `json:"asked_backlog"`
	// Somaxconn is the live limit when it listened; nil where it cannot be read.
	Somaxconn *int `json:"somaxconn,omitempty"`
	// Sockets that it listened with on one port, each with a queue of its own; 0 and 1 are one.
	Sockets int `json:"sockets,omitempty"`
	// Effective backlog, as the kernel kept it; nil where it cannot be read. The queue holds Effective + 1 on
	// Linux.
	Effective *int `json:"effective_backlog,omitempty"`
	// Watch of the accept queue; nil where it was not watched, and Unwatched is why.
	Watch     *Watch `json:"watch,omitempty"`
	Unwatched *Note  `json:"unwatched,omitempty"`
	// Queued connections that were not accepted when the storm was over; nil where it cannot be read.
	Queued *int `json:"still_queued,omitempty"`
	// Discarded connections were queued when the server closed its sockets for a restart; the kernel has
	// reset them.
	Discarded int `json:"discarded,omitempty"`
	// AcceptErrors are accepts that failed, for want of descriptors.
	AcceptErrors uint64 `json:"accept_errors,omitempty"`
	// Peers in the order in which they were accepted.
	Peers []Peer `json:"peers"`
	// CPU time that the target's process used; nil where the system does not report it.
	CPU *time.Duration `json:"cpu_ns,omitempty"`
	// Priority of the target's process, which samples its accept queue as well; nil where the system does not
	// report it, and in records before 0.2.
	Priority *Priority `json:"priority,omitempty"`
}

func (t *Target) check() error {
	for i := range t.Peers {
		p := &t.Peers[i]
		if err := checkTimes(-longest, instant{"at_ns", &p.At}, instant{"done_ns", &p.Done}); err != nil {
			return err
		}
		if err := cmp.Or(checkTimes(0, instant{"queued_ns", p.Queued}), checkAddress("address", p.Address),
			checkCount("socket", int64(p.Socket))); err != nil {
			return err
		}
	}
	return checkTimes(0, instant{"cpu_ns", t.CPU})
}

// Watch is how well the accept queue was watched.
type Watch struct {
	// Looks are the samples of the queue, of which only changes are recorded.
	Looks int `json:"looks"`
	// Span from the first sample to the last, and the LongestGap between two.
	Span       time.Duration `json:"span_ns"`
	LongestGap time.Duration `json:"longest_gap_ns"`
}

// Mean returns the time between two samples; 0 for fewer than two.
func (w *Watch) Mean() time.Duration {
	if w.Looks < 2 {
		return 0
	}
	return w.Span / time.Duration(w.Looks-1)
}

// Peer is one accepted connection, as the server saw it.
type Peer struct {
	// At is when accept(2) returned it.
	At time.Duration `json:"at_ns"`
	// Address of the client, host:port.
	Address string `json:"address"`
	// Queued is how long it was in the accept queue by the kernel's account (tcpi_last_data_sent at the
	// accept), to a tick of 1 to 10 ms; nil where the server cannot measure it.
	Queued *time.Duration `json:"queued_ns,omitempty"`
	// Done is when the server was through with it.
	Done time.Duration `json:"done_ns"`
	// Fate is "served", or what ended the session early: "hung-up", "gone", "reset", "long-line",
	// "many-lines", "env-timeout", "script-timeout", "protocol", "rejected" (the server was full), "stopped".
	Fate string `json:"fate"`
	// Socket out of whose accept queue it came, counted from 1; 0 where the server has but one.
	Socket int `json:"socket,omitempty"`
}

// Fates of a peer: its whole script was run; its caller hung up; or the server was full, and closed it
// unread.
const (
	PeerServed   = "served"
	PeerHungUp   = "hung-up"
	PeerRejected = "rejected"
)
