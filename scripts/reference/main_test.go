//go:build linux

package reference

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"agistorm/target/netns"
)

// programsVar names the folder of the built programs to the process in the namespace. agistorm
// warns of unknown variables that begin with its own name.
const programsVar = "REFERENCE_PROGRAMS"

// The namespace's settings: an accept queue with room for every call, and twice the ports
// that one burst takes, for beyond half of them connect(2) becomes slow.
var sysctls = map[string]string{
	"net.core.somaxconn":           "65535",
	"net.ipv4.tcp_max_syn_backlog": "65535",
	"net.ipv4.ip_local_port_range": "10000 65000",
}

// TestMain runs the tests here and the benchmarks in a namespace of their own.
func TestMain(m *testing.M) {
	flag.Parse()
	code, err := 0, error(nil)
	switch {
	case os.Getenv(programsVar) != "":
		if err = setUpNamespace(); err == nil {
			code = m.Run()
		}
	case flag.Lookup("test.bench").Value.String() != "":
		code, err = runInNamespace()
	default:
		code = m.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		code = 1
	}
	os.Exit(code)
}

// runInNamespace builds the programs, where there is a network for Go's modules, and runs this
// test binary once more in a fresh namespace.
func runInNamespace() (code int, err error) {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return 1, err
	}
	runtime.LockOSThread() // Pdeathsig is about the thread that starts the process
	cmd, err := startAgain(dir)
	if err != nil {
		return 1, err
	}
	err = cmd.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return max(1, ended.ExitCode()), nil
	}
	return 0, err
}

// startAgain starts this binary in a namespace: as root in one that belongs to the host, which
// before Linux 6.3 or so is the only one with somaxconn, else in one that needs no privilege.
func startAgain(dir string) (*exec.Cmd, error) {
	modes := []netns.Mode{netns.User}
	if os.Geteuid() == 0 {
		modes = []netns.Mode{netns.Net, netns.User}
	}
	var refused []error
	for _, mode := range modes {
		cmd := exec.Command(os.Args[0], os.Args[1:]...)
		cmd.Env = append(os.Environ(), programsVar+"="+dir)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.SysProcAttr = netns.Attributes(mode)
		cmd.SysProcAttr.Setpgid = false // Ctrl-C and go test's own time limit reach it
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
		err := cmd.Start()
		if err == nil {
			return cmd, nil
		}
		refused = append(refused, err)
	}
	return nil, fmt.Errorf("no network namespace for the benchmarks: %w", errors.Join(refused...))
}

// setUpNamespace sets up the namespace that this process was started in.
func setUpNamespace() error {
	if err := netns.LoopbackUp(); err != nil {
		return err
	}
	for name, value := range sysctls {
		if err := netns.SetSysctl(name, value); err != nil {
			return err
		}
	}
	return nil
}

// build builds the programs into dir; those in C only where there is a compiler.
func build(dir string) error {
	for _, name := range []string{"storm", "dialer"} {
		if err := command("go", "build", "-o", filepath.Join(dir, name), "./"+name); err != nil {
			return err
		}
	}
	if err := command("go", "build", "-o", filepath.Join(dir, serve), "../../cmd/agistorm"); err != nil {
		return err
	}
	return compile(dir)
}

// compile builds the programs in C into dir, and none where there is no compiler.
func compile(dir string) error {
	if _, err := exec.LookPath("cc"); err != nil {
		return nil
	}
	for _, name := range []string{inC, threads, "server"} {
		if err := command("cc", "-std=c11", "-O2", "-pthread", "-Wall", "-Wextra", "-Werror",
			"-o", filepath.Join(dir, name), name+".c"); err != nil {
			return err
		}
	}
	return nil
}

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}
