package probe

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
)

// diagAnswer is an answer of the kernel's with an attribute before the one that matters.
func diagAnswer(state byte, attributes ...byte) []byte {
	b := make([]byte, netlinkHeader+diagMessage, 256)
	native.PutUint16(b[4:], diagByFamily)
	b[netlinkHeader+1] = state
	native.PutUint32(b[netlinkHeader+56:], 129)
	native.PutUint32(b[netlinkHeader+60:], 128)
	b = append(b, attributes...)
	native.PutUint32(b, uint32(len(b)))
	return b
}

// memory is the attribute with 7 drops.
func memory() []byte {
	b := make([]byte, 4+4*9)
	native.PutUint16(b, uint16(len(b)))
	native.PutUint16(b[2:], attributeMemory)
	native.PutUint32(b[4+4*memoryDrops:], 7)
	return b
}

func netlinkFailure(errno syscall.Errno) []byte {
	b := make([]byte, netlinkHeader+20)
	native.PutUint32(b, uint32(len(b)))
	native.PutUint16(b[4:], netlinkError)
	native.PutUint32(b[netlinkHeader:], uint32(-int32(errno)))
	return b
}

func TestParseDiag(t *testing.T) {
	other := make([]byte, 8) // an attribute of 5 bytes, with room up to 8
	native.PutUint16(other, 5)
	native.PutUint16(other[2:], 8)
	s, err := parseDiag(diagAnswer(stateListen, append(other, memory()...)...))
	if want := (rawSample{129, 128, 7, true}); s != want || err != nil {
		t.Errorf("%+v, %v; want %+v", s, err, want)
	}
	s, err = parseDiag(diagAnswer(stateListen))
	if want := (rawSample{129, 128, 0, false}); s != want || err != nil {
		t.Errorf("without attributes: %+v, %v; want %+v", s, err, want)
	}
	if _, err := parseDiag(diagAnswer(1)); !errors.Is(err, ErrNoListener) {
		t.Errorf("a connection: %v", err)
	}
	if _, err := parseDiag(netlinkFailure(syscall.ENOENT)); !errors.Is(err, ErrNoListener) {
		t.Errorf("ENOENT: %v", err)
	}
	if _, err := parseDiag(netlinkFailure(syscall.EPERM)); !errors.Is(err, syscall.EPERM) {
		t.Errorf("EPERM: %v", err)
	}
}

func TestDiagRequest(t *testing.T) {
	b := diagRequest(netip.MustParseAddrPort("127.0.0.1:4573"))
	r := b[netlinkHeader:]
	if len(b) != 72 || native.Uint32(b) != 72 || r[0] != familyIPv4 || r[1] != 6 || r[8] != 0x11 || r[9] != 0xdd ||
		string(r[12:16]) != "\x7f\x00\x00\x01" {
		t.Errorf("% x", b)
	}
	if r := diagRequest(netip.MustParseAddrPort("[::1]:1"))[netlinkHeader:]; r[0] != familyIPv6 || r[27] != 1 {
		t.Errorf("% x", r)
	}
}

// FuzzParseDiag: whatever the bytes, a sample or an error.
func FuzzParseDiag(f *testing.F) {
	f.Add(diagAnswer(stateListen, memory()...))
	f.Add(netlinkFailure(syscall.ENOENT))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseDiag(b)
		if err != nil && (s.depth != 0 || s.hasDrops) {
			t.Errorf("%+v with %v", s, err)
		}
	})
}
