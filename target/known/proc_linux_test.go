package known

import (
	"net"
	"os"
	"testing"

	"agistorm/target/probe"
)

// TestOwnerOfThisProcess: a socket of this test belongs to it, and it is built by Go.
func TestOwnerOfThisProcess(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	listeners, err := probe.Listeners(uint16(l.Addr().(*net.TCPAddr).Port))
	if err != nil || len(listeners) != 1 {
		t.Fatalf("%v, %v", listeners, err)
	}
	p, ok := Owner(listeners[0].Inode)
	if !ok || p.PID != os.Getpid() || !p.Go {
		t.Fatalf("got %+v, %v, want process %d", p, ok, os.Getpid())
	}
	if got := Kinds(&p, 4096); len(got) != 1 || got[0] != "go" {
		t.Errorf("got %v", got)
	}
}
