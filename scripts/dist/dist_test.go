package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// built makes what scripts/dist/build hands over, with programs of a few bytes.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"bin/linux_amd64/agistorm": "amd64", "bin/linux_arm64/agistorm": "arm64",
		"bin/windows_amd64/agistorm.exe": "exe",
		"man/agistorm.1":                 "man", "completions/agistorm.bash": "bash", "completions/agistorm.ps1": "ps1",
		"texts/LICENSE": "licence", "texts/README.md": "readme", "texts/THIRD-PARTY.txt": "others",
		"systemd/agistorm-watch.service": "unit",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pack(t *testing.T, built string) string {
	t.Helper()
	out := t.TempDir()
	r := release{version: "1.2.3", built: built, out: out, at: time.Unix(1e9, 0).UTC()}
	if err := r.pack(); err != nil {
		t.Fatal(err)
	}
	return out
}

// hashes are those of all files below a folder.
func hashes(t *testing.T, dir string) map[string][sha256.Size]byte {
	t.Helper()
	all := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = sha256.Sum256(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPackTwice: the same files give the same bytes, whenever they were made.
func TestPackTwice(t *testing.T) {
	source := built(t)
	first := hashes(t, pack(t, source))
	later := time.Now().Add(time.Hour)
	err := filepath.WalkDir(source, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, later, later)
	})
	if err != nil {
		t.Fatal(err)
	}
	second := hashes(t, pack(t, source))
	for name, sum := range first {
		if second[name] != sum {
			t.Errorf("%s differs", name)
		}
	}
	for _, name := range []string{
		"agistorm_1.2.3_linux_amd64.tar.gz", "agistorm_1.2.3_windows_amd64.zip", "agistorm_1.2.3_amd64.deb",
		"agistorm_1.2.3_arm64.deb", "agistorm_1.2.3_image/index.json", "agistorm_1.2.3_image_arm64.tar", sumsName,
	} {
		if _, ok := first[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
	if len(first) != len(second) {
		t.Errorf("%d files, then %d", len(first), len(second))
	}
}

// TestFolders: each folder comes once, before what is in it.
func TestFolders(t *testing.T) {
	var out bytes.Buffer
	r := release{at: time.Unix(1e9, 0)}
	err := r.writeTar(&out, []file{
		{"tmp/", 0o1777, nil}, {"usr/bin/a", 0o755, []byte("a")}, {"usr/bin/b", 0o755, []byte("b")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for in := tar.NewReader(&out); ; {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
	if want := []string{"tmp/", "usr/", "usr/bin/", "usr/bin/a", "usr/bin/b"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestNothingBuilt: a folder without binaries is refused, and so is a name that is no system.
func TestNothingBuilt(t *testing.T) {
	r := release{version: "1.2.3", built: t.TempDir(), out: t.TempDir()}
	if err := r.pack(); err == nil {
		t.Error("nothing was built, and packed")
	}
	if _, _, err := cutSystem("linux"); err == nil {
		t.Error("linux is no system without an architecture")
	}
}
