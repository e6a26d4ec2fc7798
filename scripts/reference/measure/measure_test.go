//go:build linux

package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse([]string{"127.0.0.1", "4573", "10", "3", "file"})
	want := Options{Server: netip.MustParseAddrPort("127.0.0.1:4573"), Open: 10, Rounds: 3, Connects: "file"}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	want.SingleWrite = true
	if got, err := Parse([]string{"--single-write", "127.0.0.1", "4573", "10", "3", "file"}); err != nil ||
		got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	want.FirstCommandTimeout = 3 * time.Second
	args := []string{"--first-command-timeout", "3000", "--single-write", "127.0.0.1", "4573", "10", "3", "file"}
	if got, err := Parse(args); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for args, says := range map[string]string{
		"127.0.0.1 4573 10":                              "3 arguments",
		"--sendmmsg 127.0.0.1 1 1 1":                     "option --sendmmsg",
		"--first-command-timeout":                        "option --first-command-timeout",
		"--first-command-timeout 600001 127.0.0.1 1 1 1": "--first-command-timeout 600001: want a number from 1 to 600000",
		"localhost 4573 10 1":                            "localhost",
		"127.0.0.1 65536 10 1":                           "port 65536: want a number from 1 to 65535",
		"127.0.0.1 4573 0 1":                             "open 0",
		"127.0.0.1 4573 10 many":                         "rounds many",
		"127.0.0.1 4573 10 1 file x":                     "6 arguments",
	} {
		if _, err := Parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", args, err, says)
		}
	}
}

func TestRun(t *testing.T) {
	work := make([]byte, 32<<20)
	play := func(o Options) (Result, error) {
		r := Result{Sessions: o.Open * o.Rounds}
		for range o.Rounds {
			span := Begin()
			for i := range work { // touches every page, and takes a while
				work[i]++
			}
			span.End(&r)
		}
		return r, nil
	}
	var out bytes.Buffer
	if err := run([]string{"127.0.0.1", "4573", "10", "3"}, &out, play); err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Sessions != 30 || got.WallNS <= 0 || got.CPUNS <= 0 || got.MaxRSS < int64(len(work)) {
		t.Errorf("%+v: want 30 sessions, some time and at least %d bytes", got, len(work))
	}
	broken := errors.New("broken")
	if err := run([]string{"127.0.0.1", "4573", "10", "3"}, &out,
		func(Options) (Result, error) { return Result{}, broken }); !errors.Is(
		err,
		broken,
	) {
		t.Errorf("error %v, want that of play", err)
	}
}

// TestResultOfC: the line of a client in C is read whole, and what it did not measure is not 0.
func TestResultOfC(t *testing.T) {
	line := `{"sessions":8,"answered":5,"slow":1,"outcomes":{"answered":5,"silent":3},"reply_lag":` +
		`{"count":10,"sum_ns":900,"max_ns":300,"p50_ns":80,"p99_ns":299},"unstamped_replies":2,` +
		`"wall_ns":1,"cpu_ns":2,"maxrss_bytes":3}`
	slow := 1
	want := Result{
		Sessions: 8, Answered: 5, Slow: &slow, Outcomes: map[string]int{"answered": 5, "silent": 3},
		ReplyLag: &Lag{Count: 10, Sum: 900, Max: 300, P50: 80, P99: 299}, Unstamped: 2, WallNS: 1, CPUNS: 2, MaxRSS: 3,
	}
	var got Result
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var none Result
	if err := json.Unmarshal([]byte(`{"sessions":8,"reply_lag":null}`), &none); err != nil {
		t.Fatal(err)
	}
	if none.ReplyLag != nil || none.Slow != nil || none.Outcomes != nil {
		t.Errorf("%+v has values that were not measured", none)
	}
}

func TestConnects(t *testing.T) {
	name := filepath.Join(t.TempDir(), "connects")
	c, err := CreateConnects(name)
	if err != nil {
		t.Fatal(err)
	}
	c.Note(netip.MustParseAddrPort("127.0.0.1:40000"), 53*time.Microsecond)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if want := "{\"local\":\"127.0.0.1:40000\",\"connect_ns\":53000}\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if none, err := CreateConnects(""); err != nil || none.Close() != nil {
		t.Errorf("without a name: %v", err)
	}
	if _, err := CreateConnects(t.TempDir()); err == nil {
		t.Error("a folder is no file to write")
	}
}
