package arrival

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadTrace(t *testing.T) {
	for _, c := range []struct {
		name, text string
		column     int
		want       []time.Duration
	}{
		{"a call log, in the order of the calls' ends", "id,start\n1,2026-11-23 10:00:01.5\n2,2026-11-23 10:00:00\n", 2,
			[]time.Duration{0, 1500 * ms}},
		{"RFC 3339, zones", "2026-11-23T10:00:00Z\n2026-11-23T11:00:00.25+01:00\n", 1, []time.Duration{0, 250 * ms}},
		{"Unix seconds, all nanoseconds", "1750000000.000000001\n1750000001.5\n1750000000\n", 1,
			[]time.Duration{0, 1, 1500 * ms}},
		{"offsets in seconds stay", "0.5\n2\n", 1, []time.Duration{500 * ms, 2000 * ms}},
		{"offsets stay", "250ms\n\n# noon\n1m2s\n", 1, []time.Duration{250 * ms, 62_000 * ms}},
		{"blanks between", "call 3\ncall 1\n", 2, []time.Duration{1000 * ms, 3000 * ms}},
		{"quotes", `"a, b","1.5",x` + "\n" + `"c","0.5",y`, 2, []time.Duration{500 * ms, 1500 * ms}},
		{"an instant between blanks is two words", "a 2026-11-23 10:00:01 x\nb 2026-11-23 10:00:00 y\n", 2,
			[]time.Duration{0, 1000 * ms}},
		{"one column in quotes", "\"start\"\n\"2026-11-23 10:00:00\"\n\"2026-11-23 10:00:01\"\n", 1,
			[]time.Duration{0, 1000 * ms}},
		{"a blank before the quote", "a, \"1.5\"\nb, \"2\"\n", 2, []time.Duration{1500 * ms, 2000 * ms}},
		{"a number as Asterisk's uniqueid is read with a fraction", "1750000000.123\n1750000000.2\n", 1,
			[]time.Duration{0, 77 * ms}},
		{"Unix seconds from 1e8 on", "100000000\n100000001\n", 1, []time.Duration{0, 1000 * ms}},
		{"no line feed at the end, CRLF, byte order mark", "\ufeffstart\r\n3\r\n1", 1,
			[]time.Duration{1000 * ms, 3000 * ms}},
	} {
		got, err := ReadTrace(strings.NewReader(c.text), c.column)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestReadTraceErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		want   string
	}{
		{"", 1, "there is no time in it"},
		{"start\n# none\n", 1, "there is no time in it"},
		{"1\nnoon\n", 1, `line 2: column 1, "noon": want seconds, as in the lines before`},
		{"start\nnoon\n", 1, `line 2: column 1, "noon": want an instant`},
		{"1s\n2026-11-23T10:00:00Z\n", 1, `line 2: column 1, "2026-11-23T10:00:00Z": want a time such as 250ms`},
		{"a,1\nb\n", 2, "line 2: columns: 1, want at least 2"},
		{"1\n-1\n", 1, `"-1": want seconds`},
		{"1\n1.x\n", 1, `"1.x": want seconds`},
		{"0\n86401\n", 1, "its times span 24h0m1s: want up to 24h0m0s"},
		{"1\n" + strings.Repeat("x", maxTraceLine+1), 1, "line 2: want less than 65536 bytes"},
		{"99999999.5\n", 1, "its times span 27777h46m39.5s: want up to 24h0m0s"},
		{"30000h\n30001h\n", 1, "its times span 30001h0m0s"},
		{"-1\n2\n", 1, `line 1: column 1, "-1": want an instant`},
		{"2026-13-23 10:00:00\n2026-11-23 10:00:00\n", 1, `line 1: column 1, "2026-13-23": want an instant`},
		{"1", 0, "column 0: want a number from 1"},
	} {
		_, err := ReadTrace(strings.NewReader(c.text), c.column)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %q", c.text, err, c.want)
		}
	}
}

// logs stand for files.
func logs(name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, "testdata/") {
		return os.Open(name)
	}
	text, ok := map[string]string{"calls.log": "3\n1\n2\n", "my calls.csv": "a,0s\nb,5s\n", "bad": "x\ny\n"}[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func TestTrace(t *testing.T) {
	for _, c := range []struct {
		spec  string
		o     Options
		words string
		want  []time.Duration
	}{
		{"trace calls.log", Options{}, "3 as in calls.log",
			[]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}},
		{"trace calls.log", Options{Calls: 2}, "2 as in calls.log", []time.Duration{time.Second, 2 * time.Second}},
		{"trace calls.log", Options{Duration: 3 * time.Second}, "2 as in calls.log",
			[]time.Duration{time.Second, 2 * time.Second}},
		{"trace testdata/Master.csv column 10", Options{}, "3 as in testdata/Master.csv",
			[]time.Duration{0, 2 * time.Second, 61 * time.Second}},
		{`trace "my calls.csv" column 2`, Options{}, "2 as in my calls.csv", []time.Duration{0, 5 * time.Second}},
	} {
		c.o.Open = logs
		s, err := Parse(c.spec, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		var got []time.Duration
		for i := range s.Len() {
			got = append(got, s.At(i))
		}
		if diff := cmp.Diff(c.want, got); diff != "" || s.String() != c.words {
			t.Errorf("%s, %+v: %q (-want +got):\n%s", c.spec, c.o, s, diff)
		}
	}
	for spec, want := range map[string]string{
		"trace none": "file does not exist", "trace bad": "bad: line 2: ",
		`trace "my calls.csv`: "a double quote is not closed", `trace ""`: "the file of a trace has no name",
	} {
		if _, err := Parse(spec, Options{Open: logs}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}

// TestDuration: calls come while less than the duration has passed; worked out by hand.
func TestDuration(t *testing.T) {
	for _, c := range []struct {
		spec string
		o    Options
		want int
	}{
		{"constant 500/s", Options{Duration: time.Second}, 500},
		{"constant 3/s", Options{Duration: time.Second + 1}, 4},
		{"constant 500/s", Options{Duration: time.Second, Calls: 20}, 20},
		{"constant 500/s", Options{Duration: time.Second, Calls: 2000}, 500},
		{"burst 7 every 100ms", Options{Duration: 250 * time.Millisecond}, 21},
		{"burst", Options{Duration: time.Second, Calls: 9}, 9},
		// Calls 10,000,000 times 1 h or 24 h later do not fit into 64 bits of nanoseconds.
		{"constant 1/h", Options{Duration: 90 * time.Minute}, 2},
		{"constant 1/24h", Options{Duration: time.Hour}, 1},
		{"constant 1000000000/h", Options{Duration: time.Second}, 277_778},
		{"burst 5 every 24h", Options{Duration: 3 * time.Hour}, 5},
		{"constant 10000000/s", Options{Duration: time.Second}, MaxCalls},
		// From 10/s evenly to 0 in 2 s there are 10 calls, and then none.
		{"ramp 10/s to 1/m in 2s", Options{Duration: 1900 * time.Millisecond}, 10},
		{"ramp 10/s to 1/m in 2s", Options{Duration: 5 * time.Second}, 10},
		{"ramp 10/s to 1/m in 2s", Options{Duration: 5 * time.Second, Calls: 1000}, 10},
		{"ramp 10/s to 1/m in 2s", Options{Duration: 5 * time.Second, Calls: 5}, 5},
		// One call a day at first: the next would come after more than a day, and so after the hour.
		{"ramp 1/24h to 2/24h in 1h", Options{Duration: time.Hour}, 1},
		{"sine 100/s amp 80/s every 10s", Options{Duration: 10 * time.Second}, 1000},
	} {
		s, err := Parse(c.spec, c.o)
		if err != nil {
			t.Errorf("%s for %v: %v", c.spec, c.o.Duration, err)
			continue
		}
		if got := s.Len(); got < c.want-1 || got > c.want ||
			!strings.HasPrefix(c.spec, "ramp") && !strings.HasPrefix(c.spec, "sine") && got != c.want {
			t.Errorf("%s for %v: %d calls, want %d", c.spec, c.o.Duration, got, c.want)
		}
	}
	if s, err := Parse("poisson 1000/s", Options{Duration: 10 * time.Second, Seed: 1}); err != nil || s.Len() < 9600 ||
		s.Len() > 10400 {
		t.Errorf("poisson 1000/s for 10 s: %v, %v; want 10,000 calls within four deviations of 100", s, err)
	}
	for spec, want := range map[string]string{"burst": "a burst has no rate",
		"poisson 1/h": "no call comes within 1ms"} {
		if _, err := Parse(spec, Options{Duration: time.Millisecond, Seed: 1}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
	for _, spec := range []string{"constant 10000001/s", "burst 10000001 every 1s", "poisson 20000000/s"} {
		_, err := Parse(spec, Options{Duration: time.Second, Seed: 1})
		if want := "more than 10000000 calls come within 1s"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
	if _, err := Parse("constant 1/s", Options{Duration: 25 * time.Hour}); err == nil {
		t.Error("a duration of 25 h was taken")
	}
}

// TestParts: all shares together are the schedule, each attempt once, at its own time.
func TestParts(t *testing.T) {
	for _, spec := range []string{"poisson 100/s", "burst in 200ms", "asterisk 1", "asterisk 3"} {
		for _, calls := range []int{3, 7, 100} {
			whole := parsed(t, spec, Options{Calls: calls, Seed: 5})
			for n := 1; n < 9; n++ {
				sharesMakeWhole(t, whole, n)
			}
		}
	}
	sharesMakeWhole(t, Burst{1}, 3)
	if got, want := (Part{Burst{5}, 1, 3}).String(), "5 at once, share 1 of 0 to 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func sharesMakeWhole(t *testing.T, whole Schedule, n int) {
	t.Helper()
	var seen []int
	for k := range n {
		p := Part{whole, k, n}
		for i := range p.Len() {
			seen = append(seen, p.Global(i))
			if p.At(i) != whole.At(p.Global(i)) {
				t.Errorf("%s: attempt %d comes at %v, want %v", p, i, p.At(i), whole.At(p.Global(i)))
			}
		}
	}
	slices.Sort(seen)
	for i := range max(whole.Len(), len(seen)) {
		if len(seen) != whole.Len() || seen[i] != i {
			t.Fatalf("%s in %d shares: %v", whole, n, seen)
		}
	}
}

// FuzzReadTrace: whatever the text, there are times in order from 0 on, or an error.
func FuzzReadTrace(f *testing.F) {
	for _, text := range []string{"1\n2\n", "a,2026-11-23 10:00:00\n", "1750000000.5", "1h\n5ms\n", `"a""b",1` + "\n",
		"9999999999\n", "1..\n"} {
		f.Add(text, 1)
		f.Add(text, 2)
	}
	f.Fuzz(func(t *testing.T, text string, column int) {
		at, err := ReadTrace(strings.NewReader(text), column)
		if err != nil {
			return
		}
		if len(at) == 0 || at[0] < 0 || at[len(at)-1] > longest || !slices.IsSorted(at) {
			t.Errorf("%v", at)
		}
	})
}
