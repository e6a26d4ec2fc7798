package netns

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// The test program starts itself again in a namespace; this variable makes it do so.
const inside = "AGISTORM_TEST_NETNS_INSIDE"

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if os.Getenv(inside) == "" {
		os.Exit(m.Run())
	}
	if err := live(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// live does in the namespace what a cell does, and prints what it found.
func live() error {
	if err := LoopbackUp(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:4573")
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := SetSysctl("net.core.somaxconn", "77"); err != nil {
		return err
	}
	value, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		return err
	}
	if err := SetSysctl("net.core.no_such_thing", "1"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a sysctl that does not exist: %w, want fs.ErrNotExist", err)
	}
	if err := offloads(); err != nil {
		return err
	}
	fmt.Println("somaxconn", strings.TrimSpace(string(value)))
	return nil
}

// offloads switches those of lo, which has both.
func offloads() error {
	for _, feature := range []Offload{GRO, TSO} {
		for _, on := range []bool{false, true} {
			done, err := SetOffload("lo", feature, on)
			is, err2 := HasOffload("lo", feature)
			if !done || is != on || err != nil || err2 != nil {
				return fmt.Errorf("%v of lo to %t: done %t, is %t; %w", feature, on, done, is, errors.Join(err, err2))
			}
		}
	}
	for _, device := range []string{"agistorm9", "longer-than-a-name"} {
		if done, err := SetOffload(device, GRO, true); done || !errors.Is(err, syscall.ENODEV) {
			return fmt.Errorf("%s, which is not there: %t, %w; want ENODEV", device, done, err)
		}
	}
	return nil
}

func TestLifeInNamespaces(t *testing.T) {
	for name, mode := range map[string]Mode{"user": User, "net": Net} {
		t.Run(name, func(t *testing.T) {
			before, err := os.ReadFile("/proc/sys/net/core/somaxconn")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), inside+"=1")
			cmd.SysProcAttr = Attributes(mode)
			out, err := cmd.CombinedOutput()
			if err != nil && len(out) == 0 {
				provesRefusal(t, mode, err)
			}
			if err != nil || strings.TrimSpace(string(out)) != "somaxconn 77" {
				t.Errorf("in the namespace: %s, %v; want somaxconn 77", out, err)
			}
			after, _ := os.ReadFile("/proc/sys/net/core/somaxconn")
			if string(after) != string(before) {
				t.Errorf("the host's somaxconn was %s and is %s", before, after)
			}
		})
	}
}

// provesRefusal skips only where unshare(1) is refused the same namespace.
func provesRefusal(t *testing.T, mode Mode, err error) {
	t.Helper()
	args := []string{"--net", "true"}
	if mode == User {
		args = []string{"--user", "--map-root-user", "--net", "true"}
	}
	if exec.Command("unshare", args...).Run() != nil {
		t.Skipf("this machine refuses the namespace to unshare(1) too: %v", err)
	}
}

func TestKillGroup(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 60 & echo $!; wait")
	cmd.SysProcAttr = Attributes(Host)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var child int
	if _, err := fmt.Fscan(out, &child); err != nil {
		t.Fatal(err)
	}
	if err := KillGroup(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	// The pipe ends when every process that could write to it has ended, the child too.
	if n, _ := out.Read(make([]byte, 1)); n != 0 {
		t.Error("the group still writes")
	}
	_ = cmd.Wait() // its error is the signal
}
