package scenarios

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/scenarios/axis"
)

const small = `name: small
storm: {calls: 10}
settings:
  - {somaxconn: 128, backlog: max}
`

func TestBuiltinScenarios(t *testing.T) {
	list, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there is none")
	}
	for _, s := range list {
		if s.Question == "" {
			t.Errorf("%s answers no question", s.Name)
		}
	}
}

// TestMainScenario locks what the main job promises.
func TestMainScenario(t *testing.T) {
	s, err := Load(Default)
	if err != nil {
		t.Fatal(err)
	}
	settings := []axis.Values{{"somaxconn": "128", "backlog": "max"}, {"somaxconn": "512", "backlog": "max"},
		{"somaxconn": "1024", "backlog": "max"}, {"somaxconn": "4096", "backlog": "max"},
		{"somaxconn": "max", "backlog": "max"}, {"somaxconn": "4096", "backlog": "128"}}
	if diff := cmp.Diff(settings, s.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if s.Storm.Calls != 2000 || s.Storm.Arrival != "asterisk 4" || s.Storm.ConnectTimeout != 2*time.Second ||
		s.Target.Behaviour != "pool:16" || s.Target.Work != "5ms" || s.Repeats < 3 {
		t.Errorf("the main job is another: %+v", s)
	}
}

// TestWorstCase: it is the main job, but for all calls at one instant.
func TestWorstCase(t *testing.T) {
	job, err := Load(Default)
	if err != nil {
		t.Fatal(err)
	}
	worst, err := Load("worst-case")
	if err != nil {
		t.Fatal(err)
	}
	job.Name, job.Question, job.Storm.Arrival = "worst-case", worst.Question, "burst"
	if diff := cmp.Diff(job, worst); diff != "" {
		t.Errorf("worst-case (-want +got):\n%s", diff)
	}
}

func TestDefaultsFillIn(t *testing.T) {
	s, err := Parse("small.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.Name, want.Storm.Calls, want.Settings = "small", 10, []axis.Values{{"somaxconn": "128", "backlog": "max"}}
	if diff := cmp.Diff(&want, s); diff != "" {
		t.Errorf("scenario (-want +got):\n%s", diff)
	}
}

// TestRate: a storm's rate is short for calls that come evenly, with a unit or without.
func TestRate(t *testing.T) {
	for rate, want := range map[string]string{
		"500/s": "constant 500/s", "500": "constant 500/s", `"50/100ms"`: "constant 50/100ms", "9/1m": "constant 9/m",
	} {
		s, err := Parse("f.yaml", []byte("name: a\nstorm: {calls: 9, rate: "+rate+"}\nsettings: [{somaxconn: 1, "+
			"backlog: 1}]\n"))
		if err != nil || s.Storm.Arrival != want || s.Storm.Rate != "" {
			t.Errorf("rate: %s: %v, want the arrival %q", rate, err, want)
		}
	}
}

// TestLike: the server's behaviour and backlog stand in for what the file leaves out, and for nothing else.
func TestLike(t *testing.T) {
	s, err := Parse("like.yaml", []byte("name: a\nstorm: {calls: 1}\ntarget: {like: asterisk-java}\n"+
		"settings: [{somaxconn: 4096}, {somaxconn: 4096, backlog: max}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	settings := []axis.Values{{"somaxconn": "4096", "backlog": "200"}, {"somaxconn": "4096", "backlog": "max"}}
	if diff := cmp.Diff(settings, s.Settings); diff != "" || s.Target.Behaviour != "pool:500,reject" {
		t.Errorf("behaviour %s, settings (-want +got):\n%s", s.Target.Behaviour, diff)
	}
	s, err = Parse("like.yaml", []byte(small+"target: {like: asterisk-java, behaviour: loop}\n"))
	if err != nil || s.Target.Behaviour != "loop" {
		t.Errorf("behaviour %+v, %v", s, err)
	}
}

// TestScriptFile: the scenario has the file's commands, so that its YAML says what was run.
func TestScriptFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "play.agi")
	if err := os.WriteFile(path, []byte("# a greeting\nANSWER\n\nSTREAM FILE hello \"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Parse("script.yaml", []byte(small+"target: {script-file: "+path+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ANSWER", `STREAM FILE hello ""`}, s.Target.Script); diff != "" ||
		s.Target.ScriptFile != "" {
		t.Errorf("file %q, script (-want +got):\n%s", s.Target.ScriptFile, diff)
	}
}

// TestMatrix: every combination, the last axis turning fastest, behind the settings that stand there by themselves.
func TestMatrix(t *testing.T) {
	s, err := Parse("matrix.yaml", []byte(`
name: matrix
storm: {calls: 1}
settings: [{somaxconn: 64, backlog: max}]
matrix:
  somaxconn: [128, 4096]
  backlog: [max]
  client: [asterisk, single-write]
  sysctls: {net.ipv4.tcp_syncookies: [0, 1]}
`))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, setting := range s.Settings {
		keys = append(keys, setting.Key())
	}
	want := []string{
		"somaxconn-64_backlog-max_asterisk",
		"somaxconn-128_backlog-max_tcp_syncookies-0_asterisk", "somaxconn-128_backlog-max_tcp_syncookies-1_asterisk",
		"somaxconn-128_backlog-max_tcp_syncookies-0_single-write", "somaxconn-128_backlog-max_tcp_syncookies-1_single-write",
		"somaxconn-4096_backlog-max_tcp_syncookies-0_asterisk", "somaxconn-4096_backlog-max_tcp_syncookies-1_asterisk",
		"somaxconn-4096_backlog-max_tcp_syncookies-0_single-write",
		"somaxconn-4096_backlog-max_tcp_syncookies-1_single-write",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	source, err := s.YAML()
	if err != nil || strings.Contains(source, "matrix:") {
		t.Errorf("%v\n%s", err, source)
	}
	if again, err := Parse("again.yaml", []byte(source)); err != nil || !cmp.Equal(again.Settings, s.Settings) {
		t.Errorf("again: %v", err)
	}
}

// TestMatrixOfAxes: any axis can be turned; a setting that leaves one out has what the scenario says.
func TestMatrixOfAxes(t *testing.T) {
	s, err := Parse("axes.yaml", []byte(`
name: axes
storm: {arrival: constant 100/s}
target: {behaviour: "pool:16,reject"}
settings: [{somaxconn: 64, backlog: max, calls: 5}]
matrix:
  somaxconn: [128]
  backlog: [max]
  calls: [10, 1_000]
  handlers: [08, 32]
  rate: [500/s, 200]
  rtt: [1000us]
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, setting := range s.Settings {
		cell, err := s.Cell(setting)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(setting.Key(), " ", cell.Storm.Calls, " ", cell.Storm.Arrival, " ",
			cell.Target.Behaviour, " ", cell.RTT))
	}
	want := []string{
		"somaxconn-64_backlog-max_handlers-16_calls-5_rate-100_rtt-0s 5 constant 100/s pool:16,reject 0s",
		"somaxconn-128_backlog-max_handlers-8_calls-10_rate-500_rtt-1ms 10 constant 500/s pool:8,reject 1ms",
		"somaxconn-128_backlog-max_handlers-8_calls-10_rate-200_rtt-1ms 10 constant 200/s pool:8,reject 1ms",
	}
	if diff := cmp.Diff(want, got[:3]); diff != "" || len(got) != 9 {
		t.Errorf("%d settings (-want +got):\n%s", len(got), diff)
	}
	source, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse("again.yaml", []byte(source)); err != nil || !cmp.Equal(again.Settings, s.Settings) {
		t.Errorf("again: %v\n%s", err, source)
	}
}

// TestNoEngine: to read a scenario takes no engine of the target's or the generator's.
func TestNoEngine(t *testing.T) {
	deps, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skip(err)
	}
	for _, dep := range strings.Fields(string(deps)) {
		if strings.Contains(dep, "/engine") && !strings.Contains(dep, "vendor") || strings.HasSuffix(dep, "/loadgen") ||
			strings.HasSuffix(dep, "/target/probe") {
			t.Errorf("it imports %s", dep)
		}
	}
}

func TestKeysTellSysctlsApart(t *testing.T) {
	keys := map[string]string{}
	for _, name := range []string{
		"net.ipv4.tcp_syncookies", "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.lo.rp_filter",
		"net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind", "net.ipv4.conf.all.forwarding",
		"net.ipv6.conf.all.forwarding",
	} {
		key := axis.Values{"somaxconn": "128", "backlog": "max", name: "1"}.Key()
		if other, ok := keys[key]; ok {
			t.Errorf("%s and %s are both %s", other, name, key)
		}
		keys[key] = name
	}
	if keys["somaxconn-128_backlog-max_tcp_syncookies-1"] == "" {
		t.Errorf("a name of net.ipv4 is not short: %v", keys)
	}
}

func TestYAMLRoundTrip(t *testing.T) {
	want, err := Load(Default)
	if err != nil {
		t.Fatal(err)
	}
	source, err := want.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("again.yaml", []byte(source))
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scenario (-want +got):\n%s", diff)
	}
}

// TestErrors: each says file, line and column, what is wrong and what would be right,
// and shows the line.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, yaml, at, want, snippet string }{
		{"unknown key", small + "repeat: 3\n", "5:1", `unknown field "repeat"`, "repeat: 3"},
		{"unknown key below", "name: a\nstorm:\n  call: 3\n", "3:3", `unknown field "call"; did you mean ` +
			`calls?`, "call: 3"},
		{"unknown key like none", small + "elephants: 3\n", "5:1", "unknown field \"elephants\"", "elephants: 3"},
		{"a gate without quotes", small + "gates:\n  - somaxconn=4096: lost == 0\n", "6:19",
			"want text; what has a colon in it must stand in quotes", "lost == 0"},
		{"wrong kind", "name: a\nstorm: {calls: many}\n", "2:16", "want a whole number", "calls: many"},
		{"a rate of nothing", "name: a\nstorm: {calls: 1, rate: fast}\nsettings: [{somaxconn: 1, backlog: " +
			"1}]\n", "2:25",
			`rate "fast": want a number from 1`, "rate: fast"},
		{"a rate beside an arrival", "name: a\nstorm: {calls: 1, rate: 5, arrival: burst}\n", "2:25",
			"storm.arrival says when calls come, too: give one of them", "rate: 5"},
		{"a negative backlog", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: -1}]\n", "3:36",
			"the kernel takes a negative backlog for the largest, and cuts it to net.core.somaxconn: write max", "-1"},
		{"a time without a unit", "name: a\nstorm: {calls: 1, connect-limit: 2}\n", "2:34",
			"want a time with its unit, such as 500ms or 2s", "connect-limit: 2"},
		{"not YAML", "name: [\n", "1:7", "", "name: ["},
		{"key given twice", small + "name: b\n", "5:1", "already defined", "name: b"},
		{"name", "name: A b\nstorm: {calls: 1}\n", "1:7", "1 to 64 of a-z", "A b"},
		{"no calls", "name: a\nstorm: {calls: 0}\n", "2:16", "storm.calls: 0: want 1 to 10000000, or a " +
			"duration", "calls: 0"},
		{"arrival", "name: a\nstorm: {calls: 1, arrival: slowly}\n", "2:28", `want "burst"`, "slowly"},
		{"arrival misspelt", "name: a\nstorm: {calls: 1, arrival: asterix 4}\n", "2:28", `did you mean "asterisk ` +
			`HOSTS"?`,
			"asterix 4"},
		{"timeout by its earlier name", "name: a\nstorm: {calls: 1, connect-limit: 0s}\n", "2:34", "want 1ms to " +
			"10m", "0s"},
		{"timeout", "name: a\nstorm: {calls: 1, connect-timeout: 0s}\n", "2:36", "want 1ms to 10m", "0s"},
		{"timeout by both names", "name: a\nstorm: {calls: 1, session-timeout: 1s, session-limit: 1s}\n", "2:40",
			"duplicate key \"session-timeout\"", "session-limit"},
		{"missing file", "name: a\nstorm: {calls: 1, missing-files: [lost, \"\"]}\n", "2:41",
			`storm.missing-files[1]: missing file "": want a name as the script gives it`, `""`},
		{"missing files without AGI", "name: a\nstorm: {calls: 1, client: connect-only, missing-files: " +
			"[lost]}\n", "2:8",
			"storm: client connect-only says nothing", "lost"},
		{"a key that is near", "name: a\nstorm: {calls: 1, missing-file: [lost]}\n", "2:19", "did you mean " +
			"missing-files?",
			"missing-file"},
		{"behaviour", small + "target: {behaviour: pond}\n", "5:21", "target.behaviour", "pond"},
		{"like", small + "target: {like: asterisk}\n", "5:16", "want one of pystrix, panoramisk", "asterisk"},
		{"work", small + "target: {work: exponential}\n", "5:16", `target.work: work "exponential": want a time`,
			"exponential"},
		{"work's file", small + "target: {work: file none.txt}\n", "5:16", "none.txt: no such file or " +
			"directory", "none.txt"},
		{"stall", small + "target: {stalls: [2s]}\n", "5:19", `target.stalls[0]: "2s": want FOR@AFTER`, "2s"},
		{"restart", small + "target: {restarts: [1s@1s, x]}\n", "5:28", `target.restarts[1]: "x": want FOR@AFTER`, "x"},
		{"script's file", small + "target: {script-file: none.agi}\n", "5:23", "none.agi: no such file or directory",
			"none.agi"},
		{"two scripts", small + "target: {script-file: none.agi, script: [NOOP]}\n", "5:23", "there is a script " +
			"already",
			"none.agi"},
		{"policy", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: big}]\n", "3:36", "or one of max, " +
			"const,",
			"big"},
		{"policy that is not to be had", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: " +
			"sysconf}]\n", "3:36",
			"has no SOMAXCONN", "sysconf"},
		{"no backlog", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1}]\n", "3:12", "want a number from 0",
			"somaxconn: 1"},
		{"no script", small + "target: {script: []}\n", "5:18", "at least one", "script: []"},
		{"repeats", small + "repeats: 0\n", "5:10", "repeats: 0: want 1 to 1000", "repeats: 0"},
		{"backlog", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: 2147483648}]\n", "3:36",
			"the largest is 2147483647", "2147483648"},
		{"somaxconn", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: -1, backlog: max}]\n", "3:24",
			`want 0 to 2147483647, or "max"`, "-1"},
		{"setting twice", small + "  - {somaxconn: 128, backlog: max}\n", "5:5", "the same as " +
			"settings[0]", "somaxconn: 128"},
		{"sysctl elsewhere", small + "sysctls: {kernel.panic: 1}\n", "5:10", "only net.", "kernel.panic"},
		{"sysctl with a path", small + "sysctls: {net/../kernel: 1}\n", "5:10", "only net.", "kernel"},
		{"sysctl of the host", small + "sysctls: {net.core.netdev_max_backlog: 5}\n", "5:10",
			"belongs to the host (the queue of packets", "netdev_max_backlog"},
		{"sysctl of a setting", small + "  - {somaxconn: 1, backlog: 1, sysctls: {kernel.panic: " +
			"1}}\n", "5:41", "only net.",
			"kernel.panic"},
		{"client of a setting", small + "  - {somaxconn: 1, backlog: 1, client: connect-only}\n", "5:40",
			"want asterisk or single-write", "connect-only"},
		{"matrix too large",
			"name: a\nstorm: {calls: 1}\n" +
				"matrix: {somaxconn: [1,2,3,4,5,6,7,8,9,10,11], backlog: [max], sysctls: {net.ipv4.a: " +
				"[1,2,3,4,5,6,7,8,9,10]}}\n",
			"3:9", "more than 100 combinations", "matrix"},
		{"matrix with an empty axis", "name: a\nstorm: {calls: 1}\nmatrix: {sysctls: {net.ipv4.a: []}}\n", "3:19",
			"net.ipv4.a has no value", "sysctls"},
		{"matrix far too large",
			"name: a\nstorm: {calls: 1}\n" +
				"matrix: {backlog: [max], somaxconn: [" + upTo(3000) + "], sysctls: {net.ipv4.a: " +
				"[" + upTo(3000) + "], net.ipv4.b: [" + upTo(3000) + "]}}\n", "3:9", "matrix: more than 100 " +
				"combinations",
			"matrix"},
		{"matrix with a value twice", "name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1, 128, 128], backlog: " +
			"[max]}\n",
			"3:30", "matrix.somaxconn[2]: 128 is the same as 128 before it; use repeats", "128"},
		{"matrix with a value twice, written otherwise",
			"name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max, 2147483647]}\n", "3:41",
			"matrix.backlog[1]: 2147483647 is the same as max before it", "backlog"},
		{"matrix with a sysctl's value twice",
			"name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], sysctls: {net.ipv4.a: [1 2, 1  " +
				"2]}}\n", "3:51",
			"matrix.sysctls: net.ipv4.a 1  2 is the same as 1 2 before it", "sysctls"},
		{"matrix with a wrong value", "name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max, " +
			"big]}\n", "3:41",
			`matrix.backlog[1]: backlog "big"`, "big"},
		{"matrix with a wrong sysctl",
			"name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], sysctls: {kernel.panic: " +
				"[1]}}\n", "3:51",
			"matrix.sysctls: \"kernel.panic\": only net.", "panic"},
		{"matrix without somaxconn", "name: a\nstorm: {calls: 1}\nmatrix: {backlog: [max]}\n", "3:9",
			"matrix: somaxconn is missing", "matrix"},
		{"matrix without backlog", "name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1]}\n", "3:9",
			"matrix: backlog is missing", "matrix"},
		{"matrix with a setting that is there", small + "matrix: {somaxconn: [64, 0128], backlog: [max]}\n", "5:9",
			"matrix: its combination somaxconn-128_backlog-max is the same as settings[0]", "matrix"},
		{"setting twice, written otherwise", small + "  - {somaxconn: 0128, backlog: 2147483647}\n", "5:5",
			"the same as settings[0]", "0128"},
		{"setting twice, by the storm's client", small + "  - {somaxconn: 128, backlog: max, client: " +
			"asterisk}\n", "5:5",
			"the same as settings[0]", "asterisk"},
		{"clients that do not count the same",
			"name: a\nstorm: {calls: 1, client: connect-only}\n" +
				"settings: [{somaxconn: 1, backlog: max}, {somaxconn: 1, backlog: max, client: asterisk}]\n", "3:79",
			"settings[1].client: \"asterisk\": the storm's client is connect-only", "asterisk"},
		{"clients of a matrix that do not count the same",
			"name: a\nstorm: {calls: 1, client: connect-only}\nmatrix: {somaxconn: [1], backlog: [max], client: " +
				"[asterisk]}\n",
			"3:51", "matrix.client[0]: \"asterisk\": the storm's client is connect-only", "asterisk"},
		{"the scenario's key in a matrix", "name: a\nstorm: {calls: 1}\nmatrix: {seed: [1, 2]}\n", "3:10",
			`unknown field "seed"; seed belongs to the scenario itself; it cannot differ between settings`, "seed"},
		{"the storm's key in a setting", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, think: 3s}]\n", "3:27",
			"think belongs to storm; it cannot differ between settings", "think"},
		{"a setting's key in the storm", "name: a\nstorm: {calls: 1, backlog: 3}\n", "2:19",
			"backlog belongs to settings or matrix", "backlog"},
		{"a key that is near another level's", "name: a\ncall: 1\n", "2:1", "did you mean calls? calls belongs to " +
			"storm",
			"call"},
		{"handlers of a behaviour without",
			"name: a\nstorm: {calls: 1}\ntarget: {behaviour: loop}\n" +
				"settings: [{somaxconn: 1, backlog: max}, {somaxconn: 1, backlog: max, handlers: 4}]\n", "4:81",
			"settings[1].handlers: behaviour loop has no number of handlers", "handlers"},
		{"handlers that are no number",
			"name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], handlers: [4, many]}\n", "3:56",
			"matrix.handlers[1]: behaviour \"pool:many\": want pool:N with N from 1", "many"},
		{"two axes of one thing",
			"name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], handlers: [4, 8], behaviour: " +
				"[\"pool:1\"]}\n",
			"3:9", "behaviour and handlers set the same thing", "matrix"},
		{"rate of a burst", "name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], rate: [4]}\n", "3:49",
			"matrix.rate[0]: arrival \"burst\" has not one rate", "rate"},
		{"work of a setting", "name: a\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: max, work: " +
			"long}]\n", "3:47",
			"settings[0].work: work \"long\"", "long"},
		{"round trips of a matrix", "name: a\nstorm: {calls: 1}\nmatrix: {somaxconn: [1], backlog: [max], rtt: [1ms, " +
			"3s]}\n",
			"3:53", "matrix.rtt[1]: 3s: want 0s to 2s", "3s"},
		{"a round trip of loopback in a setting",
			"name: a\nlink: loopback\nstorm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: max, rtt: 1ms}]\n", "2:7",
			"it has no round trip of 1ms", "loopback"},
		{"link", small + "link: wifi\n", "5:7", `link: "wifi": want veth or loopback`, "wifi"},
		{"round trip", small + "rtt: 3s\n", "5:6", "rtt: 3s: want 0s to 2s", "3s"},
		{"round trip of loopback", small + "link: loopback\nrtt: 20ms\n", "5:7", "it has no round trip of " +
			"20ms", "loopback"},
		{"sources of a link on loopback",
			"name: a\nlink: loopback\nstorm: {calls: 1, sources: 10.0.0.5}\nsettings: [{somaxconn: 1, backlog: " +
				"max}]\n", "3:28",
			"10.0.0.5: want addresses of 127.0.0.0/8, the server is at 127.0.0.1", "sources"},
		{"sources that no host has",
			"name: a\nstorm: {calls: 1, sources: 224.0.0.1}\nsettings: [{somaxconn: 1, backlog: max}]\n", "2:28",
			"224.0.0.1: no host has that address", "sources"},
		{"IPv6 sources", "name: a\nstorm: {calls: 1, sources: \"::1\"}\nsettings: [{somaxconn: 1, backlog: " +
			"max}]\n", "2:28",
			"::1: want IPv4 addresses", "sources"},
		{"somaxconn as sysctl", small + "sysctls: {net.core.somaxconn: 1}\n", "5:10", "give it there as somaxconn",
			"somaxconn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.yaml))
			if err == nil {
				t.Fatal("it passed")
			}
			first, rest, _ := strings.Cut(err.Error(), "\n")
			if !strings.HasPrefix(first, "f.yaml:"+c.at+": ") || !strings.Contains(first, c.want) {
				t.Errorf("first line %q\nwant f.yaml:%s and %q", first, c.at, c.want)
			}
			if !strings.Contains(rest, c.snippet) {
				t.Errorf("snippet %q does not show %q", rest, c.snippet)
			}
		})
	}
}

// upTo lists the numbers from 1 to n as YAML has them.
func upTo(n int) string {
	var all []string
	for i := range n {
		all = append(all, strconv.Itoa(i+1))
	}
	return strings.Join(all, ",")
}

// TestErrorsOfOtherPlaces: what is missing has no place; what the library has lost the place of gets it back.
func TestErrorsOfOtherPlaces(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"", "f.yaml: "},
		{"name: a\nstorm: {calls: 1, connect-limit: fast}\n",
			"f.yaml:2:34: connect-timeout: want a time with its unit"},
		{"name: a\nstorm: {calls: 1, connect-timeout: [1s]}\n", "f.yaml:2:36: want a time with its unit"},
		{"storm: {calls: 1}\nsettings: [{somaxconn: 1, backlog: 1}]\n", "f.yaml: name:"},
		{"name: a\nstorm: {calls: 1}\n", "f.yaml: settings: 0: want 1"},
		{small + "  - {somaxconn: 1, backlog: max, sysctls: {handlers: 1}}\n",
			"f.yaml:5:44: \"handlers\": only net.… sysctls"},
	} {
		if _, err := Parse("f.yaml", []byte(c.yaml)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Parse(%q) = %v, want %q", c.yaml, err, c.want)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.yaml")
	if err := os.WriteFile(path, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(path); err != nil || s.Name != "small" {
		t.Errorf("%v, %v", s, err)
	}
	big := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"nothing", `no built-in scenario "nothing". There are backlogs, gate, grid, hundred-thousand, one-asterisk, ` +
			`phantoms, round-trip, somaxconn, worst-case. A file's name must end in .yaml`},
		{"somaxcon", `no built-in scenario "somaxcon"; did you mean somaxconn? There are backlogs`},
		{"no/such.yaml", "no such file"},
		{big, "that is no scenario"},
		{t.TempDir() + "/", "is a directory"},
	} {
		if _, err := Load(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Load(%q) = %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzParse: whatever the file, there is a scenario that is valid or an error that names the file.
func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("name: [\n")
	f.Add("settings: {a: *b}")
	f.Add("storm: &a {calls: 1}\ntarget: *a")
	f.Add("name: a\nstorm: {calls: 1, call: 2}\nmatrix: {rtt: [0s], somaxconn: [1, 01], backlog: [max]}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("f.yaml", []byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml") {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		if err := s.Validate(); err != nil {
			t.Errorf("it passed, and is not valid: %v", err)
		}
	})
}

// TestAliases: the names that keys had in 0.1.0 mean the same.
func TestAliases(t *testing.T) {
	const text = "name: a\nstorm: {calls: 1, connect-limit: 1s, first-command-limit: 2s, session-limit: 3s}\n" +
		"settings: [{somaxconn: 1, backlog: 1}]\n"
	old, err := Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	now, err := Parse("f.yaml", []byte(strings.ReplaceAll(text, "-limit", "-timeout")))
	if err != nil || cmp.Diff(old, now) != "" {
		t.Errorf("%+v, want %+v (%v)", old, now, err)
	}
	if s := old.Storm; s.ConnectTimeout != time.Second || s.SessionTimeout != 3*time.Second {
		t.Errorf("%+v", s)
	}
}
