package rawsock

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Headers of a SYN from port 0x9c40 to 4573 (0x11dd), by hand.
const (
	filterSYN  = "9c40 11dd 00000001 00000000 5002 ffff 0000 0000"
	filterIPv4 = "45 00 0028 0000 4000 40 06 0000 0a000001 0a000002"
	filterIPv6 = "60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
)

// TestFilter attaches it to a pair of sockets that need no right, and looks what passes.
func TestFilter(t *testing.T) {
	withOptions := "4f" + filterIPv4[2:] + strings.Repeat("01", 40)
	for _, c := range []struct {
		name    string
		version IPVersion
		packet  string
		want    bool
	}{
		{"SYN", IPv4, filterIPv4 + filterSYN, true},
		{"SYN with ECN", IPv4, filterIPv4 + strings.Replace(filterSYN, "5002", "50c2", 1), true},
		{"SYN to the last port", IPv4, filterIPv4 + strings.Replace(filterSYN, "11dd", "1f90", 1), true},
		{"SYN behind options", IPv4, withOptions + filterSYN, true},
		{"SYN to another port", IPv4, filterIPv4 + strings.Replace(filterSYN, "11dd", "11de", 1), false},
		{"SYN from the port", IPv4, filterIPv4 + strings.Replace(filterSYN, "9c40 11dd", "11dd 9c40", 1), false},
		{"SYN-ACK", IPv4, filterIPv4 + strings.Replace(filterSYN, "5002", "5012", 1), false},
		{"ACK", IPv4, filterIPv4 + strings.Replace(filterSYN, "5002", "5010", 1), false},
		{"RST", IPv4, filterIPv4 + strings.Replace(filterSYN, "5002", "5004", 1), false},
		{"UDP", IPv4, strings.Replace(filterIPv4, "40 06", "40 11", 1) + filterSYN, false},
		{"a later fragment", IPv4, strings.Replace(filterIPv4, "4000", "0001", 1) + filterSYN, false},
		{"cut", IPv4, filterIPv4 + "9c40 11dd", false},
		{"SYN", IPv6, filterIPv6 + filterSYN, true},
		{"SYN to another port", IPv6, filterIPv6 + strings.Replace(filterSYN, "11dd", "11de", 1), false},
		{"SYN-ACK", IPv6, filterIPv6 + strings.Replace(filterSYN, "5002", "5012", 1), false},
		{"ICMPv6", IPv6, strings.Replace(filterIPv6, "06 40", "3a 40", 1) + filterSYN, false},
		{"UDP", IPv6, strings.Replace(filterIPv6, "06 40", "11 40", 1) + filterSYN, false},
		{"hop-by-hop", IPv6, strings.Replace(filterIPv6, "06 40", "00 40", 1) + filterSYN, true},
		{"routing", IPv6, strings.Replace(filterIPv6, "06 40", "2b 40", 1) + filterSYN, true},
		{"fragment", IPv6, strings.Replace(filterIPv6, "06 40", "2c 40", 1) + filterSYN, true},
		{"destination options", IPv6, strings.Replace(filterIPv6, "06 40", "3c 40", 1) + filterSYN, true},
	} {
		packet, err := hex.DecodeString(strings.ReplaceAll(c.packet, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if n := filtered(t, c.version, []uint16{80, 4573, 8080}, packet); (n > 0) != c.want {
			t.Errorf("IPv%d, %s: %d bytes pass, want any: %t", c.version, c.name, n, c.want)
		}
	}
}

// TestFilterLimits: the headers are kept, not what follows; as many ports as may be fit into the kernel's filter.
func TestFilterLimits(t *testing.T) {
	packet, _ := hex.DecodeString(strings.ReplaceAll(filterIPv4+filterSYN, " ", ""))
	many := make([]uint16, MaxFilterPorts)
	for i := range many {
		many[i] = uint16(4573 - i)
	}
	long := append(packet, make([]byte, 1000)...)
	if n := filtered(t, IPv4, many, long); n != SnapLength {
		t.Errorf("%d bytes of %d are kept, want %d", n, len(long), SnapLength)
	}
	for _, ports := range [][]uint16{nil, make([]uint16, MaxFilterPorts+1)} {
		if _, err := OpenRing(IPv4, ports, 1); err == nil || !strings.Contains(err.Error(), "want 1 to 1024") {
			t.Errorf("%d ports: %v", len(ports), err)
		}
	}
}

// filtered returns how many bytes of a packet a socket with the filter gets.
func filtered(t *testing.T, version IPVersion, ports []uint16, packet []byte) int {
	t.Helper()
	program, err := synFilter(version, ports)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := attach(pair[1], program); err != nil {
		t.Fatal(err)
	}
	// What the filter drops is EPERM for the sender of a datagram on a pair.
	if _, err := unix.Write(pair[0], packet); err != nil && !errors.Is(err, unix.EPERM) {
		t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	n, err := unix.Read(pair[1], buffer)
	if err != nil && !errors.Is(err, unix.EAGAIN) {
		t.Fatal(err)
	}
	return max(n, 0)
}
