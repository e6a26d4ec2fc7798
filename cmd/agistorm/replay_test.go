package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/capture"
	"agistorm/target/probe"
)

// The target of a replay accepts nothing from a moment on, for longer than the last caller waits: what comes later than
// that finds room for 129 calls. So the calls that are lost are those that come after a time, and of two storms that
// lose as many the calls came at the same times.
const (
	replayCalls = 1000
	replayRate  = "400/s"
	// Since the server listens.
	replayFrom, stallFrom, stallTo = 2500 * time.Millisecond, 3 * time.Second, 7200 * time.Millisecond
	replayPort                     = 4573
)

// replayed records a storm, replays the recording, and compares what both lost. It runs in a network namespace of its
// own: replayed FILE, where FILE will be the recording.
func replayed() {
	_ = os.Unsetenv(inside) // it is no flag of those that are started here
	end(func() error {
		recorder, err := capture.Start(context.Background(), capture.Options{
			File: os.Args[1], Places: []capture.Place{{Ports: []uint16{replayPort}}},
		})
		if err != nil {
			return err
		}
		before, err := probe.Counters()
		if err != nil {
			return err
		}
		original, err := replayStorm("original", "-n", fmt.Sprint(replayCalls), "--arrival", "constant "+replayRate)
		if err != nil {
			return err
		}
		counts, err := recorder.Stop()
		if err != nil {
			return err
		}
		after, err := probe.Counters()
		if err != nil {
			return err
		}
		if err := checkRecording(counts, grown(before, after), original); err != nil {
			return err
		}
		again, err := replayStorm("again", "--arrival", "trace "+os.Args[1])
		if err != nil {
			return err
		}
		fmt.Printf("original %+v, %+v\nreplay %+v\n", original, counts, again)
		if difference := original.lost - again.lost; max(difference, -difference) > replayCalls/20 {
			return fmt.Errorf("the replay lost %d calls, the original %d", again.lost, original.lost)
		}
		return nil
	}())
}

// grown returns what the counters of the namespace grew by.
func grown(before, after map[string]uint64) map[string]uint64 {
	by := map[string]uint64{}
	for name := range after {
		by[name] = after[name] - before[name]
	}
	return by
}

// checkRecording holds the recording against the kernel's counters and the clients' own sockets. SYN-ACKs that the
// server retransmits are in TCPSynRetrans too, and in TCPSYNChallenge.
func checkRecording(c capture.Counts, grown map[string]uint64, o fate) error {
	kernel := grown["TCPSynRetrans"] - grown["TCPSYNChallenge"]
	switch {
	case o.lost < replayCalls/2 || o.lost > replayCalls*9/10:
		return fmt.Errorf("the storm lost %d calls: it is no test of the replay", o.lost)
	case c.SYNs != replayCalls || c.Hosts != 1 || c.Lost != 0:
		return fmt.Errorf("%+v, want %d calls from one host", c, replayCalls)
	case c.Retransmitted != kernel || int(c.Retransmitted) != o.retransmitted || kernel == 0:
		return fmt.Errorf("%d retransmitted SYNs are recorded, the kernel counted %d, the clients' sockets %d",
			c.Retransmitted, kernel, o.retransmitted)
	}
	text, err := os.ReadFile(os.Args[1])
	if err == nil && bytes.Contains(text, []byte("127.0.0")) {
		err = errors.New("an address is in the recording")
	}
	return err
}

// fate is what became of a storm.
type fate struct{ calls, lost, retransmitted int }

// replayStorm storms a target that stalls, in a directory.
func replayStorm(dir string, arrival ...string) (f fate, err error) {
	server := exec.Command("agistorm", "serve", "--listen", fmt.Sprintf("127.0.0.1:%d", replayPort), "--backlog", "128",
		"--work", "0s", "--stall", fmt.Sprintf("%v@%v", stallTo-stallFrom, stallFrom))
	out, err := server.StdoutPipe()
	if err != nil {
		return f, err
	}
	if err := server.Start(); err != nil {
		return f, err
	}
	defer func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil { // it listens
		return f, err
	}
	args := append([]string{"storm", fmt.Sprintf("agi://127.0.0.1:%d/x", replayPort), "-q", "-o", dir,
		"--start-at", time.Now().Add(replayFrom).Format(time.RFC3339Nano)}, arrival...)
	storm := exec.Command("agistorm", args...)
	if out, err := storm.CombinedOutput(); err != nil && storm.ProcessState.ExitCode() != exitInconclusive {
		return f, fmt.Errorf("%w: %s", err, out)
	}
	return readFate(dir)
}

func readFate(dir string) (f fate, err error) {
	r, err := record.Dir(dir).Repeat("storm", 1)
	if err != nil {
		return f, err
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		f.calls++
		if a.SYNRetransmits != nil {
			f.retransmitted += int(*a.SYNRetransmits)
		}
		if a.Outcome != record.Answered {
			f.lost++
		}
	}
	if f.calls != replayCalls {
		err = fmt.Errorf("%d calls in %s, want %d", f.calls, strings.TrimSpace(dir), replayCalls)
	}
	return f, err
}
