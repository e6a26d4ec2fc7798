package lab

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"agistorm/target/netns"
)

// TestServerElsewhere: what the server's namespace decides and counts is read there, what the clients' decides and counts here.
func TestServerElsewhere(t *testing.T) {
	pid := liveElsewhere(t, "echo 77 >/proc/sys/net/core/somaxconn && echo 3 >/proc/sys/net/ipv4/tcp_syn_retries")
	o := StormOptions{PID: pid}
	beside, err := o.besideServer()
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	values, err := sysctlsWith(beside)
	if errors.Is(err, syscall.EPERM) && os.Geteuid() != 0 {
		t.Skip(err) // setns(2) is for root
	}
	if err != nil {
		t.Fatal(err)
	}
	if here := readSysctls()["net.ipv4.tcp_syn_retries"]; values[somaxconn] != "77" || values["net.ipv4.tcp_syn_retries"] != here || here == "3" {
		t.Errorf("%v, want the server's somaxconn of 77 and the clients' tcp_syn_retries", values)
	}
	before, err := countersWith(beside)
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.Do(refusedThere); err != nil {
		t.Fatal(err)
	}
	after, err := countersWith(beside)
	if err != nil || after["TcpOutRsts"] == before["TcpOutRsts"] {
		t.Errorf("%v: a reset in the server's namespace is not among the %d counted", err, after["TcpOutRsts"])
	}
	o.PID = os.Getpid()
	if own, err := o.besideServer(); own != nil || err != nil {
		t.Errorf("this process's namespace is beside itself: %v", err)
	}
}

// refusedThere connects to a port on which nobody listens: its own kernel resets it.
func refusedThere() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	err = errors.Join(netns.LoopbackUp(), syscall.Connect(fd, &syscall.SockaddrInet4{Port: 1, Addr: [4]byte{127, 0, 0, 1}}))
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return errors.Join(errors.New("it was not refused"), err)
}

// liveElsewhere runs a command in a network namespace of its own, and a process that stays there until the test ends.
func liveElsewhere(t *testing.T, command string) (pid int) {
	t.Helper()
	needsNamespace(t)
	child := exec.Command("sh", "-c", command+" && echo there && read ended")
	child.SysProcAttr = netns.Attributes(netns.User)
	in, err := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err := errors.Join(err, err2, child.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = child.Wait() // read(1) fails at the end of its input
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "there" {
		t.Fatalf("it said %q: %v", line, err)
	}
	return child.Process.Pid
}
