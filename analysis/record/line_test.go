package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	data, err := json.Marshal(newLine(&Storm{Address: "127.0.0.1:4573"}, &a))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// slow reads a line as encoding/json does.
func slow(data []byte) (Attempt, error) {
	var l line
	err := json.Unmarshal(data, &l)
	a := l.Attempt
	a.Seq, a.BytesIn, a.BytesOut = l.Result.Seq, l.Result.BytesIn, l.Result.BytesOut
	return a, err
}

func TestLinesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	r := &lineReader{words: map[string]string{}}
	for _, want := range []Attempt{full(), {}, {Outcome: Answered, Started: new(time.Duration), SYNRetransmits: new(uint32)}} {
		data := encoded(t, want)
		var got Attempt
		if err := r.decode(data, &got); err != nil {
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
	path := filepath.Join(t.TempDir(), "attempts.jsonl")
	var file bytes.Buffer
	const n = 3*optionalsAtOnce + 7
	for i := range n {
		started := time.Duration(i)
		fmt.Fprintf(&file, "%s\n", encoded(t, Attempt{Seq: uint64(i), Started: &started, Local: fmt.Sprint(i)}))
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	attempts, err := readLines(path, attemptLines)
	if err != nil || len(attempts) != n {
		t.Fatalf("%d attempts, %v, want %d", len(attempts), err, n)
	}
	for i, a := range attempts {
		if a.Seq != uint64(i) || *a.Started != time.Duration(i) || a.Local != fmt.Sprint(i) {
			t.Fatalf("attempt %d: %+v, started %d", i, a, *a.Started)
		}
	}
}

func TestBrokenLines(t *testing.T) {
	for _, text := range []string{
		``, `{`, `[]`, `7`, `null x`, `{"seq":-1}`, `{"seq":"1"}`, `{"started_ns":1.5}`, `{"outcome":7}`, `{"commands":4294967296}`,
		`{"seq":1}{"seq":2}`, `{"seq":1`, `{"done_ns":true}`, "{\"local\":\"\x01",
	} {
		var a Attempt
		if err := (&lineReader{words: map[string]string{}}).decode([]byte(text), &a); err == nil {
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
		failed := (&lineReader{words: map[string]string{}}).decode(data, &got)
		want, err := slow(data)
		if err != nil || failed != nil {
			return // encoding/json knows keys in any case, and so finds more to refuse; the lexer is not strict about escapes
		}
		// What was read is written and read again: no value was lost on the way.
		var again Attempt
		if err := (&lineReader{words: map[string]string{}}).decode(encoded(t, got), &again); err != nil {
			t.Fatalf("%q: read as %+v, whose own line is broken: %v", data, got, err)
		}
		if text := strings.ToLower(string(data)); !strings.Contains(text, "\\u") && !strings.Contains(text, "null") && lowerKeys(data) {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: read otherwise than by encoding/json:\n%s", data, diff)
			}
		}
	})
}

// lowerKeys tells whether nothing in data could be a key in another case, or one that encoding/json folds (U+017F, U+212A).
func lowerKeys(data []byte) bool {
	for _, c := range data {
		if c >= 'A' && c <= 'Z' || c >= 0x80 {
			return false
		}
	}
	return true
}

// Peers and samples are read as they were written, and a null is nothing.
func TestPeersAndSamples(t *testing.T) {
	drops := uint32(7)
	samples := []QueueSample{{At: -3, Depth: 1, Limit: 128, Drops: &drops}, {At: 5}}
	target := Target{Asked: 5, Peers: Peers{{At: 1, Address: "[::1]:5", Queued: new(time.Duration), Done: 2, Fate: "served"}, {At: 3, Address: "b", Done: 4, Fate: "served", Socket: 2}, {}}}
	var gotSamples []QueueSample
	var gotTarget Target
	for _, pair := range [][2]any{{samples, &gotSamples}, {target, &gotTarget}} {
		data, err := json.Marshal(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, pair[1]); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
	if diff := cmp.Diff(samples, gotSamples); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(target, gotTarget); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`{"peers":null,"asked_backlog":9}`), &gotTarget); err != nil || gotTarget.Peers != nil || gotTarget.Asked != 9 {
		t.Errorf("%+v, %v", gotTarget, err)
	}
	for _, broken := range []string{`{"peers":{}}`, `{"peers":[7]}`, `{"peers":[{"at_ns":"x"}]}`, `{"peers":[{"fate":3}]}`} {
		if err := json.Unmarshal([]byte(broken), &gotTarget); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
	if err := json.Unmarshal([]byte(`{"depth":-1}`), &QueueSample{}); err == nil {
		t.Error("a negative depth was read")
	}
}
