package arrival

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nearly stands for the suggestions.
func nearly(word string, candidates []string) string {
	for _, c := range candidates {
		if strings.HasPrefix(c, word) {
			return c
		}
	}
	return ""
}

// wholeSeconds is a log of 1,200 calls, 200 in each second.
var wholeSeconds = func() string {
	text := ""
	for i := range 1200 {
		text += fmt.Sprintf("2026-10-05 09:00:%02d\n", i/200)
	}
	return text
}()

// logs stand for files.
func logs(name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, "testdata/") {
		return os.Open(name)
	}
	text, ok := map[string]string{
		"calls.log": "3\n1\n2\n", "my calls.csv": "a,0s\nb,5s\n", "bad": "x\ny\n",
		"messages": "[Oct  5 09:00:00] NOTICE[1] x\n more\n",
		"days.csv": "2026-10-05 09:00:00\n2026-10-06 09:00:01\n", "seconds.csv": wholeSeconds,
	}[name]
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
		{"trace testdata/Master.csv column 10", Options{}, "3 as in testdata/Master.csv, column 10",
			[]time.Duration{0, 2 * time.Second, 61 * time.Second}},
		{"trace messages", Options{}, "1 as in messages; 1 line skipped; no line has AGI(agi://…), so all are calls",
			[]time.Duration{0}},
		{`trace "my calls.csv" column 2`, Options{}, "2 as in my calls.csv, column 2", []time.Duration{0, 5 * time.Second}},
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
	clauses := `after the file, want "column N|NAME", "from T", "to T", "busiest TIME", "times N", "exact", ` +
		`"us-dates" or "port N", `
	for spec, want := range map[string]string{
		"trace none": "file does not exist", "trace bad": "bad: line 2: ",
		"trace calls.log 2": clauses + `not "2"`, "trace calls.log colum 2": `"colum": did you mean column?`,
		"trace calls.log exact exact": "exact stands there twice", "trace calls.log column": `want "column N|NAME"`,
		"trace calls.log times 0":      `times is a number from 1, not "0"`,
		"trace calls.log busiest year": `"year" is not a time`,
		"trace days.csv": "days.csv: its times span 24h0m1s: want up to 24h0m0s; " +
			"take a part: from T to T, or busiest minute",
		"trace calls.log from 9s": "calls.log: no call from 9s; the log goes from 1s to 3s",
		"trace calls.log times 4000000": "calls.log: 3 calls, each 4000000 times: a storm has 1 to 10000000; " +
			"want fewer times, or a part: from T to T",
		"trace calls.log port 0": `the port is a number from 1 to 65535, not "0"`,
		"trace calls.log port 80": "calls.log: port 80: the file is a log, and only packet captures and recordings " +
			"have ports; leave it out",
		`trace "my calls.csv`: "a double quote is not closed", `trace ""`: "the file of a trace has no name",
	} {
		if _, err := Parse(spec, Options{Open: logs, Near: nearly}); err == nil || !strings.Contains(err.Error(), want) {
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

// TestWholeSeconds: calls of a log in whole seconds start at any time within their second, by the seed; no instant has
// a burst of them. As bursts a server lost 620 of these 1,200 calls, and of the real ones none.
func TestWholeSeconds(t *testing.T) {
	s := parsed(t, "trace seconds.csv", Options{Seed: 1, Open: logs})
	for i := range s.Len() {
		if second := s.At(i).Truncate(time.Second); second != time.Duration(i/200)*time.Second {
			t.Fatalf("call %d of second %d is at %v", i, i/200, s.At(i))
		}
		if i >= 20 && s.At(i)-s.At(i-20) < 10*ms {
			t.Errorf("20 calls in the 10 ms before %v", s.At(i))
		}
	}
	neverDecreases(t, s)
	if want := "1200 as in seconds.csv, spread within 1 s"; s.String() != want {
		t.Errorf("%q, want %q", s, want)
	}
	want := Trace{File: "seconds.csv", Calls: 1200, Found: 1200, Resolution: time.Second, Spread: time.Second, Times: 1}
	if diff := cmp.Diff(&want, TraceOf(Part{s, 0, 2})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	same := parsed(t, "trace seconds.csv", Options{Seed: 1, Open: logs})
	other := parsed(t, "trace seconds.csv", Options{Seed: 2, Open: logs})
	if s.At(600) != same.At(600) || s.At(600) == other.At(600) {
		t.Error("the seed does not decide the schedule")
	}
	exact := parsed(t, "trace seconds.csv exact", Options{Open: logs})
	if exact.At(199) != 0 || exact.At(200) != time.Second || TraceOf(exact).Spread != 0 {
		t.Errorf("exact: call 199 at %v, call 200 at %v", exact.At(199), exact.At(200))
	}
}

// TestTimes: each call ten times, within its second or up to the next call; exact, at the same instant.
func TestTimes(t *testing.T) {
	within := func(spec string, want ...time.Duration) Schedule {
		s := parsed(t, spec, Options{Seed: 1, Open: logs})
		for i := range s.Len() {
			if from, to := want[i/10], want[i/10+1]; s.Len() != 10*(len(want)-1) || s.At(i) < from || s.At(i) > to {
				t.Errorf("%s: call %d of %d at %v, want %v to %v", spec, i, s.Len(), s.At(i), from, to)
			}
		}
		neverDecreases(t, s)
		return s
	}
	within("trace testdata/Master.csv from 10:00:02 times 10", 0, time.Second, 60*time.Second)
	fine := within("trace testdata/logs/ms_epoch.csv from 1759654800500 to 1759654800520 times 10", 0, 10*ms, 20*ms)
	if fine.At(0) != 0 || fine.At(10) != 10*ms || fine.At(5) == 0 {
		t.Errorf("the first of ten calls is not at the log's time: %v, %v", fine.At(0), fine.At(10))
	}
	s := within("trace calls.log times 10 exact", time.Second, 2*time.Second, 3*time.Second, 3*time.Second)
	if s.At(9) != time.Second {
		t.Errorf("exact: the tenth call at %v", s.At(9))
	}
}

// TestBusiest: the span with the most calls begins with one of them.
func TestBusiest(t *testing.T) {
	at := []time.Duration{0, 50, 59, 60, 100, 119, 120, 170}
	if first, last := busiestSpan(at[3:6], 60); first != 0 || last != 3 { // 60, 100, 119
		t.Errorf("%d to %d, want 0 to 3", first, last)
	}
	if first, last := busiestSpan(at, 60); first != 1 || last != 5 { // 50, 59, 60, 100
		t.Errorf("%d to %d, want 1 to 5", first, last)
	}
	s := parsed(t, "trace days.csv busiest minute", Options{Open: logs})
	if want := "1 as in days.csv, busiest minute"; s.String() != want || s.At(0) != 0 {
		t.Errorf("%q, want %q", s, want)
	}
}
