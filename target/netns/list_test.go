package netns

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestList: processes by their namespaces; what is no process, or has ended, is left out.
func TestList(t *testing.T) {
	root := t.TempDir()
	for pid, link := range map[string]string{
		"12": "net:[4026531840]", "9": "net:[4026531840]", "100": "net:[4026531833]", "7": "", "self": "net:[1]",
		"13": "mnt:[5]",
	} {
		dir := filepath.Join(root, pid, "ns")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if link == "" {
			continue
		}
		if err := os.Symlink(link, filepath.Join(dir, "net")); err != nil {
			t.Fatal(err)
		}
	}
	all, hidden, err := list(root)
	want := []Inhabited{{4026531833, []int{100}}, {4026531840, []int{9, 12}}}
	if err != nil || hidden != 0 || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, %d hidden, %v; want %+v", all, hidden, err, want)
	}
	if _, _, err := list(filepath.Join(root, "none")); err == nil {
		t.Error("without /proc: no error")
	}
	if !hasArguments("/proc", "self") || hasArguments(root, "9") {
		t.Error("this program has arguments, and a thread of the kernel has none")
	}
}

// FuzzParseLink: what is read can be written and read again.
func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{"net:[4026531840]", "net:[]", "net:[-1]", "net:[1", "mnt:[1]", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		inode, err := parseLink(link)
		if err != nil {
			return
		}
		if again, err := parseLink(fmt.Sprintf("net:[%d]", inode)); err != nil || again != inode {
			t.Errorf("%q became %d, and that %d, %v", link, inode, again, err)
		}
	})
}
