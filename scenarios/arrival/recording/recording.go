// Package recording is the form in which the arrival of SYNs at a server is recorded: text, a line per SYN, readable by
// awk. Hosts are numbered in the order in which they appear; their addresses are there only on request.
//
//	# agistorm-recording 1 kernel=6.18.0 ports=4573 from=2026-11-29T21:16:27Z addresses=no lost=0 dropped=0
//	# time host port retransmission
//	1795986987.173096262 1 4573 0
//	1795986988.196081120 1 4573 1
package recording

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// magic begins every recording; the number is the version of the form.
const magic = "# agistorm-recording "

const version = "1"

// Begin is how many bytes IsRecording looks at.
const Begin = len(magic)

// IsRecording reports whether a file that begins so is a recording.
func IsRecording(begin []byte) bool { return strings.HasPrefix(string(begin), magic) }

// SYN is one that arrived.
type SYN struct {
	// At is since 1970, in nanoseconds.
	At time.Duration
	// Host that sent it, numbered from 1.
	Host uint32
	// Port of the server, from 1.
	Port uint16
	// Retransmission is how many SYNs of the same connect(2) came before it; 0 is the first one.
	Retransmission int
	// Address of the host; the zero value where it is not recorded.
	Address netip.Addr
}

// Header says where a recording comes from.
type Header struct {
	// Kernel is its release.
	Kernel string
	// Ports of the server, ascending.
	Ports []uint16
	From  time.Time
	// Addresses are recorded.
	Addresses bool
	// Lost SYNs had no room in the capture's own buffer.
	Lost uint64
	// Dropped SYNs were the oldest ones, and the file was full.
	Dropped uint64
}

// countWidth is the width of the header's counters, so that they are written in place while the file grows.
const countWidth = 20

// append writes the header's two lines.
func (h *Header) append(b []byte) []byte {
	b = append(b, magic+version+" kernel="...)
	b = append(b, strings.Join(strings.Fields(h.Kernel), "_")...)
	b = append(b, " ports="...)
	for i, port := range h.Ports {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(port), 10)
	}
	b = append(b, " from="...)
	b = h.From.UTC().AppendFormat(b, time.RFC3339)
	word := "no"
	if h.Addresses {
		word = "yes"
	}
	b = fmt.Appendf(b, " addresses=%s lost=%-*d dropped=%-*d\n", word, countWidth, h.Lost, countWidth, h.Dropped)
	b = append(b, "# time host port retransmission"...)
	if h.Addresses {
		b = append(b, " address"...)
	}
	return append(b, '\n')
}

// parseHeader reads the first line.
func parseHeader(line string) (h Header, err error) {
	words := strings.Fields(strings.TrimPrefix(line, magic))
	switch {
	case !strings.HasPrefix(line, magic) || len(words) == 0:
		return h, fmt.Errorf("want %q and what was recorded", magic+version)
	case words[0] != version:
		return h, fmt.Errorf("a recording of version %q, and version %s is known here: use a newer agistorm",
			words[0], version)
	}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		if err := h.set(name, value); err != nil {
			return h, fmt.Errorf("%q: %w", word, err)
		}
	}
	return h, nil
}

// set takes one of the header's values; names that are not known are passed over.
func (h *Header) set(name, value string) (err error) {
	switch name {
	case "kernel":
		h.Kernel = value
	case "ports":
		for text := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' }) {
			port, err := parsePort(text)
			if err != nil {
				return err
			}
			h.Ports = append(h.Ports, port)
		}
	case "from":
		h.From, err = time.Parse(time.RFC3339, value)
	case "addresses":
		h.Addresses = value == "yes"
	case "lost":
		h.Lost, err = strconv.ParseUint(value, 10, 64)
	case "dropped":
		h.Dropped, err = strconv.ParseUint(value, 10, 64)
	}
	return err
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("port %q: want 1 to 65535", text)
	}
	return uint16(port), nil
}

const nanosDigits = 9

// append writes a line.
func (s *SYN) append(b []byte) []byte {
	b = strconv.AppendInt(b, int64(s.At/time.Second), 10)
	b = append(b, '.')
	fraction := strconv.AppendInt(nil, int64(s.At%time.Second), 10)
	for range nanosDigits - len(fraction) {
		b = append(b, '0')
	}
	b = append(append(b, fraction...), ' ')
	b = append(strconv.AppendUint(b, uint64(s.Host), 10), ' ')
	b = append(strconv.AppendUint(b, uint64(s.Port), 10), ' ')
	b = strconv.AppendInt(b, int64(s.Retransmission), 10)
	if s.Address.IsValid() {
		b = s.Address.AppendTo(append(b, ' '))
	}
	return append(b, '\n')
}

var errFields = errors.New("want TIME HOST PORT RETRANSMISSION, such as 1795986987.173096262 1 4573 0")

// parseSYN reads a line. The address is left out: it says nothing that the host's number does not.
func parseSYN(line []byte) (s SYN, err error) {
	var fields [5]string
	n := 0
	for field := range strings.FieldsSeq(string(line)) {
		if n < len(fields) {
			fields[n] = field
		}
		n++
	}
	if n < 4 || n > len(fields) {
		return s, errFields
	}
	if s.At, err = parseTime(fields[0]); err != nil {
		return s, err
	}
	host, err := strconv.ParseUint(fields[1], 10, 32)
	if err != nil || host == 0 {
		return s, fmt.Errorf("host %q: want a number from 1", fields[1])
	}
	s.Host = uint32(host)
	if s.Port, err = parsePort(fields[2]); err != nil {
		return s, err
	}
	again, err := strconv.ParseUint(fields[3], 10, 31)
	if err != nil {
		return s, fmt.Errorf("retransmission %q: want a number from 0", fields[3])
	}
	s.Retransmission = int(again)
	if fields[4] != "" {
		if s.Address, err = netip.ParseAddr(fields[4]); err != nil {
			return s, fmt.Errorf("address %q: want an IP address", fields[4])
		}
	}
	return s, nil
}

// maxSeconds keeps times from overflowing, until the year 2261.
const maxSeconds = 9_200_000_000

// parseTime reads seconds since 1970 with up to nine decimals.
func parseTime(text string) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseUint(whole, 10, 64)
	nanos, err2 := strconv.ParseUint((fraction + "000000000")[:nanosDigits], 10, 64)
	if err != nil || err2 != nil || seconds > maxSeconds || len(fraction) > nanosDigits {
		return 0, fmt.Errorf("time %q: want seconds since 1970, such as 1795986987.173096262", text)
	}
	return time.Duration(seconds)*time.Second + time.Duration(nanos), nil
}

// errTruncated: the file ends within a line.
var errTruncated = fmt.Errorf("the file ends within a line: %w", io.ErrUnexpectedEOF)
