package link

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fromHex reads bytes, written with spaces and lines between them.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes here are of a little-endian machine")
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestMessages: the bytes worked out by hand from linux/netlink.h, rtnetlink.h, if_link.h, veth.h, pkt_sched.h. Interface 7.
func TestMessages(t *testing.T) {
	const number7 = "00000000 07000000"
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"veth": {vethRequest("agi0", hardwareOf(Server), hardwareOf(Client), 9), `
			90000000 1000 0506 00000000 00000000
			00000000 00000000 00000000 00000000
			0900 0300 6167693000 000000
			0800 0400 dc050000
			0a00 0100 02000ac50001 0000
			5000 1200
				0900 0100 7665746800 000000
				4000 0200
					3c00 0100
						00000000 00000000 00000000 00000000
						0900 0300 6167693000 000000
						0800 0400 dc050000
						0a00 0100 02000ac50002 0000
						0800 1c00 09000000`},
		"queue": {queueRequest(7, 10000), `
			30000000 1000 0500 00000000 00000000 ` + number7 + `00000000 00000000
			0800 0d00 10270000
			0800 0400 dc050000`},
		"quiet": {quietRequest(7), `
			30000000 1000 0500 00000000 00000000 ` + number7 + `00000000 00000000
			1000 1a00
				0c00 0a00
					0500 0800 01 000000`},
		"up":     {upRequest(7), `20000000 1000 0500 00000000 00000000 ` + number7 + `01000000 01000000`},
		"delete": {deleteRequest(7), `20000000 1100 0500 00000000 00000000 ` + number7 + `00000000 00000000`},
		"address": {addressRequest(7, Server), `
			28000000 1400 0506 00000000 00000000 021e0000 07000000
			0800 0200 0ac50001
			0800 0100 0ac50001`},
		"neighbour": {neighbourRequest(7, Client, hardwareOf(Client)), `
			30000000 1c00 0505 00000000 00000000 02000000 07000000 8000 00 00
			0800 0100 0ac50002
			0a00 0200 02000ac50002 0000`},
		"netem": {netemRequest(7, 10*time.Millisecond), `
			58000000 2400 0505 00000000 00000000 ` + number7 + `00000000 ffffffff 00000000
			0a00 0100 6e6574656d00 0000
			2800 0200
				5a620200 00000100 00000000 00000000 00000000 00000000
				0c00 0a00 8096980000000000`},
		"interface": {interfaceRequest("agi0"), `
			2c000000 1200 0100 00000000 00000000
			00000000 00000000 00000000 00000000
			0900 0300 6167693000 000000`},
	} {
		if want := fromHex(t, c.want); string(c.got) != string(want) {
			t.Errorf("%s:\ngot  %x\nwant %x", name, c.got, want)
		}
	}
}

// anInterface is an answer with what is asked for: index 7, up, MTU 1500, queue 10,000; 5 packets received, 6 not sent.
const anInterface = `
	80000000 1000 0000 00000000 00000000
	0000 feff 07000000 d1100100 00000000
	0800 0400 dc050000
	0500 1000 06 000000
	0800 0d00 10270000
	4400 1780
		0500000000000000 0000000000000000 0000000000000000 0000000000000000
		0000000000000000 0000000000000000 0000000000000000 0600000000000000
	0400 0a00`

func TestParseInterface(t *testing.T) {
	got, err := parseInterface(fromHex(t, anInterface))
	if err != nil {
		t.Fatal(err)
	}
	if got.count == nil || *got.count != (ifaceLoad{received: 5, sendDrops: 6}) {
		t.Errorf("counted %+v, want 5 and 6", got.count)
	}
	got.count = nil
	if want := (iface{index: 7, up: true, running: true, mtu: 1500, queue: 10000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestParseInterfaceWithout: what the kernel does not tell is missing.
func TestParseInterfaceWithout(t *testing.T) {
	got, err := parseInterface(fromHex(t, `28000000 1000 0000 00000000 00000000 00000000 07000000 00000000 00000000
		0800 1700 05000000`))
	if want := (iface{index: 7}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"empty":                   {"", errAnswer},
		"short":                   {"10000000 1000 0000 00000000 000000", errAnswer},
		"shorter than its header": {"0f000000 1000 0000 00000000 00000000", errAnswer},
		"longer than it is":       {"11000000 1000 0000 00000000 00000000", errAnswer},
		"no interface in it":      {"10000000 1000 0000 00000000 00000000", errAnswer},
		"another kind":            {"20000000 1400 0000 00000000 00000000 00000000 00000000 00000000 00000000", errAnswer},
		"done, of nothing":        {"14000000 0200 0000 00000000 00000000 00000000", errAnswer},
		"an attribute too long":   {"24000000 1000 0000 00000000 00000000 00000000 07000000 00000000 00000000 0500 0400", errAnswer},
		"an attribute too short":  {"24000000 1000 0000 00000000 00000000 00000000 07000000 00000000 00000000 0300 0400", errAnswer},
		"no such device":          {"14000000 0200 0000 00000000 00000000 edffffff", unix.ENODEV},
	} {
		if _, err := parseInterface(fromHex(t, c.answer)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestParseDone(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"done":         {"14000000 0200 0000 00000000 00000000 00000000", nil},
		"no netem":     {"14000000 0200 0000 00000000 00000000 feffffff", unix.ENOENT},
		"no veth":      {"14000000 0200 0000 00000000 00000000 a1ffffff", unix.EOPNOTSUPP},
		"another kind": {"14000000 1000 0000 00000000 00000000 00000000", errAnswer},
		"short":        {"12000000 0200 0000 00000000 00000000 0000", errAnswer},
	} {
		if err := parseDone(fromHex(t, c.answer)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// FuzzParse: no answer, however broken, does more than give an error.
func FuzzParse(f *testing.F) {
	f.Add(fromHex(f, anInterface))
	f.Add([]byte(nil))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_ = parseDone(b)
		_, _ = parseInterface(b)
	})
}
