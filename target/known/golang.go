package known

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"slices"
)

// goMark begins what Go's linker writes into the data of every program (package debug/buildinfo), at a multiple of 16.
// That package reads all object formats and DWARF, 0.6 MB of this program; here ELF and the mark are enough.
var goMark = []byte("\xff Go buildinf:")

const (
	goMarkAlign = 16
	// mostData and mostSegments bound what is read of a program, whatever its headers say.
	mostData     = 64 << 20
	mostSegments = 64
)

// isGo reports whether Go built the program in a file.
func isGo(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return hasGoMark(f)
}

// hasGoMark reports whether the writable data of an ELF file has Go's mark.
func hasGoMark(file io.ReaderAt) bool {
	return slices.ContainsFunc(dataSegments(file), func(s segment) bool { return markIn(file, s) })
}

// segment is a part of a file.
type segment struct{ offset, size int64 }

// markIn looks for the mark, from a multiple of 16 on, so that no chunk ends within one.
func markIn(file io.ReaderAt, s segment) bool {
	end := s.offset + min(s.size, mostData)
	chunk := make([]byte, 64<<10)
	for at := s.offset &^ (goMarkAlign - 1); at < end; at += int64(len(chunk)) {
		n, err := file.ReadAt(chunk[:min(int64(len(chunk)), end-at)], at)
		for rest := chunk[:n]; len(rest) >= len(goMark); rest = rest[min(goMarkAlign, len(rest)):] {
			if bytes.HasPrefix(rest, goMark) {
				return true
			}
		}
		if err != nil {
			return false
		}
	}
	return false
}

// elfForm is where the fields of ELF's headers stand (elf(5)).
type elfForm struct {
	// wide addresses have 8 bytes, else 4.
	wide                                 bool
	tableAt, entrySizeAt, entriesAt      int
	flagsAt, offsetAt, fileSizeAt, entry int
}

var elfForms = map[byte]elfForm{
	1: {false, 28, 42, 44, 24, 4, 16, 32},
	2: {true, 32, 54, 56, 4, 8, 32, 56},
}

// dataSegments returns those of an ELF file that are loaded to be written to, and not to be run. Some linkers make two.
func dataSegments(file io.ReaderAt) (all []segment) {
	head := make([]byte, 64)
	if _, err := file.ReadAt(head, 0); err != nil || !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return nil
	}
	form, known := elfForms[head[4]]
	if !known {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[5] == 2 {
		order = binary.BigEndian
	}
	address := func(b []byte) int64 {
		if form.wide {
			return int64(order.Uint64(b))
		}
		return int64(order.Uint32(b))
	}
	table, each := address(head[form.tableAt:]), int64(order.Uint16(head[form.entrySizeAt:]))
	entry := make([]byte, form.entry)
	for i := range min(int64(order.Uint16(head[form.entriesAt:])), mostSegments) {
		if _, err := file.ReadAt(entry, table+i*each); err != nil {
			return all
		}
		const load, run, write = 1, 1, 2
		s := segment{address(entry[form.offsetAt:]), address(entry[form.fileSizeAt:])}
		writable := order.Uint32(entry) == load && order.Uint32(entry[form.flagsAt:])&(run|write) == write
		if writable && s.offset >= 0 && s.size >= 0 && s.offset+mostData > 0 {
			all = append(all, s)
		}
	}
	return all
}
