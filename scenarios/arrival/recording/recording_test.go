package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var compare = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

var header = Header{
	Kernel: "6.18.0", Ports: []uint16{4573, 4574}, From: time.Date(2026, 11, 29, 21, 16, 27, 0, time.UTC),
}

func read(text string) (h Header, syns []SYN, err error) {
	r, err := NewReader(strings.NewReader(text))
	if err != nil {
		return h, nil, err
	}
	for {
		s, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return r.Header, syns, nil
		case err != nil:
			return r.Header, syns, err
		}
		syns = append(syns, s)
	}
}

// TestForm: what is written, by hand, and that it is read again.
func TestForm(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.rec")
	f, err := Create(name, header, 0)
	if err != nil {
		t.Fatal(err)
	}
	syns := []SYN{
		{At: 1795986987*time.Second + 173096262, Host: 1, Port: 4573},
		{At: 1795986988*time.Second + 5, Host: 2, Port: 4574, Retransmission: 1},
	}
	for _, s := range syns {
		s.Address = netip.MustParseAddr("192.0.2.1")
		if err := f.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.SetLost(12), f.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := "# agistorm-recording 1 kernel=6.18.0 ports=4573,4574 from=2026-11-29T21:16:27Z addresses=no " +
		"lost=12                   dropped=0                   \n" +
		"# time host port retransmission\n" +
		"1795986987.173096262 1 4573 0\n1795986988.000000005 2 4574 1\n"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	h, got, err := read(string(text))
	wantHeader := header
	wantHeader.Lost = 12
	if diff := cmp.Diff(syns, got, compare) + cmp.Diff(wantHeader, h); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if !IsRecording(text) || IsRecording(text[1:]) {
		t.Error("a recording is known by its beginning")
	}
	if _, err := Create(name, header, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that exists: %v, want fs.ErrExist", err)
	}
}

// TestAddresses: they are there only where they are asked for, and the file is nobody else's then.
func TestAddresses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.rec")
	h := header
	h.Addresses = true
	f, err := Create(name, h, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := SYN{At: 5, Host: 1, Port: 4573, Address: netip.MustParseAddr("2001:db8::1")}
	if err := errors.Join(f.Add(want), f.Close()); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(name)
	_, got, err := read(string(text))
	if diff := cmp.Diff([]SYN{want}, got, compare); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want mode 0600", info.Mode(), err)
	}
}

// TestMaxSize: a full file keeps the newest SYNs, at least half as many as it has room for, and counts the others.
func TestMaxSize(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.rec")
	const most, all, flushed = 8 << 10, 5000, 7
	f, err := Create(name, header, most)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := f.Add(SYN{At: time.Duration(i), Host: 1, Port: 4573}); err != nil {
			t.Fatal(err)
		}
		if i%flushed > 0 {
			continue
		}
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Size() > most || info.Size() != f.Size() {
			t.Fatalf("%d bytes, %d by its own count, %v; want at most %d", info.Size(), f.Size(), err, most)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(name)
	h, syns, err := read(string(text))
	if err != nil || len(syns) == 0 || syns[len(syns)-1].At != all-1 || h.Dropped != uint64(all-len(syns)) {
		t.Fatalf("%d SYNs, %d dropped, %v; want the newest of %d, and the rest counted", len(syns), h.Dropped, err, all)
	}
	for i := range syns[1:] {
		if syns[i+1].At != syns[i].At+1 {
			t.Fatalf("SYN %v follows %v", syns[i+1].At, syns[i].At)
		}
	}
	if len(text) < most/2-most/8 {
		t.Errorf("%d bytes are kept of %d", len(text), most)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%v; want the recording only", files)
	}
	if _, err := Create(filepath.Join(dir, "b.rec"), header, 300); err == nil ||
		!strings.Contains(err.Error(), "want at least") {
		t.Errorf("a size below the header's: %v", err)
	}
}

func TestErrors(t *testing.T) {
	head := string(header.append(nil))
	for text, want := range map[string]string{
		"":                                         "line 1: the file ends within a line",
		"x\n":                                      `line 1: want "# agistorm-recording 1" and what was recorded`,
		"# agistorm-recording 2 a\n":               `line 1: a recording of version "2", and version 1 is known here`,
		"# agistorm-recording 1 lost=x\n":          `line 1: "lost=x": `,
		"# agistorm-recording 1 ports=0\n":         `line 1: "ports=0": port "0": want 1 to 65535`,
		head + "1.5 1 4573\n":                      "line 3: want TIME HOST PORT RETRANSMISSION",
		head + "1.5 1 4573 0 ::1 x\n":              "line 3: want TIME HOST PORT RETRANSMISSION",
		head + "x 1 4573 0\n":                      `line 3: time "x": want seconds since 1970`,
		head + "1.1234567890 1 4573 0\n":           `line 3: time "1.1234567890": want seconds since 1970`,
		head + "9300000000 1 4573 0\n":             `line 3: time "9300000000": want seconds`,
		head + "1.5 0 4573 0\n":                    `line 3: host "0": want a number from 1`,
		head + "1.5 1 70000 0\n":                   `line 3: port "70000": want 1 to 65535`,
		head + "1.5 1 4573 -1\n":                   `line 3: retransmission "-1": want a number from 0`,
		head + "1.5 1 4573 0 y\n":                  `line 3: address "y": want an IP address`,
		head + "1.5 1 4573 0\n1.6 1 45":            "line 4: the file ends within a line",
		head + strings.Repeat("x", maxLine) + "\n": fmt.Sprintf("line 3: want less than %d bytes", maxLine),
	} {
		_, _, err := read(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
		if truncated := strings.Contains(want, "ends within"); truncated != errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%.60q: %v; is it truncated: want %t", text, err, truncated)
		}
	}
	if _, syns, err := read(head + "\n# a comment\n1.5 1 4573 0\n"); err != nil || len(syns) != 1 ||
		syns[0].At != 1500*time.Millisecond {
		t.Errorf("%v, %v", syns, err)
	}
}

// FuzzReader: whatever the text, there are SYNs or an error of one line; what was read is written and read again as it
// is.
func FuzzReader(f *testing.F) {
	head := string(header.append(nil))
	f.Add(head + "1795986987.173096262 1 4573 0\n1.5 2 4574 1 192.0.2.1\n")
	f.Add(head + "1.5 1 45")
	f.Add("# agistorm-recording 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		h, syns, err := read(text)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is more than a line", err)
		}
		if len(syns) == 0 {
			return
		}
		written := bytes.Clone(h.append(nil))
		for i := range syns {
			written = syns[i].append(written)
		}
		h2, again, err := read(string(written))
		if diff := cmp.Diff(syns, again, compare); diff != "" || err != nil || h2.Lost != h.Lost {
			t.Errorf("%v, lost %d and %d (-read +again):\n%s", err, h.Lost, h2.Lost, diff)
		}
	})
}

// BenchmarkReader is what a line costs to read, BenchmarkAdd to write.
func BenchmarkReader(b *testing.B) {
	line := (&SYN{At: 1795986987*time.Second + 173096262, Host: 17, Port: 4573}).append(nil)
	text := append(header.append(nil), bytes.Repeat(line, 10_000)...)
	var r *Reader
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if r == nil {
			r, _ = NewReader(bytes.NewReader(text))
		}
		if _, err := r.Next(); err != nil {
			r = nil
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	f, err := Create(filepath.Join(b.TempDir(), "a.rec"), header, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Add(SYN{At: 1795986987 * time.Second, Host: 17, Port: 4573}); err != nil {
			b.Fatal(err)
		}
	}
}
