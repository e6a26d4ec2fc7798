package known

import (
	"bytes"
	"debug/buildinfo"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// elf returns a file of the class with an empty segment of data, and one with that data and those flags: 6 (read,
// write) by default.
func elf(class byte, order binary.AppendByteOrder, data []byte, flags ...uint32) []byte {
	form := elfForms[class]
	const at = 0x1008 // of the data: no multiple of 16
	file := make([]byte, at, at+len(data))
	copy(file, "\x7fELF")
	file[4], file[5] = class, 1
	if order == binary.AppendByteOrder(binary.BigEndian) {
		file[5] = 2
	}
	put := func(offset, value int) {
		if form.wide {
			copy(file[offset:], order.AppendUint64(nil, uint64(value)))
		} else {
			copy(file[offset:], order.AppendUint32(nil, uint32(value)))
		}
	}
	put(form.tableAt, 128)
	copy(file[form.entrySizeAt:], order.AppendUint16(nil, uint16(form.entry)))
	copy(file[form.entriesAt:], order.AppendUint16(nil, 2))
	for i, flags := range []uint32{6, append(flags, 6)[0]} {
		segment := 128 + i*form.entry
		copy(file[segment:], order.AppendUint32(nil, 1))
		copy(file[segment+form.flagsAt:], order.AppendUint32(nil, flags))
		put(segment+form.offsetAt, i*at)
		put(segment+form.fileSizeAt, i*len(data))
	}
	return append(file, data...)
}

// TestGoMark: marks where the linker puts them, in both classes and byte orders, and where it does not.
func TestGoMark(t *testing.T) {
	marked := func(offset int) []byte {
		return append(make([]byte, offset), append(bytes.Clone(goMark), make([]byte, 40)...)...)
	}
	for name, c := range map[string]struct {
		file []byte
		want bool
	}{
		"64 bits, at its start":      {elf(2, binary.LittleEndian, marked(8)), true},
		"64 bits, in a later chunk":  {elf(2, binary.LittleEndian, marked(8+5*64<<10)), true},
		"64 bits, second segment":    {elf(2, binary.LittleEndian, marked(8), 6), true},
		"in what runs":               {elf(2, binary.LittleEndian, marked(8), 5), false},
		"64 bits, big endian":        {elf(2, binary.BigEndian, marked(8)), true},
		"32 bits":                    {elf(1, binary.LittleEndian, marked(8)), true},
		"32 bits, big endian":        {elf(1, binary.BigEndian, marked(24)), true},
		"between the multiples":      {elf(2, binary.LittleEndian, marked(9)), false},
		"no mark":                    {elf(2, binary.LittleEndian, make([]byte, 1<<20)), false},
		"a mark that is cut":         {elf(2, binary.LittleEndian, marked(8)[:8+len(goMark)-1]), false},
		"another class":              {append([]byte("\x7fELF\x03\x01"), make([]byte, 100)...), false},
		"a script":                   {[]byte("#!/bin/sh\n"), false},
		"an empty file":              {nil, false},
		"a mark, but no ELF":         {append(bytes.Clone(goMark), make([]byte, 100)...), false},
		"a header, and nothing more": {elf(2, binary.LittleEndian, marked(8))[:64], false},
	} {
		if got := hasGoMark(bytes.NewReader(c.file)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestIsGo: programs of this machine, of which debug/buildinfo says the same.
func TestIsGo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc, and its programs are ELF files")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !isGo(self) {
		t.Error("this test is not recognised as built by Go")
	}
	if isGo(filepath.Join(t.TempDir(), "none")) {
		t.Error("a file that is not there was built by Go")
	}
	for _, name := range []string{"sh", "go", "gofmt", "docker", "git", "gcc", "node"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		_, err = buildinfo.ReadFile(path)
		if got := isGo(path); got != (err == nil) {
			t.Errorf("%s: %t, by debug/buildinfo %v", path, got, err)
		}
	}
}

// FuzzGoMark: whatever the bytes, the file is read within its bounds.
func FuzzGoMark(f *testing.F) {
	f.Add(elf(2, binary.LittleEndian, goMark))
	f.Add(elf(1, binary.BigEndian, goMark))
	f.Fuzz(func(t *testing.T, file []byte) {
		if hasGoMark(bytes.NewReader(file)) && !bytes.Contains(file, goMark) {
			t.Errorf("%q has no mark", file)
		}
	})
}
