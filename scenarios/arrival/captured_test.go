package arrival

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"agistorm/scenarios/arrival/calllog"
)

// began is the first SYN of the captures here: 2026-11-29 21:16:27.25 UTC.
var began = time.Date(2026, 11, 29, 21, 16, 27, 250_000_000, time.UTC)

// syn is one in a capture.
type syn struct {
	after  time.Duration
	client string
	port   uint16
	seq    uint32
	flags  byte
}

const (
	isSYN = 1 << 1
	isACK = 1 << 4
)

// bad is a bad second: two hosts, three ports, one retransmission, one port of a client used again, and answers.
var bad = []syn{
	{0, "192.0.2.7:40000", 4573, 1, isSYN},
	{0, "192.0.2.7:40000", 4573, 9, isSYN | isACK},
	{100 * ms, "192.0.2.9:40000", 4573, 5, isSYN},
	{150 * ms, "192.0.2.9:50000", 22, 77, isSYN},
	{120 * ms, "192.0.2.8:40001", 4573, 6, isSYN}, // of another CPU
	{1020 * ms, "192.0.2.9:40000", 4573, 5, isSYN},
	{1500 * ms, "192.0.2.9:40000", 4573, 8, isSYN},
	{1600 * ms, "192.0.2.7:40002", 4573, 3, isSYN},
}

// frame is an IPv4 packet with a TCP header.
func (s syn) frame() []byte {
	client, server := netip.MustParseAddrPort(s.client), netip.MustParseAddr("192.0.2.1")
	b := []byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0}
	b = append(append(b, client.Addr().AsSlice()...), server.AsSlice()...)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, client.Port()), s.port)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, s.seq), 0)
	return append(b, 0x50, s.flags, 0xff, 0xff, 0, 0, 0, 0)
}

func (s syn) info() gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: began.Add(s.after), CaptureLength: 40, Length: 40}
}

// pcap and pcapng are files with these packets.
func pcap(t testing.TB, syns []syn) string {
	var file bytes.Buffer
	w := pcapgo.NewWriterNanos(&file)
	if err := w.WriteFileHeader(128, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	for _, s := range syns {
		if err := w.WritePacket(s.info(), s.frame()); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}

func pcapng(t testing.TB, syns []syn) string {
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, layers.LinkTypeRaw)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range syns {
		if err := w.WritePacket(s.info(), s.frame()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// recorded is the same second in a recording.
const recorded = `# agistorm-recording 1 kernel=6.18.0 ports=22,4573 from=2026-11-29T21:16:27Z lost=3 dropped=2
# time host port retransmission
1795986987.25 4 4573 0
1795986987.35 5 4573 0
1795986987.40 5 22 0
1795986987.37 6 4573 0
1795986988.27 5 4573 1
1795986988.75 5 4573 0
1795986988.85 4 4573 0
`

func opens(text string) func(string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		if name != "a" {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

func hostsOf(s Schedule) (hosts []int) {
	if host := HostsOf(s); host != nil {
		for i := range s.Len() {
			hosts = append(hosts, host(i))
		}
	}
	return hosts
}

func timesOf(s Schedule) (at []time.Duration) {
	for i := range s.Len() {
		at = append(at, s.At(i))
	}
	return at
}

// TestCaptured: the calls of pcap, pcapng and recordings, by hand; the name says nothing about the form.
func TestCaptured(t *testing.T) {
	all := []time.Duration{0, 100 * ms, 120 * ms, 1500 * ms, 1600 * ms}
	for form, text := range map[string]string{"pcap": pcap(t, bad), "pcapng": pcapng(t, bad), "recording": recorded} {
		for _, c := range []struct {
			clauses, words string
			want           []time.Duration
			hosts          []int
			skipped        calllog.Skipped
		}{
			{"", "5 as in a; 2 SYNs skipped", all, []int{0, 1, 2, 1, 0},
				calllog.Skipped{Retransmitted: 1, OtherPort: 1}},
			{" port 22", "1 as in a, port 22; 6 SYNs skipped", []time.Duration{0}, []int{0},
				calllog.Skipped{OtherPort: 6}},
			{" from 21:16:28", "2 as in a, from 21:16:28; 5 SYNs skipped", []time.Duration{0, 100 * ms}, []int{0, 1},
				calllog.Skipped{Outside: 3, Retransmitted: 1, OtherPort: 1}},
			{" to 1795986987.37", "2 as in a, to 1795986987.37; 5 SYNs skipped", all[:2], []int{0, 1},
				calllog.Skipped{Outside: 3, Retransmitted: 1, OtherPort: 1}},
			{" from 2026-11-29T22:16:28+01:00", "2 as in a, from 2026-11-29T22:16:28+01:00; 5 SYNs skipped",
				[]time.Duration{0, 100 * ms}, []int{0, 1},
				calllog.Skipped{Outside: 3, Retransmitted: 1, OtherPort: 1}},
			{" busiest 1s", "3 as in a, busiest 1s; 2 SYNs skipped", all[:3], []int{0, 1, 2},
				calllog.Skipped{Retransmitted: 1, OtherPort: 1}},
			{" times 2 exact", "10 as in a, times 2, exact; 2 SYNs skipped",
				slices.Sorted(slices.Values(append(all, all...))),
				[]int{0, 0, 1, 1, 2, 2, 1, 1, 0, 0}, calllog.Skipped{Retransmitted: 1, OtherPort: 1}},
		} {
			s := parsed(t, "trace a"+c.clauses, Options{Open: opens(text)})
			diff := cmp.Diff(c.want, timesOf(s)) + cmp.Diff(c.hosts, hostsOf(s)) +
				cmp.Diff(c.skipped, TraceOf(s).Skipped) + cmp.Diff(c.words, s.String())
			if diff != "" {
				t.Errorf("%s%s (-want +got):\n%s", form, c.clauses, diff)
			}
		}
	}
}

// TestCapturedFacts: what is known of the file, and of shares of the schedule.
func TestCapturedFacts(t *testing.T) {
	s := parsed(t, "trace a", Options{Open: opens(recorded), Calls: 3})
	facts := TraceOf(s).Captured
	if facts.Port != 4573 || facts.Hosts != 3 || facts.Truncated || facts.Recording.Lost != 3 ||
		facts.Recording.Dropped != 2 {
		t.Errorf("%+v, %+v", facts, facts.Recording)
	}
	if hosts := hostsOf(Part{s, 1, 2}); !slices.Equal(hosts, []int{1}) {
		t.Errorf("the second share has hosts %v, want 1", hosts)
	}
	if hosts := hostsOf(Part{s, 0, 2}); !slices.Equal(hosts, []int{0, 2}) {
		t.Errorf("the first share has hosts %v, want 0 and 2", hosts)
	}
	if HostsOf(Part{Burst{3}, 0, 1}) != nil || HostsOf(parsed(t, "trace calls.log", Options{Open: logs})) != nil {
		t.Error("a burst and a log have no hosts")
	}
	if many := parsed(t, "trace a times 3", Options{Open: opens(recorded), Seed: 1}); many.Len() != 15 {
		t.Errorf("%d calls, want 15", many.Len())
	} else {
		neverDecreases(t, many)
		counts := map[int]int{}
		for _, host := range hostsOf(many) {
			counts[host]++
		}
		if diff := cmp.Diff(map[int]int{0: 6, 1: 6, 2: 3}, counts); diff != "" {
			t.Errorf("calls of each host (-want +got):\n%s", diff)
		}
	}
}

// TestTruncated: of a file whose writer was killed, what is whole is taken, and that is said.
func TestTruncated(t *testing.T) {
	for form, text := range map[string]string{"pcap": pcap(t, bad), "pcapng": pcapng(t, bad), "recording": recorded} {
		s := parsed(t, "trace a", Options{Open: opens(text[:len(text)-3])})
		if facts := TraceOf(s).Captured; s.Len() != 4 || !facts.Truncated {
			t.Errorf("%s: %d calls, %+v; want 4 of a truncated file", form, s.Len(), facts)
		}
	}
	capture := pcap(t, bad[:1])
	for what, c := range map[string]struct{ text, want string }{
		"a capture cut within its only packet": {capture[:30], "no call: the file ends before its first whole SYN"},
		"a capture cut within its header":      {capture[:20], "no whole file header"},
		"no SYN":                               {pcap(t, bad[1:2]), "no call: want SYNs in it"},
		"gzip":                                 {"\x1f\x8b\x08", "compressed by gzip; unpack it first: gunzip -k FILE"},
	} {
		_, err := Parse("trace a", Options{Open: opens(c.text)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
}

func TestCapturedErrors(t *testing.T) {
	for _, c := range []struct{ text, clauses, want string }{
		{pcap(t, bad), "column 2", "column 2: the file is a packet capture, which has no columns"},
		{pcapng(t, bad), "us-dates", "us-dates: the file is a packet capture, which has no dates"},
		{recorded, "column time", "column time: the file is a recording, which has no columns"},
		{recorded, "port 80", "no SYN for port 80; the most called one is port 4573"},
		{recorded, "from 10:00 to 11:00", "no call from 10:00 to 11:00; the log goes from 2026-11-29 21:16:27 to " +
			"2026-11-29 21:16:28"},
		{recorded, "from x",
			`from "x": want a date such as 2026-10-05 09:00:00, a time of day, or seconds since 1970, in UTC`},
		{strings.ReplaceAll(recorded, " 0\n", " 1\n"), "", "all SYNs for port 22 are retransmissions"},
		{recorded + "x\n", "", "line 10: want TIME HOST PORT RETRANSMISSION"},
	} {
		_, err := Parse("trace a "+c.clauses, Options{Open: opens(c.text)})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.clauses, err, c.want)
		}
	}
}
