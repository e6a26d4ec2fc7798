//go:build linux

package reference

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"agistorm/scripts/reference/measure"
)

// callers is one comparison with independent callers: a burst at a server that has fewer handlers
// than calls.
type callers struct {
	calls, backlog int
	options        []string
	// overflows: the accept queue does not hold the burst. Then the outcomes are held to those of the
	// thread client.
	overflows bool
}

// callersTurns is the number of turns of each contestant.
const callersTurns = 5

// shortTimeout is the first-command timeout of the scenario somaxconn. It ends the calls that no
// handler will ever get.
var shortTimeout = []string{"--first-command-timeout", "3000"}

// BenchmarkCallers compares what becomes of a burst, and how long the client keeps the server
// waiting (reply lag). The server is the target of the scenario somaxconn. The thread client stands
// for independent callers: only the scheduler decides which call comes next.
func BenchmarkCallers(b *testing.B) {
	for _, c := range []callers{
		{calls: 500, backlog: 4096},
		{calls: 500, backlog: 4096, options: singleWrite},
		{calls: 2_000, backlog: 4096},
		{calls: 2_000, backlog: 4096, options: singleWrite},
		{calls: 10_000, backlog: 16_384},
		{calls: 10_000, backlog: 16_384, options: singleWrite},
		{calls: 2_000, backlog: 128, overflows: true},
		{calls: 2_000, backlog: 512, overflows: true},
	} {
		b.Run(c.name(), func(b *testing.B) {
			skipIfShort(b, c.calls > 500)
			w, load := lossless(b), loadAverage()
			var turns []stormTurn
			for b.Loop() {
				for range fewerIfShort(callersTurns) {
					turns = append(turns, c.play(b, w))
				}
			}
			report(b, c.table(load, turns), c.targets(turns))
		})
	}
}

func (c callers) name() string {
	name := fmt.Sprintf("calls=%d/backlog=%d", c.calls, c.backlog)
	for _, option := range c.options {
		name += "/" + strings.TrimLeft(option, "-")
	}
	return name
}

// storm is one burst by both sides' accounts.
type storm struct {
	measure.Result
	server serverAccount
}

// stormTurn is the storm of each contestant when it was its turn, by name.
type stormTurn map[string]storm

// callersContestants take turns.
var callersContestants = []string{threads, agistorm, inC}

// play gives each contestant its turn, at a server that has just been started.
func (c callers) play(b *testing.B, w wire) stormTurn {
	b.Helper()
	options := c.options
	if c.overflows {
		options = slices.Concat(shortTimeout, options)
	}
	t := stormTurn{}
	for _, name := range callersContestants {
		s := w.startPool(b, c.backlog)
		result := w.attempt(b, name, s.port, c.calls, 1, options...)
		t[name] = storm{result, s.stop(b)}
	}
	return t
}

// targets are what agistorm promises: a reply lag that does not shape the storm, and the outcomes
// of independent callers.
func (c callers) targets(turns []stormTurn) []target {
	least, most := answeredRange(turns, threads)
	answered := median(turns, func(t stormTurn) float64 { return float64(t[agistorm].Answered) })
	outcome := target{"agistorm, answered; the least of the threads", "answered", answered, least, true}
	if c.overflows {
		return []target{outcome, {"agistorm, answered; the most of the threads", "answered", answered, most, false}}
	}
	targets := []target{
		{"agistorm, max(reply-lag) in ms", "ms-max-lag", median(turns, figureOf(agistorm, lagMax)), 10, false},
		{"agistorm, reply lag in % of handler time", "%-lag", median(turns, figureOf(agistorm, lagShare)), 10, false},
		outcome,
	}
	if c.calls == 2_000 {
		targets = append(
			targets,
			target{"agistorm, slow calls, the most of all turns", "slow", mostSlow(turns), 0, false},
		)
	}
	return targets
}

// answeredRange is how many calls a contestant had answered in its worst and in its best turn.
func answeredRange(turns []stormTurn, name string) (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, t := range turns {
		answered := float64(t[name].Answered)
		least, most = min(least, answered), max(most, answered)
	}
	return least, most
}

// mostSlow is how many calls of agistorm's were slow in its worst turn; NaN where they were not
// counted.
func mostSlow(turns []stormTurn) float64 {
	most := 0.0
	for _, t := range turns {
		if t[agistorm].Slow == nil {
			return math.NaN()
		}
		most = max(most, float64(*t[agistorm].Slow))
	}
	return most
}

// figureOf is a figure of one contestant's storms.
func figureOf(name string, figure func(storm) float64) func(stormTurn) float64 {
	return func(t stormTurn) float64 { return figure(t[name]) }
}

// The figures of a storm are NaN where they were not measured.

// lagMax is the longest reply lag, in milliseconds.
func lagMax(s storm) float64 {
	return lagFigure(s, func(l *measure.Lag) time.Duration { return l.Max })
}

// lagP99 is the reply lag that one in a hundred replies exceeds, in milliseconds.
func lagP99(s storm) float64 {
	return lagFigure(s, func(l *measure.Lag) time.Duration { return l.P99 })
}

func lagFigure(s storm, figure func(*measure.Lag) time.Duration) float64 {
	if s.ReplyLag == nil {
		return math.NaN()
	}
	return figure(s.ReplyLag).Seconds() * 1e3
}

// lagShare is the share of the handlers' time that they waited for the client because of its lag,
// in percent.
func lagShare(s storm) float64 {
	if s.ReplyLag == nil || s.server.SessionTime == nil || *s.server.SessionTime <= 0 {
		return math.NaN()
	}
	return 100 * float64(s.ReplyLag.Sum) / float64(*s.server.SessionTime)
}

func slowCalls(s storm) float64 {
	if s.Slow == nil {
		return math.NaN()
	}
	return float64(*s.Slow)
}

func (c callers) table(load string, turns []stormTurn) string {
	var table strings.Builder
	fmt.Fprintf(&table, "%d calls, backlog %d, medians of %d turns; load average before: %s\n",
		c.calls, c.backlog, len(turns), load)
	fmt.Fprintf(&table, "%-10s %24s %7s %9s %9s %8s %8s\n", "", "answered", "slow", "p99 lag", "max lag", "lag", "wall")
	for _, name := range callersContestants {
		least, most := answeredRange(turns, name)
		column := func(figure func(storm) float64) float64 { return median(turns, figureOf(name, figure)) }
		fmt.Fprintf(&table, "%-10s %8.0f (%.0f to %.0f) %7.0f %6.2f ms %6.2f ms %6.1f %% %6.2f s\n", name,
			column(func(s storm) float64 { return float64(s.Answered) }), least, most, column(slowCalls),
			column(lagP99), column(lagMax), column(lagShare),
			column(func(s storm) float64 { return float64(s.WallNS) / 1e9 }))
	}
	for _, name := range callersContestants {
		fmt.Fprintf(&table, "%-10s %s\n", name, outcomesOf(turns, name))
	}
	return table.String()
}

// outcomesOf are "answered 320, connect-timeout 1680": the medians of all outcomes that a
// contestant's turns had.
func outcomesOf(turns []stormTurn, name string) string {
	seen := map[string]bool{}
	for _, t := range turns {
		for outcome := range t[name].Outcomes {
			seen[outcome] = true
		}
	}
	var parts []string
	for outcome := range seen {
		n := median(turns, func(t stormTurn) float64 { return float64(t[name].Outcomes[outcome]) })
		parts = append(parts, fmt.Sprintf("%s %.0f", outcome, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// poolServer is the target of the scenario somaxconn as a process of its own.
type poolServer struct {
	port   string
	cmd    *exec.Cmd
	news   *bufio.Reader
	stdout bytes.Buffer
}

// serverAccount is what a server says in the end.
type serverAccount struct {
	Accepted int `json:"accepted"`
	Served   int `json:"served"`
	// SessionTime is the time of all handlers together; nil where the server did not count it.
	SessionTime *time.Duration `json:"session_time_ns"`
}

// startPool starts the server. Stop it.
func (w wire) startPool(b *testing.B, backlog int) *poolServer {
	b.Helper()
	s := &poolServer{cmd: exec.Command(program(b, serve), "serve", "--listen", w.address+":0",
		"--behaviour", "pool:16", "--work", "5ms", "--backlog", strconv.Itoa(backlog),
		"--command", `VERBOSE "agistorm" 1`, "--command", "SET VARIABLE AGISTORM 1", "--format", "json")}
	s.cmd.Stdout = &s.stdout
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { // where stop has not been called
		if s.cmd.ProcessState == nil {
			s.cmd.Process.Kill()
			s.cmd.Wait()
		}
	})
	s.news = bufio.NewReader(stderr)
	line, err := s.news.ReadString('\n')
	if err != nil {
		b.Fatalf("the server printed no port: %v", err)
	}
	s.port = portIn(line)
	return s
}

// stop ends the server and returns its account.
func (s *poolServer) stop(b *testing.B) serverAccount {
	b.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	late := time.AfterFunc(turnTimeout, func() { s.cmd.Process.Kill() })
	defer late.Stop()
	said, _ := io.ReadAll(s.news) // Wait closes the pipe
	if err := s.cmd.Wait(); err != nil {
		b.Fatalf("the server: %v\n%s", err, said)
	}
	account, err := parseAccount(s.stdout.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	return account
}

func parseAccount(text []byte) (serverAccount, error) {
	var account serverAccount
	if err := json.Unmarshal(text, &account); err != nil {
		return account, fmt.Errorf("the server's summary %q: %w", text, err)
	}
	return account, nil
}
