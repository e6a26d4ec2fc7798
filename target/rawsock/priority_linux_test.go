package rawsock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The test program starts itself again; this variable makes it print its priority, and that of each of its threads.
const printPriority = "AGISTORM_TEST_PRIORITY"

func TestMain(m *testing.M) {
	if os.Getenv(printPriority) == "" {
		os.Exit(m.Run())
	}
	var line string
	if _, err := fmt.Scanln(&line); err != nil { // the session's own value is set by now
		fmt.Println(err)
		os.Exit(1)
	}
	p, err := OwnPriority()
	fmt.Println(p.Nice, formatNice(p.Autogroup), p.Session == os.Getpid(), err, strings.Join(threadNices(), " "))
}

func formatNice(n *int) string {
	if n == nil {
		return "unknown"
	}
	return strconv.Itoa(*n)
}

// threadNices are the distinct nice values of the threads of this process.
func threadNices() (all []string) {
	stats, _ := os.ReadDir("/proc/self/task")
	seen := map[string]bool{}
	for _, thread := range stats {
		stat, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/stat")
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if n := strings.Fields(rest)[16]; !seen[n] { // proc_pid_stat(5), field 19
			seen[n] = true
			all = append(all, n)
		}
	}
	return all
}

// prioritised starts this program again with a nice value, in a session and perhaps a user namespace of its
// own, and returns what it prints.
func prioritised(t *testing.T, value int, attr *syscall.SysProcAttr) (printed string, refused error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), printPriority+"=1")
	cmd.SysProcAttr = attr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout = &out
	refused, err = WithNice(value, cmd.Start)
	if err != nil {
		t.Fatal(err)
	}
	if err := SetAutogroup(cmd.Process.Pid, value); err != nil && !errors.Is(err, fs.ErrNotExist) {
		refused = errors.Join(refused, err)
	}
	fmt.Fprintln(in, "go")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return strings.TrimSpace(out.String()), refused
}

// wantPriority is what a process prints that has the value in all its threads, and in its session where the
// kernel groups them.
func wantPriority(value int) string {
	group := "unknown"
	if on, _ := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled"); string(on) == "1\n" {
		group = strconv.Itoa(value) // of its own new session, also where this process is in no group
	}
	return fmt.Sprint(value, " ", group, " true <nil> ", value)
}

// TestPriority: the process has the priority in all its threads and in its session, and its parent keeps
// its own.
func TestPriority(t *testing.T) {
	if mayNotNice() {
		t.Skip("nice(1) may not raise a priority either: the thread of the test could not get its own back")
	}
	before, err := OwnPriority()
	if err != nil {
		t.Fatal(err)
	}
	value := min(before.Nice+7, 19)
	printed, refused := prioritised(t, value, &syscall.SysProcAttr{Setsid: true})
	if want := wantPriority(value); refused != nil || printed != want {
		t.Errorf("%q (%v), want %q", printed, refused, want)
	}
	if after := threadNices(); len(after) != 1 || after[0] != strconv.Itoa(before.Nice) {
		t.Errorf("the threads of the parent have %v, want %d as before", after, before.Nice)
	}
}

// TestHigherPriority: a privileged process gives it to one in a user namespace too, which has no privilege.
// Without the privilege the refusal is returned, and the process runs all the same.
func TestHigherPriority(t *testing.T) {
	before, err := OwnPriority()
	if err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Setsid: true}
	if exec.Command("unshare", "--user", "--map-root-user", "true").Run() == nil {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	printed, refused := prioritised(t, -5, attr)
	want := wantPriority(-5)
	if mayNotNice() {
		if refused == nil {
			t.Error("the refusal of the priority was not returned")
		}
		want = strings.ReplaceAll(want, "-5", strconv.Itoa(before.Nice))
	} else if refused != nil {
		t.Errorf("refused: %v", refused)
	}
	if printed != want {
		t.Errorf("%q, want %q", printed, want)
	}
}

// mayNotNice reports whether nice(1) keeps its priority where it asks for a higher one: it does not fail
// then.
func mayNotNice() bool {
	out, err := exec.Command("nice", "-n", "-5", "nice").Output()
	return err != nil || !strings.HasPrefix(strings.TrimSpace(string(out)), "-")
}

// TestNiceOfAFailedStart: the error of the start is passed on, whatever became of the priority.
func TestNiceOfAFailedStart(t *testing.T) {
	own, err := OwnPriority()
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no such program")
	if refused, err := WithNice(own.Nice, func() error { return failed }); !errors.Is(err, failed) || refused != nil {
		t.Errorf("%v, refused: %v", err, refused)
	}
}

func TestParseAutogroup(t *testing.T) {
	for line, want := range map[string]string{
		"/autogroup-25 nice -10\n": "-10", "/autogroup-1 nice 0": "0", "": "unknown",
	} {
		if got, err := parseAutogroup([]byte(line)); err != nil || formatNice(got) != want {
			t.Errorf("%q: %s, %v, want %s", line, formatNice(got), err, want)
		}
	}
	for _, line := range []string{
		"/autogroup-25", "/autogroup-25 nice", "/autogroup-25 nice x", "/autogroup-25 rank 1",
	} {
		if got, err := parseAutogroup([]byte(line)); err == nil {
			t.Errorf("%q: %s and no error", line, formatNice(got))
		}
	}
}
