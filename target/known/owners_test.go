package known

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestOwners: of several that hold a socket the owner is the one whose parent does not; each process is read once.
func TestOwners(t *testing.T) {
	root := t.TempDir()
	process := func(pid, parent int, name string, sockets ...int) {
		t.Helper()
		dir := filepath.Join(root, fmt.Sprint(pid))
		if err := os.MkdirAll(filepath.Join(dir, "fd"), 0o700); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{
			"comm": name + "\n", "status": fmt.Sprintf("Name:\tx\nPPid:\t%d\n", parent),
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for i, inode := range sockets {
			link := filepath.Join(dir, "fd", fmt.Sprint(i))
			if err := os.Symlink(fmt.Sprintf("socket:[%d]", inode), link); err != nil {
				t.Fatal(err)
			}
		}
	}
	process(100, 1, "nginx", 5, 5, 6)
	process(90, 100, "nginx", 5, 6, 7)
	process(101, 100, "nginx", 5)
	process(200, 1, "other", 8)
	got := owners(root, []uint32{5, 6, 7, 9})
	for inode, want := range map[uint32]struct {
		pid     int
		holders []int
	}{5: {100, []int{90, 100, 101}}, 6: {100, []int{90, 100}}, 7: {90, []int{90}}} {
		if h := got[inode]; h.PID != want.pid || h.Name != "nginx" || !reflect.DeepEqual(h.Holders, want.holders) {
			t.Errorf("socket %d: %+v, want %+v", inode, h, want)
		}
	}
	if len(got) != 3 {
		t.Errorf("%+v", got)
	}
	if p, ok := owner(root, 9); ok {
		t.Errorf("nobody's: %+v", p)
	}
}

// TestUsual: the numbers in the column "by itself", and who has them.
func TestUsual(t *testing.T) {
	for kind, want := range map[string]int{"nginx": 511, "python-socket": 128, "haproxy": 0, "go": 0, "systemd": 0} {
		if n, ok := Of(kind).Usual(); n != want || ok != (want > 0) {
			t.Errorf("%s: %d, %t", kind, n, ok)
		}
	}
	if s := Of("python-socket"); !s.Passes(5) || !s.Passes(128) || s.Passes(100) || !s.OneOfSeveral() {
		t.Error("Python's sockets have 5 by an idiom and 128 by default, and Python has other ways")
	}
	if s := Of("php-fpm"); s.OneOfSeveral() || s.PassesAll() || !Of("java-netty").PassesAll() || !Of("go").PassesAll() {
		t.Error("PHP-FPM is a server of its own; Netty and Go pass all")
	}
	if got := Usual(511); len(got) != 5 || got[0] != "nginx" {
		t.Errorf("511: %v", got)
	}
}

// FuzzParseSocket: what is read can be written and read again.
func FuzzParseSocket(f *testing.F) {
	for _, seed := range []string{"socket:[1234]", "socket:[", "pipe:[1]", "socket:[4294967296]", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		inode, ok := parseSocket(target)
		if !ok {
			return
		}
		if again, ok := parseSocket(fmt.Sprintf("socket:[%d]", inode)); !ok || again != inode {
			t.Errorf("%q became %d, and that %d", target, inode, again)
		}
	})
}
