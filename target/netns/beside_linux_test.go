package netns

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asRoot marks the test program that has started itself again as root of a user namespace.
const asRoot = "AGISTORM_TEST_NETNS_ROOT"

// again runs the test as root of a user namespace, in a network namespace of its own.
func again(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), asRoot+"=1")
	cmd.SysProcAttr = Attributes(User)
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		provesRefusal(t, User, err)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestBeside: what is started there lives there, and this process stays where it is.
func TestBeside(t *testing.T) {
	home, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBeside()
	if errors.Is(err, unix.EPERM) && os.Getenv(asRoot) == "" {
		again(t)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.Home() < 0 || b.There() < 0 || b.Home() == b.There() {
		t.Errorf("descriptors %d and %d", b.Home(), b.There())
	}
	err = b.Do(func() error {
		there, err := os.Readlink("/proc/thread-self/ns/net")
		if there == home {
			t.Errorf("it is %s here and there", there)
		}
		if err := LoopbackUp(); err != nil {
			return err
		}
		l, err2 := net.Listen("tcp", "127.0.0.1:4573")
		if err2 == nil {
			defer l.Close()
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
	want := errors.New("as f says")
	if err := b.Do(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	if now, _ := os.Readlink("/proc/thread-self/ns/net"); now != home {
		t.Errorf("this thread was in %s and is in %s", home, now)
	}
}
