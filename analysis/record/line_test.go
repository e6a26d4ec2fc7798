package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full has every field set, each to another value.
func full() Attempt {
	d := func(n int) *time.Duration { v := time.Duration(n) * time.Microsecond; return &v }
	k := uint32(3)
	return Attempt{
		Seq: 1, Intended: 2, Started: d(3), Tried: d(4), SYNACK: d(5), Connected: d(6), FirstCommand: d(7), Done: 8,
		Outcome: ProtocolError, Errno: "ECONNRESET", Limit: "session", Reason: "a \"quoted\" \\ line\n\x00 é 世",
		Address: "127.0.0.2:4573", Local: "[::1]:40000", SYNRetransmits: &k, EarlierSYNRetransmits: 9,
		RTT: d(10), RTOTime: d(11), Commands: 12, ReplyLag: d(13), ReplyLagSum: 14, BytesIn: 1 << 40, BytesOut: 1 << 41,
	}
}

func encoded(t testing.TB, a Attempt) []byte {
	t.Helper()
	data, err := json.Marshal((&Storm{Address: "127.0.0.1:4573"}).Line(&a))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// slow reads a line as encoding/json does.
func slow(data []byte) (Attempt, error) {
	var a Attempt
	err := json.Unmarshal(data, &a)
	return a, err
}

func TestLinesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for _, want := range []Attempt{full(), {}, {Outcome: Answered, Started: new(time.Duration),
		SYNRetransmits: new(uint32)}} {
		data := encoded(t, want)
		var got Attempt
		if err := decode(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		same, err := slow(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: read otherwise than written (-want +got):\n%s", data, diff)
		}
		if diff := cmp.Diff(same, got); diff != "" {
			t.Errorf("%s: read otherwise than by encoding/json:\n%s", data, diff)
		}
	}
}

// The optional values of attempts must not share a place.
func TestLinesKeepTheirOwnValues(t *testing.T) {
	in := opened(t, t.TempDir())
	local := func(i int) string { return fmt.Sprint("127.0.0.1:", i) }
	var file bytes.Buffer
	const n = 1543
	for i := range n {
		started := time.Duration(i)
		fmt.Fprintf(&file, "%s\n", encoded(t, Attempt{Seq: uint64(i), Started: &started, Local: local(i)}))
	}
	if err := os.WriteFile(in.file(attemptsFile), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var attempts []Attempt
	if err := readLines(in, attemptsFile, &attempts); err != nil || len(attempts) != n {
		t.Fatalf("%d attempts, %v, want %d", len(attempts), err, n)
	}
	for i, a := range attempts {
		if a.Seq != uint64(i) || *a.Started != time.Duration(i) || a.Local != local(i) {
			t.Fatalf("attempt %d: %+v, started %d", i, a, *a.Started)
		}
	}
}

func TestBrokenLines(t *testing.T) {
	for _, text := range []string{
		``, `{`, `[]`, `7`, `null x`, `{"seq":-1}`, `{"seq":"1"}`, `{"started_ns":1.5}`, `{"outcome":7}`,
		`{"commands":4294967296}`,
		`{"seq":1}{"seq":2}`, `{"seq":1`, `{"done_ns":true}`, "{\"local\":\"\x01",
	} {
		var a Attempt
		if err := decode([]byte(text), &a); err == nil {
			t.Errorf("%q was read as %+v", text, a)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add(encoded(f, full()))
	f.Add([]byte(`{"seq":1,"started_ns":null,"x":{"y":[1,{"z":"}"}]},"outcome":"answered"}`))
	f.Add([]byte(`{"reason":"\ud83d\ude00\u0000"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got Attempt
		failed := decode(data, &got)
		want, err := slow(data)
		if err == nil {
			err = want.check()
		}
		if (err == nil) != (failed == nil) {
			t.Fatalf("%q: %v, want %v", data, failed, err)
		}
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("%q: read otherwise than by encoding/json:\n%s", data, diff)
		}
	})
}

// Peers, samples and a target are read as they were written, and a null is nothing.
func TestPeersAndSamples(t *testing.T) {
	drops := uint32(7)
	readBack(t, QueueSample{At: -3, Depth: 1, Limit: 128, Drops: &drops})
	readBack(t, QueueSample{At: 5})
	readBack(t, CounterSample{At: 5, Gained: Counters{"ListenDrops": 3}})
	readBack(t, Target{
		Asked: 5, Effective: ptr(128), CPU: ptr(time.Second), Watch: &Watch{Looks: 3}, Priority: &Priority{Nice: -5},
		Peers: []Peer{
			{At: 1, Address: "[::1]:5", Queued: new(time.Duration), Done: 2, Fate: "served"},
			{At: 3, Address: "[::1]:6", Done: 4, Fate: "served", Socket: 2}, {},
		},
	})
	got := Target{}
	if err := decode([]byte(`{"peers":null,"asked_backlog":9}`), &got); err != nil || got.Peers != nil ||
		got.Asked != 9 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, broken := range []string{
		`{"peers":{}}`, `{"peers":[7]}`, `{"peers":[{"at_ns":"x"}]}`, `{"peers":[{"fate":3}]}`, `{"watch":7}`,
		`{"watch":{"looks":"x"}}`,
	} {
		if err := decode([]byte(broken), &Target{}); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
	for _, broken := range []string{`{"depth":-1}`, `{"depth":4294967296}`, `{"at_ns":"1"}`} {
		if err := decode([]byte(broken), &QueueSample{}); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}

func readBack[T any](t *testing.T, want T) {
	t.Helper()
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := decode(data, &got); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", data, diff)
	}
}

// BenchmarkLine reads a line of attempts.jsonl:
//
//	go test ./analysis/record -run - -bench Line -cpu 1
func BenchmarkLine(b *testing.B) {
	data := encoded(b, full())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var a Attempt
		if err := decode(data, &a); err != nil {
			b.Fatal(err)
		}
	}
}
