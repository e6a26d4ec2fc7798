package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"agistorm/scenarios/arrival/recording"
)

// aSYN is an IPv4 packet from a host and a port of it to port 4573.
func aSYN(host byte, port uint16, seq uint32) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll("45 00 0028 0000 4000 40 06 0000 c0000200 c0000201"+
		"0000 11dd 00000000 00000000 5002 ffff 0000 0000", " ", ""))
	b[15] = host
	binary.BigEndian.PutUint16(b[20:], port)
	binary.BigEndian.PutUint32(b[24:], seq)
	return b
}

// fake is a source that has what was put into it.
type fake struct {
	mu      sync.Mutex
	packets []fakePacket
	losing  uint64
	failing error
	closed  int
}

type fakePacket struct {
	at     time.Duration
	packet []byte
}

func (f *fake) put(at time.Duration, packet []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.packets = append(f.packets, fakePacket{at, packet})
}

func (f *fake) wait(time.Duration) error {
	time.Sleep(time.Millisecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failing
}

func (f *fake) read(take taker) {
	f.mu.Lock()
	list := f.packets
	f.packets = nil
	f.mu.Unlock()
	for _, p := range list {
		take(p.at, p.packet, len(p.packet), []uint16{4573})
	}
}

func (f *fake) lost() (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.losing
	f.losing = 0
	return n, nil
}

func (f *fake) close() error { f.closed++; return nil }

func (f *fake) follow([]Place) error { return nil }

func begin(t *testing.T, f *fake, o Options) (*Recorder, string) {
	t.Helper()
	o.File = filepath.Join(t.TempDir(), "a.rec")
	o.Places = []Place{{Ports: []uint16{4573}}}
	r, err := start(t.Context(), o, f, time.Unix(1795986987, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r, o.File
}

// contents returns what a recording holds.
func contents(name string) (h recording.Header, syns []recording.SYN, text string, err error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return h, nil, "", err
	}
	r, err := recording.NewReader(bytes.NewReader(b))
	if err != nil {
		return h, nil, "", err
	}
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header, syns, string(b), nil
		}
		if err != nil {
			return h, nil, "", err
		}
		syns = append(syns, s)
	}
}

// TestRecorder: hosts are numbered, retransmissions marked, and what is no SYN for the ports is left out.
func TestRecorder(t *testing.T) {
	f := &fake{losing: 3}
	r, name := begin(t, f, Options{Kernel: "6.18.0"})
	const s = time.Second
	f.put(1000*s, aSYN(7, 40000, 1))
	f.put(1000*s+5, aSYN(9, 40000, 2))
	f.put(1001*s, aSYN(7, 40000, 1))
	f.put(1002*s, aSYN(7, 40000, 8)) // the port again
	other := aSYN(7, 1, 1)
	binary.BigEndian.PutUint16(other[22:], 80)
	f.put(1002*s, other)
	ack := aSYN(7, 2, 1)
	ack[33] = 0x10
	f.put(1002*s, ack)
	f.put(1002*s, []byte{0x45})
	counts, err := r.Stop()
	if err != nil {
		t.Fatal(err)
	}
	h, syns, text, err := contents(name)
	if err != nil {
		t.Fatal(err)
	}
	want := []recording.SYN{
		{At: 1000 * s, Host: 1, Port: 4573}, {At: 1000*s + 5, Host: 2, Port: 4573},
		{At: 1001 * s, Host: 1, Port: 4573, Retransmission: 1}, {At: 1002 * s, Host: 1, Port: 4573},
	}
	if !slices.Equal(syns, want) || h.Lost != 3 || h.Kernel != "6.18.0" || !slices.Equal(h.Ports, []uint16{4573}) {
		t.Errorf("%+v, %+v; want %+v", h, syns, want)
	}
	if wanted := (Counts{SYNs: 3, Retransmitted: 1, Lost: 3, Hosts: 2, Bytes: int64(len(text))}); counts != wanted {
		t.Errorf("%+v, want %+v", counts, wanted)
	}
	if strings.Contains(text, "192.0.2") {
		t.Errorf("an address is in the recording:\n%s", text)
	}
	if f.closed != 1 {
		t.Errorf("the source was closed %d times", f.closed)
	}
	if again, err := r.Stop(); err != nil || again != counts {
		t.Errorf("stopped again: %+v, %v", again, err)
	}
	twice := Options{File: name, Places: []Place{{Ports: []uint16{1}}}}
	if _, err := start(t.Context(), twice, f, time.Now()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that exists: %v, want fs.ErrExist", err)
	}
}

// TestAddresses are recorded on request.
func TestAddresses(t *testing.T) {
	f := &fake{}
	r, name := begin(t, f, Options{Addresses: true})
	f.put(time.Second, aSYN(7, 40000, 1))
	if _, err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, syns, _, _ := contents(name); len(syns) != 1 || syns[0].Address.String() != "192.0.2.7" {
		t.Errorf("%+v, want 192.0.2.7", syns)
	}
}

// TestFlush: a SYN is in the file without a stop, so that a kill loses little.
func TestFlush(t *testing.T) {
	f := &fake{}
	r, name := begin(t, f, Options{})
	f.put(time.Second, aSYN(7, 40000, 1))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, syns, _, _ := contents(name); len(syns) == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing is in the file after 10 s")
		}
	}
	if _, err := r.Stop(); err != nil {
		t.Fatal(err)
	}
}

// TestEnds: with its context, or with an error that is reported.
func TestEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{}
	name := filepath.Join(t.TempDir(), "a.rec")
	r, err := start(ctx, Options{File: name, Places: []Place{{Ports: []uint16{4573}}}}, f, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f.put(time.Second, aSYN(7, 40000, 1))
	cancel()
	<-r.Done()
	if _, syns, _, _ := contents(name); len(syns) != 1 || r.Err() != nil {
		t.Errorf("%d SYNs, %v; want 1", len(syns), r.Err())
	}
	f = &fake{failing: errors.New("no more")}
	r, _ = begin(t, f, Options{})
	<-r.Done()
	if err := r.Err(); err == nil || err.Error() != "recording: no more" {
		t.Errorf("%v, want the source's error", err)
	}
}

// BenchmarkRecord is what a SYN costs from the ring to the file's buffer.
func BenchmarkRecord(b *testing.B) {
	f := &fake{}
	name := filepath.Join(b.TempDir(), "a.rec")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := Options{File: name, Places: []Place{{Ports: []uint16{4573}}}, MaxSize: MinMaxSize}
	r, err := start(ctx, o, f, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	<-r.Done()
	r.file, err = recording.Create(name+"2", recording.Header{}, MinMaxSize)
	if err != nil {
		b.Fatal(err)
	}
	defer r.file.Close()
	packet := aSYN(7, 40000, 1)
	seq := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		binary.BigEndian.PutUint32(packet[24:], seq)
		f.packets = append(f.packets[:0], fakePacket{time.Second, packet})
		if err := r.read(); err != nil {
			b.Fatal(err)
		}
	}
}
