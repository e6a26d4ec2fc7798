package record

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func ptr[T any](v T) *T { return &v }

// sample is a repeat with every kind of attempt and every optional part.
func sample() *Repeat {
	return &Repeat{
		Attempts: []Attempt{
			{
				Seq: 0, Intended: 0, Started: ptr(10 * time.Microsecond), Connected: ptr(time.Millisecond),
				FirstCommand: ptr(7 * time.Millisecond), Done: 8 * time.Millisecond, Outcome: Answered,
				Local: "127.0.0.1:40000", SYNRetransmits: ptr(uint32(0)), RTT: ptr(21 * time.Microsecond),
				RTOTime: ptr(time.Duration(0)), Commands: 2, BytesIn: 50, BytesOut: 530,
			},
			{
				Seq: 1, Intended: time.Millisecond, Started: ptr(time.Millisecond), Done: 2001 * time.Millisecond,
				Outcome: ConnectTimeout, Limit: "connect", SYNRetransmits: ptr(uint32(1)),
			},
			{Seq: 2, Done: 600 * time.Millisecond, Outcome: NotOffered},
			{
				Seq:     3,
				Started: ptr(time.Duration(0)),
				Done:    time.Millisecond,
				Outcome: Reset,
				Errno:   "ECONNRESET",
				Reason:  `a "quoted" <reason>`,
			},
		},
		Storm: Storm{
			Engine:  "epoll",
			Start:   time.Date(2026, 11, 23, 7, 0, 0, 123456789, time.UTC),
			Address: "127.0.0.1:4573",
			Wall:    2 * time.Second,
		},
		Queue: []QueueSample{
			{At: 0, Depth: 1, Limit: 128},
			{At: time.Millisecond, Depth: 129, Limit: 128, Drops: ptr(uint32(3))},
		},
		Kernel: &Kernel{
			Sysctls: map[string]string{"net.core.somaxconn": "128"},
			Before:  Counters{"ListenOverflows": 0}, After: Counters{"ListenOverflows": 3},
		},
		Target: &Target{
			Asked: 2147483647, Somaxconn: ptr(128), Effective: ptr(128),
			Watch: &Watch{Looks: 3, Span: time.Millisecond, LongestGap: 600 * time.Microsecond}, Queued: ptr(0),
			Peers: []Peer{
				{At: time.Millisecond, Address: "127.0.0.1:40000", Done: 8 * time.Millisecond, Fate: PeerServed},
			},
		},
	}
}

func opened(t *testing.T, path string) folder {
	t.Helper()
	in, err := openFolder(path, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func write(t *testing.T, r *Repeat) (Dir, RepeatDir) {
	t.Helper()
	dir, err := Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	staged, err := dir.Stage("cell", 1)
	if err != nil {
		t.Fatal(err)
	}
	err = staged.WriteStorm(&r.Storm, slices.Values(r.Attempts))
	if r.Target != nil {
		err = errors.Join(err, staged.WriteTarget(r.Target, r.Queue), staged.WriteKernel(r.Kernel))
	}
	if err := errors.Join(err, dir.Commit("cell", 1)); err != nil {
		t.Fatal(err)
	}
	return dir, RepeatDir(dir.repeatPath("cell", 1))
}

func TestRepeatRoundTrip(t *testing.T) {
	want := sample()
	dir, _ := write(t, want)
	got, err := dir.Repeat("cell", 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was read differs from what was written (-want +got):\n%s", diff)
	}
}

func TestOptionalPartsAreNil(t *testing.T) {
	want := &Repeat{Attempts: sample().Attempts, Storm: sample().Storm}
	dir, _ := write(t, want)
	got, err := dir.Repeat("cell", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Kernel != nil || got.Target != nil || got.Queue != nil {
		t.Errorf("kernel %v, target %v, queue %v: want nil, none was measured", got.Kernel, got.Target, got.Queue)
	}
}

// TestVegetaReads gives attempts.jsonl to vegeta's own decoder and metrics.
func TestVegetaReads(t *testing.T) {
	_, staged := write(t, sample())
	f, err := os.Open(staged.file(attemptsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decode, metrics := vegeta.DecoderFor(f), vegeta.Metrics{}
	if decode == nil {
		t.Fatal("vegeta does not know the format")
	}
	var results []vegeta.Result
	for {
		var r vegeta.Result
		if err := decode(&r); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		metrics.Add(&r)
		results = append(results, r)
	}
	metrics.Close()
	if metrics.Requests != 4 || metrics.Success != 0.25 {
		t.Errorf("vegeta sees %d requests, success %v; want 4, 0.25", metrics.Requests, metrics.Success)
	}
	if r := results[1]; r.Latency != 2*time.Second || r.Error != "connect-timeout" || r.Code != 0 || r.Seq != 1 {
		t.Errorf("vegeta reads %+v; want 2 s from the intended start, connect-timeout, code 0, seq 1", r)
	}
	if want := sample().Storm.Start.Add(time.Millisecond); !results[1].Timestamp.Equal(want) {
		t.Errorf("timestamp %v, want the intended start %v", results[1].Timestamp, want)
	}
	if r := results[0]; r.Code != 200 || r.BytesIn != 50 || r.BytesOut != 530 || r.Error != "" {
		t.Errorf("vegeta reads %+v; want 200, 50 in, 530 out", r)
	}
}

func TestStagedRepeatIsInvisible(t *testing.T) {
	dir, err := Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Stage("cell", 1); err != nil {
		t.Fatal(err)
	}
	if dir.Has("cell", 1) {
		t.Error("a repeat is there before it was committed")
	}
	if err := dir.Discard("cell", 1); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(dir.File("cells/*")); len(left) > 0 {
		t.Errorf("%v was left behind", left)
	}
}

func TestCreateRefusesWhatIsThere(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("Create = %v, want a refusal", err)
	}
	if _, err := Create(filepath.Join(path, "mine", "run")); err == nil {
		t.Error("Create made a folder below a file")
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for _, c := range []struct{ file, content, want string }{
		{attemptsFile, "{}\n{\"seq\":1,\n", "attempts.jsonl: line 2:"},
		{kernelFile, "{\n\"before\": 7\n}", "kernel.json: line 2:"},
		{targetFile, "", "target.json:"},
		{queueFile, "x\n", "queue.jsonl: line 1:"},
	} {
		dir, repeat := write(t, sample())
		if err := os.WriteFile(repeat.file(c.file), []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := dir.Repeat("cell", 1)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.file, err, c.want)
		}
		if r == nil {
			t.Errorf("%s: nothing was read; the rest is whole", c.file)
		}
	}
	dir, repeat := write(t, sample())
	if err := os.WriteFile(repeat.file(attemptsFile), []byte("{\"seq\":9}\n{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := dir.Repeat("cell", 1); err == nil || len(r.Attempts) != 1 || r.Attempts[0].Seq != 9 {
		t.Errorf("%+v, %v: want the attempt before the broken line, and an error", r, err)
	}
}

// What was written and is gone, or was cut at the end of a line, is named; what was never written is not.
func TestLostFilesAreNamed(t *testing.T) {
	s := sample()
	for _, c := range []struct {
		file string
		lose func(path string) error
		want string
	}{
		{stormFile, os.Remove, "storm.json: it is missing"},
		{attemptsFile, os.Remove, "attempts.jsonl: it is missing"},
		{attemptsFile, dropLastLine, "attempts.jsonl: it was cut: it has "},
		{queueFile, os.Remove, "queue.jsonl: it is missing"},
		{queueFile, dropLastLine, "queue.jsonl: it was cut: it has 34 of 86 bytes"},
		{queueFile, func(path string) error { return os.Truncate(path, 0) },
			"queue.jsonl: it was cut: it has 0 of 86 bytes"},
		{kernelFile, os.Remove, "kernel.json: it is missing"},
		{targetFile, os.Remove, "target.json: it is missing"},
		{targetFile, appendLine, "target.json: it was changed: it has "},
		{stormFile, dropLastLine, "storm.json: line 7: "},
		{stormFile, appendLine, "storm.json: it was changed: it has "},
		{stormFile, becomes("{}"), "storm.json: it names no engine"},
		{stormFile, becomes("null"), "storm.json: it names no engine"},
		{stormFile, becomes(`{"engine":"epoll"}`), "storm.json: it has no start"},
		{filesFile, becomes("[]"), "files.json: it is no list of files"},
		{filesFile, os.Remove, "files.json: it is missing: "},
		{filesFile, becomes("{}"), "files.json: it does not list storm.json, which every storm has"},
		{filesFile, becomes("null"), "files.json: it does not list storm.json, which every storm has"},
	} {
		dir, repeat := write(t, s)
		if err := c.lose(repeat.file(c.file)); err != nil {
			t.Fatal(err)
		}
		_, err := dir.Repeat("cell", 1)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: error %v, want one line with %q", c.file, err, c.want)
		}
		if errors.Is(err, ErrAttempts) != (c.file == attemptsFile) {
			t.Errorf("%s: error %v, want ErrAttempts for the attempts alone", c.file, err)
		}
	}
}

func becomes(text string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o600) }
}

func dropLastLine(path string) error {
	data, err := os.ReadFile(path)
	cut := strings.LastIndex(strings.TrimSuffix(string(data), "\n"), "\n") + 1
	return errors.Join(err, os.WriteFile(path, data[:cut], 0o600))
}

func appendLine(path string) error {
	data, err := os.ReadFile(path)
	return errors.Join(err, os.WriteFile(path, append(data, '\n'), 0o600))
}

func TestRunErrors(t *testing.T) {
	dir := Dir(t.TempDir())
	if _, err := dir.Run(); err == nil || !strings.Contains(err.Error(), "not a run directory") {
		t.Errorf("error %v, want one that says it is no run directory", err)
	}
	if err := dir.WriteRun(&Run{Format: Format + 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Run(); err == nil || !strings.Contains(err.Error(), "reads format 1") {
		t.Errorf("error %v, want one that names the format", err)
	}
}

// An error names the file, not the temporary one beside it.
func TestWriteFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone", "report.html")
	err := WriteFile(path, func(io.Writer) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "open "+path+": ") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want it to name %s", err, path)
	}
}

// TestWriteFileKeepsTheOld fails in the middle of a file: the old one stays, and nothing else.
func TestWriteFileKeepsTheOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	ok := func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }
	if err := WriteFile(path, ok); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := WriteFile(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "new")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	data, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(filepath.Dir(path))
	if string(data) != "old" || len(entries) != 1 {
		t.Errorf("file %q, %d files; want the old one alone", data, len(entries))
	}
}

// answeredAt is an attempt that started at 2 ms, and whose second SYN was answered; by the timers after 1,015
// ms.
func answeredAt(at time.Duration, tried *time.Duration) *Attempt {
	return &Attempt{
		Started: ptr(2 * time.Millisecond), Tried: tried, SYNACK: &at, Connected: ptr(at + 60*time.Millisecond),
		SYNRetransmits: ptr(uint32(1)), RTOTime: ptr(15 * time.Millisecond),
	}
}

func TestLatencies(t *testing.T) {
	a := sample().Attempts[0]
	late := Attempt{
		Outcome: Answered, Connected: ptr(1100 * time.Millisecond), SYNRetransmits: ptr(uint32(1)),
		RTT: ptr(20 * time.Microsecond), RTOTime: ptr(15 * time.Millisecond),
	}
	for _, c := range []struct {
		name string
		got  func() (time.Duration, bool)
		want time.Duration
		ok   bool
	}{
		{"handshake of a first SYN", a.Handshake, 21 * time.Microsecond, true},
		{"handshake after a lost SYN", late.Handshake, 1015 * time.Millisecond, true},
		{"by the SYN-ACK", answeredAt(1042*time.Millisecond, nil).Handshake, 1040 * time.Millisecond, true},
		{"by the SYN-ACK of the second address", answeredAt(3042*time.Millisecond,
			ptr(2002*time.Millisecond)).Handshake, 1040 * time.Millisecond, true},
		{"retransmitted at once, because of a TIME_WAIT", answeredAt(15*time.Millisecond, nil).Handshake,
			13 * time.Millisecond, true},
		{"by the timers, where the server spoke first", answeredAt(1095*time.Millisecond, nil).Handshake,
			1015 * time.Millisecond, true},
		{"handshake that never was", sample().Attempts[1].Handshake, 0, false},
		{"start lag", a.StartLag, 10 * time.Microsecond, true},
		{"connect", a.ConnectLatency, time.Millisecond, true},
		{"first command", a.FirstCommandLatency, 7 * time.Millisecond, true},
		{"session", a.SessionLatency, 8 * time.Millisecond, true},
	} {
		if got, ok := c.got(); got != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
	if a.Late() || !late.Late() {
		t.Errorf("late: %v and %v, want false and true", a.Late(), late.Late())
	}
}

func TestOutcomes(t *testing.T) {
	lost := map[Outcome]bool{
		ConnectTimeout: true,
		Refused:        true,
		Unreachable:    true,
		Phantom:        true,
		Closed:         true,
		Reset:          true,
		Silent:         true,
		ProtocolError:  true,
	}
	for _, o := range Outcomes {
		if o.Lost() != lost[o] || !o.Valid() {
			t.Errorf("%s: lost %v, valid %v; want %v, true", o, o.Lost(), o.Valid(), lost[o])
		}
	}
	if Outcome("perhaps").Valid() {
		t.Error("an unknown outcome is valid")
	}
}

func TestCellApplication(t *testing.T) {
	for _, c := range []struct {
		cell Cell
		want bool
	}{
		{Cell{Backlog: "max", Somaxconn: 128, Effective: 128}, false},
		{Cell{Backlog: "128", Somaxconn: 4096, Effective: 128}, true},
		{Cell{Backlog: "4096", Somaxconn: 128, Effective: 128}, false},
	} {
		if got := c.cell.Application(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.cell, got, c.want)
		}
	}
}

// TestCountLost counts by the outcomes that stand in the file, and nothing where there is none.
func TestCountLost(t *testing.T) {
	dir := RepeatDir(t.TempDir())
	if n := dir.CountLost(); n != 0 {
		t.Errorf("%d lost without a file", n)
	}
	storm := &Storm{}
	var attempts []Attempt
	for i, outcome := range Outcomes {
		for range i + 1 {
			attempts = append(attempts, Attempt{Seq: uint64(len(attempts)), Outcome: outcome})
		}
	}
	if err := dir.WriteStorm(storm, slices.Values(attempts)); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, a := range attempts {
		if a.Outcome.Lost() {
			want++
		}
	}
	if n := dir.CountLost(); n != want || want == 0 {
		t.Errorf("%d lost, want %d", n, want)
	}
}
