package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/perf/benchfmt"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios/axis"
)

var update = flag.Bool("update", false, "write testdata anew")

func ptr[T any](v T) *T { return &v }

const ms = time.Millisecond

// sample is two settings with two storms of three calls each: one answered, one late, one lost.
func sample() *analysis.Summary {
	run := &record.Run{
		Format: record.Format, Version: "1.2.3", Repeats: 2, Isolation: record.Isolation{Mode: record.IsolationUser},
		Scenario: record.Scenario{
			Name:         "x",
			Calls:        3,
			Arrival:      "3 at once",
			Target:       "pool of 16",
			ConnectLimit: 2 * time.Second,
		},
		Host:    record.Host{OS: "linux", Arch: "amd64", CPU: "a \"CPU\", of two", Kernel: "6.18"},
		Started: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), Finished: time.Date(2026, 11, 23, 7, 1, 0, 0, time.UTC),
	}
	storms := summary.Storms{}
	for _, n := range []int{128, 2147483647} {
		c := record.Cell{ID: "c" + axis.FormatLimit(n), Backlog: record.BacklogMax, Somaxconn: n, Effective: n}
		run.Cells = append(run.Cells, c)
		storms[c.ID] = []*record.Repeat{storm(n), storm(n)}
	}
	return summary.New(run, storms)
}

func storm(limit int) *record.Repeat {
	answered := record.Attempt{
		Seq: 0, Started: ptr(1 * ms), Connected: ptr(2 * ms), FirstCommand: ptr(4 * ms), Done: 5 * ms,
		Outcome: record.Answered,
		Local:   "127.0.0.1:1000", SYNRetransmits: ptr(uint32(0)), RTT: ptr(30 * time.Microsecond), Commands: 2, BytesIn: 7,
		BytesOut: 800,
	}
	workers := []record.Worker(nil)
	if limit == 128 { // the other setting is as 0.1.0 recorded it
		answered.ReplyLag, answered.ReplyLagSum = ptr(2*ms), 3*ms
		workers = []record.Worker{{Share: "0/1", Attempts: 3, ReplyLag: &record.Lag{Count: 2, Sum: 3 * ms, Max: 2 * ms,
			Brackets: []record.LagBracket{{Below: 1100 * time.Microsecond, Count: 1}, {Below: 2100 * time.Microsecond,
				Count: 1}}}}}
	}
	tardy := answered
	tardy.Seq, tardy.SYNRetransmits, tardy.Connected, tardy.SYNACK = 1, ptr(uint32(1)), ptr(1020*ms), ptr(1010*ms)
	tardy.FirstCommand, tardy.Done, tardy.Intended = ptr(1030*ms), 1040*ms, 1*ms
	lost := record.Attempt{
		Seq:            3,
		Started:        ptr(1 * ms),
		Done:           2001 * ms,
		Outcome:        record.ConnectTimeout,
		Limit:          "connect",
		SYNRetransmits: ptr(uint32(1)),
		Reason:         "a, \"b\"\nc",
	}
	return &record.Repeat{
		Attempts: []record.Attempt{answered, tardy, lost},
		Storm: record.Storm{Engine: "epoll", Start: time.Date(2026, 11, 23, 7, 0, 1, 0, time.UTC),
			Address: "127.0.0.1:4573", Wall: 2001 * ms, Workers: workers},
		Queue: []record.QueueSample{{At: 0, Depth: 2, Limit: uint32(limit)}, {At: 10 * ms, Limit: uint32(limit)}},
	}
}

func write(t testing.TB, name string, s *analysis.Summary) string {
	t.Helper()
	f, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	for name, file := range map[string]string{
		"csv": "storms.csv", "attempts-csv": "attempts.csv", "benchfmt": "benchmarks.txt", "vegeta-json": "vegeta.json",
		"vegeta-csv": "vegeta.csv",
	} {
		path, got := filepath.Join("testdata", file), write(t, name, sample())
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got); -update writes it anew\n%s", path, err, diff)
		}
	}
}

func TestFind(t *testing.T) {
	if _, err := Find("xml"); err == nil ||
		err.Error() != `export "xml": want csv, attempts-csv, benchfmt, vegeta-json, vegeta-csv, vegeta-gob, json-schema, `+
			`hlog-handshake, hlog-connect, hlog-first-command, hlog-session` {
		t.Error(err)
	}
}

// Each form of vegeta's says of every attempt what the record says.
func TestVegeta(t *testing.T) {
	for name, decoder := range map[string]func(io.Reader) vegeta.Decoder{
		"vegeta-json": vegeta.NewJSONDecoder, "vegeta-csv": vegeta.NewCSVDecoder, "vegeta-gob": vegeta.NewDecoder,
	} {
		decode := decoder(strings.NewReader(write(t, name, sample())))
		var all []vegeta.Result
		for {
			var r vegeta.Result
			err := decode(&r)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, r)
		}
		if len(all) != 12 {
			t.Fatalf("%s: %d results, want 12", name, len(all))
		}
		last := all[11]
		if last.Attack != "somaxconn max, storm 2" || last.Seq != 2 || last.Code != 0 || last.Error != "connect-timeout" ||
			last.Latency != 2001*ms {
			t.Errorf("%s: %+v", name, last)
		}
		if late := all[1]; late.Code != 200 || late.Latency != 1039*ms ||
			!late.Timestamp.Equal(time.Date(2026, 11, 23, 7, 0, 1, 1e6, time.UTC)) {
			t.Errorf("%s: %+v, want its latency from the intended start", name, late)
		}
	}
}

// TestUnknownColumns: what is not known is empty, and the wait of a lost call is inf.
func TestUnknownColumns(t *testing.T) {
	row := func(s metric.Storm) string {
		var all []string
		for _, c := range stormColumns() {
			if strings.HasPrefix(c.head, "reply_lag") || c.head == "connect_p95_s" || c.head == "late" {
				all = append(all, c.head+"="+c.of(&s))
			}
		}
		return strings.Join(all, " ")
	}
	lag := metric.Replies{
		Quantiles: metric.Quantiles{Count: 9, P50: ms, P90: 2 * ms, P95: 2 * ms, P99: 3 * ms, Max: 4 * ms},
		Sum:       20 * ms, ShareUnknown: metric.NoServerLog,
	}
	sure := lag
	sure.Share = ptr(0.31)
	const nine = " reply_lag_count=9 reply_lag_sum_s=0.02"
	const lags = "reply_lag_p50_s=0.001 reply_lag_p90_s=0.002 reply_lag_p95_s=0.002 reply_lag_p99_s=0.003 " +
		"reply_lag_max_s=0.004 "
	for want, s := range map[string]metric.Storm{
		"late= connect_p95_s=inf " + lags + "reply_lag_share=0.31" + nine: {Offered: 7, Lost: 7, Replies: sure},
		"late=2 connect_p95_s= " + lags + "reply_lag_share=" + nine:       {Late: 2, Replies: lag},
		"late= connect_p95_s= reply_lag_p50_s= reply_lag_p90_s= reply_lag_p95_s= reply_lag_p99_s= reply_lag_max_s= " +
			"reply_lag_share= reply_lag_count= reply_lag_sum_s=": {},
	} {
		if got := row(s); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestCSVIsRectangular(t *testing.T) {
	for _, name := range []string{"csv", "attempts-csv"} {
		rows, err := csv.NewReader(strings.NewReader(write(t, name, sample()))).ReadAll()
		if err != nil || len(rows) != map[string]int{"csv": 5, "attempts-csv": 13}[name] {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
		if i := slices.Index(rows[0], "lost"); name == "csv" && rows[1][i] != "1" {
			t.Errorf("lost is %s", rows[1][i])
		}
	}
}

// TestAxesOfStorms: what cells differ in is a column of its own, and a part of a benchmark's name; what is not
// known is none.
func TestAxesOfStorms(t *testing.T) {
	s := sample()
	s.Run.Scenario.Client = "single-write"
	s.Cells[0].Client, s.Cells[0].Sysctls = "asterisk", map[string]string{"net.ipv4.tcp_syncookies": "0"}
	for i := range s.Cells {
		s.Run.Cells[i] = s.Cells[i].Cell
	}
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", s))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"client", "net.ipv4.tcp_syncookies", "storm"},
		{"asterisk", "0", "1"},
		{"asterisk", "0", "2"},
		{"single-write", "", "1"},
		{"single-write", "", "2"},
	}
	for i, row := range rows {
		if diff := cmp.Diff(want[i], row[5:8]); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
	}
	benchmarks := write(t, "benchfmt", s)
	for _, name := range []string{"BenchmarkStorm/somaxconn=128/backlog=max/client=asterisk/net.ipv4.tcp_syncookies=0 ",
		"BenchmarkStorm/somaxconn=max/backlog=max "} {
		if strings.Count(benchmarks, name) != 2 {
			t.Errorf("no %q in\n%s", name, benchmarks)
		}
	}
	s.Run.Scenario.Arrival, s.Run.Scenario.Server = "9 at once", &record.Server{Behaviour: "pool:2", Work: "5ms"}
	for facts, values := range map[string]map[string]string{
		"target":  {"arrival": "burst in 1s"},
		"arrival": {"handlers": "2"},
	} {
		s.Run.Cells[0].Values = values
		got := write(t, "benchfmt", s)
		for _, fact := range []string{"target", "arrival"} {
			if strings.Contains(got, "\n"+fact+": ") != (fact == facts) {
				t.Errorf("settings with their own %v have the fact %s in common:\n%s", values, fact, got)
			}
		}
	}
}

// What was not measured is empty, never 0.
func TestMissingIsEmpty(t *testing.T) {
	s := sample()
	r := &s.Cells[0].Repeats[0]
	r.Phantoms, r.SYNRetransmits, r.SYNsLost, r.Queue, r.ServedRate = nil, nil, nil, nil, nil
	r.Late = 0
	r.Latencies.Connect = metric.Latency{}
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", s))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{"late", "phantoms", "syns_lost", "handshake_p99_s", "queue_peak", "drain_s",
		"served_per_s"} {
		if i := slices.Index(rows[0], head); i < 0 || rows[1][i] != "" {
			t.Errorf("%s: column %d", head, i)
		}
	}
	if i := slices.Index(rows[0], "connect_p99_s"); rows[1][i] != "inf" {
		t.Errorf("none connected and one was lost: p99 is %q", rows[1][i])
	}
	if got := write(t, "benchfmt", s); strings.Count(got, "late-calls") != 4 || strings.Count(got, "served-calls/s") != 4 {
		t.Errorf("values that are not known have a number:\n%s", got)
	}
}

// A connect that took too long shows which calls were late where the kernel does not.
func TestLateByTheConnect(t *testing.T) {
	s := sample()
	r := &s.Cells[0].Repeats[0]
	r.SYNRetransmits, r.Late = nil, 3
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", s))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.Index(rows[0], "late"); rows[1][i] != "3" {
		t.Errorf("late is %q, want 3", rows[1][i])
	}
	if got := write(t, "benchfmt", s); !strings.Contains(got, " 3 late-calls") {
		t.Errorf("no 3 late calls:\n%s", got)
	}
}

func TestBenchmarksAreReadBack(t *testing.T) {
	in := benchfmt.NewReader(strings.NewReader(write(t, "benchfmt", sample())), "x")
	names := map[string]int{}
	for in.Scan() {
		switch rec := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Error(rec)
		case *benchfmt.Result:
			names[rec.Name.String()]++
			if v, ok := rec.Value("connect-p50-sec"); !ok || v < 1.0 || v > 1.03 || rec.GetConfig("kernel") != "6.18" {
				t.Errorf("%s: %v %v, kernel %q", rec.Name, v, ok, rec.GetConfig("kernel"))
			}
			if v, ok := rec.Value("connect-p99-sec"); ok {
				t.Errorf("%s: one of three calls was lost, and p99 is %v", rec.Name, v)
			}
		}
	}
	want := map[string]int{"Storm/somaxconn=128/backlog=max": 2, "Storm/somaxconn=max/backlog=max": 2}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	cell := &analysis.Cell{
		Cell: record.Cell{
			Backlog:   "5",
			Somaxconn: 7,
			Values:    map[string]string{"client": "asterisk", "work": "5ms"},
			Sysctls:   map[string]string{"net.a/b": "1\t2", "net.c": "3"},
		},
	}
	const name = "Storm/somaxconn=7/backlog=5/client=asterisk/net.a_b=1_2"
	if got := benchmarkName(cell, []string{"client", "net.a/b"}); got != name {
		t.Errorf("a swept sysctl is exported as %s", got)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(write(t, "json-schema", sample())))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// Summaries meet their schema; what is more, less or other than it says does not.
func TestSchema(t *testing.T) {
	schema := compiled(t)
	fresh, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("../testdata/alien.json.golden")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(data []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	for name, data := range map[string][]byte{"a run": fresh, "a report's": golden} {
		if err := valid(data); err != nil {
			t.Errorf("%s summary does not meet the schema: %v", name, err)
		}
	}
	for what, change := range map[string][2]string{
		"a key more":          {`"conclusive":`, `"x": 1, "conclusive":`},
		"a key less":          {`"answer":`, `"answers":`},
		"another type":        {`"conclusive":true`, `"conclusive":"yes"`},
		"an unknown outcome":  {`"connect-timeout":`, `"timeout":`},
		"an unknown finding":  {`"too-few-storms"`, `"few"`},
		"a missing latency":   {`"connect":`, `"connects":`},
		"a number as a label": {`"label":"somaxconn 128"`, `"label":128`},
	} {
		broken := strings.Replace(string(fresh), change[0], change[1], 1)
		if broken == string(fresh) {
			t.Fatalf("%s: nothing to change", what)
		}
		if valid([]byte(broken)) == nil {
			t.Errorf("%s meets the schema", what)
		}
	}
}
