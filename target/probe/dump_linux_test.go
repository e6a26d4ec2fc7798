package probe

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// realDumps are the kernel's answers about the listeners of a namespace, as Linux 6.18 gave them on a little-endian
// machine: one to each family that is asked for, parts and end in a row.
func realDumps(t testing.TB) (ipv4, ipv6 []byte) {
	t.Helper()
	ipv4, err := os.ReadFile("testdata/dump-ipv4-6.18")
	ipv6, err2 := os.ReadFile("testdata/dump-ipv6-6.18")
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return ipv4, ipv6
}

// TestRealDumps: listeners of both families, plain and of MPTCP, one with three connections in its queue.
func TestRealDumps(t *testing.T) {
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the dumps are those of a little-endian machine")
	}
	var got []string
	ipv4, ipv6 := realDumps(t)
	for _, text := range [][]byte{ipv4, ipv6} {
		last, err := eachListener(text, func(message []byte, s rawSample) {
			l := parseListener(message, s)
			line := l.Address.String()
			if l.MPTCP {
				line += " mptcp"
			}
			if l.Depth == 3 && l.Limit == 4096 {
				line += " three"
			}
			if l.Drops == nil || *l.Drops != 0 || l.Cookie == 0 || l.Limit != 4096 {
				t.Errorf("%+v", l)
			}
			got = append(got, line)
		})
		if !last || err != nil {
			t.Errorf("last %t, %v", last, err)
		}
	}
	slices.Sort(got)
	want := []string{
		"127.0.0.1:4573 three", "127.0.0.1:4574", "127.0.0.2:443 mptcp", "[::1]:443 mptcp", "[::1]:4573", "[::]:80",
		"[::]:81",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// done is the last message of a dump, with the error that ended it, 0 for none.
func done(errno syscall.Errno) []byte {
	b := make([]byte, netlinkHeader+4)
	native.PutUint32(b, uint32(len(b)))
	native.PutUint16(b[4:], netlinkDone)
	native.PutUint32(b[netlinkHeader:], uint32(-int32(errno)))
	return b
}

// TestDumpEnds: a dump that an error ended is not taken for a whole one.
func TestDumpEnds(t *testing.T) {
	socket := diagAnswer(stateListen, memory()...)
	for name, c := range map[string]struct {
		text  []byte
		n     int
		last  bool
		wrong string
	}{
		"whole":          {slices.Concat(socket, socket, done(0), socket), 2, true, ""},
		"not yet":        {slices.Concat(socket, socket), 2, false, ""},
		"ended by error": {slices.Concat(socket, done(syscall.EPERM)), 1, false, "operation not permitted"},
		"without room":   {slices.Concat(socket, done(0)[:netlinkHeader]), 1, false, "none of sock_diag's"},
		"cut":            {slices.Concat(socket, socket[:40]), 1, false, "none of sock_diag's"},
		"nothing":        {nil, 0, false, ""},
	} {
		n := 0
		last, err := eachSocket(c.text, func([]byte) error { n++; return nil })
		if n != c.n || last != c.last || (err == nil) != (c.wrong == "") ||
			err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %d sockets, last %t, %v", name, n, last, err)
		}
	}
}

// pieces cuts a dump after every n-th message, as the kernel does where its answer has no more room; nothing for
// bytes that are no row of messages.
func pieces(dump []byte, n int) (parts [][]byte) {
	begin, at := 0, 0
	for count := 1; at+netlinkHeader <= len(dump); count++ {
		size := int(native.Uint32(dump[at:]))
		if size < netlinkHeader || size > len(dump)-at {
			return nil
		}
		at += min((size+3)&^3, len(dump)-at)
		if count%n == 0 {
			parts, begin = append(parts, dump[begin:at]), at
		}
	}
	return append(parts, dump[begin:])
}

// readDump reads parts until the last one or an error.
func readDump(parts ...[]byte) (all []Listener, last bool, err error) {
	for _, part := range parts {
		last, err = eachSocket(part, func(message []byte) error {
			all = append(all, parseListener(message, sampleOf(message)))
			return nil
		})
		if last || err != nil {
			break
		}
	}
	return all, last, err
}

// FuzzDump: whatever the dump, as many sockets as fit into it, the same ones in whatever parts it comes, none after its
// end, and fewer where it is cut.
func FuzzDump(f *testing.F) {
	ipv4, ipv6 := realDumps(f)
	f.Add(ipv4, 1, 100)
	f.Add(ipv6, 2, len(ipv6)-1)
	f.Add(slices.Concat(ipv4, ipv6), 3, len(ipv4))
	f.Add(slices.Concat(diagAnswer(stateListen, memory()...), done(syscall.EINTR)), 1, 20)
	f.Add(netlinkFailure(syscall.ENOENT), 1, 0)
	f.Add([]byte{}, 1, 0)
	f.Fuzz(func(t *testing.T, dump []byte, n, cut int) {
		whole, last, err := readDump(dump)
		if len(whole) > len(dump)/(netlinkHeader+diagMessage) {
			t.Errorf("%d sockets in %d bytes", len(whole), len(dump))
		}
		if parts := pieces(dump, max(n, 1)); parts != nil {
			again, last2, err2 := readDump(parts...)
			if !reflect.DeepEqual(whole, again) || last != last2 || (err == nil) != (err2 == nil) {
				t.Errorf("%+v, last %t, %v; in parts %+v, last %t, %v", whole, last, err, again, last2, err2)
			}
		}
		if last {
			if more, _, _ := readDump(append(slices.Clone(dump), dump...)); len(more) != len(whole) {
				t.Errorf("%d sockets, and %d with what came after the end", len(whole), len(more))
			}
		}
		if short, _, _ := readDump(dump[:max(min(cut, len(dump)), 0)]); len(short) > len(whole) {
			t.Errorf("%d sockets, and %d in a part of it", len(whole), len(short))
		}
	})
}
