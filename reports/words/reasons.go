package words

import (
	"strings"

	"agistorm/analysis/record"
)

// dropReasons say what the kernel's reasons mean for a server that listens (the kernel's
// include/net/dropreason-core.h), the first that fits.
var dropReasons = []struct{ name, text string }{
	{"TCP_LISTEN_OVERFLOW", "the last ACK of a handshake at a full accept queue"},
	{"NO_SOCKET", "a segment to a closed port, or the last ACK with a SYN cookie at a full accept queue"},
	{"CPU_BACKLOG", "a CPU's queue of received packets was full (net.core.netdev_max_backlog)"},
	{"NETFILTER_DROP", "a firewall rule dropped it"},
	{"SOCKET_FILTER", "a filter of the socket dropped it"},
	{"SOCKET_RCVBUFF", "the receive buffer of the socket was full"},
	{"SOCKET_BACKLOG", "too many packets arrived while a thread held the socket"},
	{"PROTO_MEM", "the memory limit of TCP (net.ipv4.tcp_mem)"},
	{"NOMEM", "the kernel had no memory for it"},
	{"FULL_RING", "the ring of a network device was full"},
	{"QDISC_", "a queueing discipline dropped it"},
	{"NEIGH_", "the link address of the next hop was not known"},
	{"TCP_OLD_DATA", "data that had arrived before"},
	{"TCP_OLD_ACK", "an ACK that had arrived before"},
	{"TCP_ZEROWINDOW", "data although the receive window was closed"},
	{"TCP_OVERWINDOW", "data beyond the receive window"},
	{"TCP_RFC7323_PAWS", "a timestamp older than one that had arrived"},
	{"TCP_CLOSE", "a segment to a socket that is closed"},
	{"TCP_RESET", "an RST whose sequence number does not fit"},
	{"TCP_ABORT_ON_DATA", "data to a connection that its process had closed"},
	{"TCP_INVALID_SYN", "a SYN within a connection"},
	{"TCP_FLAGS", "flags that do not fit the socket's state, such as data of a phantom at the listener"},
}

// DropReason says what a reason means; empty for one that says nothing of a listen queue.
func DropReason(name string) string {
	for _, r := range dropReasons {
		if r.name == name || strings.HasSuffix(r.name, "_") && strings.HasPrefix(name, r.name) {
			return r.text
		}
	}
	return ""
}

// Sentences about drop reasons.
const (
	reasonsNotCounted Phrase = `Not counted{{if .Counted}} in some storms{{end}}: {{stop (note .Missing)}}`
	reasonsCounted    Phrase = `{{if not .Reasons}}No packet was dropped with a reason. {{end}}The counts are of the ` +
		`whole host, whatever the packets were for.` +
		`{{with .Lost}} At least these: {{amount . "event" "events"}} did not fit the kernel's buffer.{{end}}`
	reasonsBlind = "A SYN at a full accept queue is dropped without a reason, so none here shows it: 0 proves nothing. " +
		"ListenOverflows counts it. TCP_LISTEN_OVERFLOW is the last ACK of a handshake at a full queue (Linux 6.15 " +
		"and later). NO_SOCKET can be such an ACK with a SYN cookie."
)

// DropReasons says how far counted drop reasons reach: of how many storms they are, how many reasons were given, how
// many events were lost, and why they are missing in others, if they are. Without any it is empty.
func DropReasons(counted, reasons int, lost uint64, missing *record.Note) (lines []string) {
	facts := struct {
		Counted, Reasons, Lost int
		Missing                record.Note
	}{Counted: counted, Reasons: reasons, Lost: int(lost)}
	if missing != nil {
		facts.Missing = *missing
		lines = append(lines, reasonsNotCounted.With(facts))
	}
	if counted > 0 {
		lines = append(lines, reasonsCounted.With(facts), reasonsBlind)
	}
	return lines
}
