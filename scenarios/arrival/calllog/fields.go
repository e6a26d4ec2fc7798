package calllog

import (
	"slices"
	"strconv"
	"strings"
)

// packetFields are the columns of a table of packets, as tshark -T fields writes it with -E header=y. Each is the
// column from 1, or 0.
type packetFields struct {
	separator               byte
	syn, ack, flags, repeat int
	// name are the columns that name a connection; none without the client's port.
	name []int
}

// newPacketFields returns nil for a header that is none of packets.
func newPacketFields(header string) *packetFields {
	if !strings.Contains(header, "frame.time") {
		return nil
	}
	i := strings.IndexAny(header, separators)
	if i < 0 {
		return nil
	}
	f := &packetFields{separator: header[i]}
	names := cells(header, f.separator)
	column := func(name string) int {
		return 1 + slices.IndexFunc(names, func(cell string) bool { return trimCell(cell) == name })
	}
	f.syn, f.ack, f.flags = column("tcp.flags.syn"), column("tcp.flags.ack"), column("tcp.flags")
	f.repeat = column("tcp.analysis.retransmission")
	if column("tcp.srcport")+column("tcp.stream") > 0 {
		for _, name := range []string{
			"ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "tcp.stream", "tcp.seq_raw",
		} {
			if c := column(name); c > 0 {
				f.name = append(f.name, c)
			}
		}
	}
	return f
}

// TCP's flags as bits.
const (
	flagSYN = 0x02
	flagACK = 0x10
)

// verdict takes a line for a SYN unless its flags say otherwise.
func (f *packetFields) verdict(line string) verdict {
	values := cells(line, f.separator)
	value := func(column int, otherwise string) string {
		if column == 0 || column > len(values) {
			return otherwise
		}
		return trimCell(values[column-1])
	}
	bits, _ := strconv.ParseUint(value(f.flags, "2"), 0, 16)
	var name []string
	for _, column := range f.name {
		name = append(name, value(column, ""))
	}
	return verdict{
		call: isSet(value(f.syn, "1")) && !isSet(value(f.ack, "0")) && bits&(flagSYN|flagACK) == flagSYN,
		// Old versions write 1, new ones True.
		repeat:     isSet(value(f.repeat, "0")),
		connection: strings.Join(name, " "),
	}
}

func isSet(flag string) bool { return flag == "1" || strings.EqualFold(flag, "true") }
