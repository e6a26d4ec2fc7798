package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/arrival/packets"
	"agistorm/scripts/internal/program"
)

const whole = "0 packets dropped by kernel\n"

// A run as the script leaves it: a hundred connects in each storm, on its handshake's spot.
func TestRun(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, folder string)
		code  int
		says  string
	}{
		{"as it should be", func(*testing.T, string) {}, program.Met, ""},
		{"the kernel's account is off", func(t *testing.T, folder string) {
			writeStorm(t, filepath.Join(folder, burstFolder), 6*us, 0)
		}, program.Missed, "agistorm, `handshake`: off by 6.00 µs at p50, want 5.00 µs or less\n"},
		{"a packet was dropped", func(t *testing.T, folder string) {
			write(t, filepath.Join(folder, dialerFolder, tcpdumpFile), []byte("1 packet dropped by kernel\n"))
		}, program.NoResult, "the capture is not whole"},
		{"a capture cut off", func(t *testing.T, folder string) {
			write(t, filepath.Join(folder, overflowFolder, packetsFile), []byte("cut"))
		}, program.NoResult, "packets.pcap"},
		{"no storm", func(t *testing.T, folder string) {
			if err := os.RemoveAll(filepath.Join(folder, overflowFolder, runFolder)); err != nil {
				t.Fatal(err)
			}
		}, program.NoResult, "storm.json"},
		{"no dialer", func(t *testing.T, folder string) {
			if err := os.Remove(filepath.Join(folder, dialerFolder, connectsFile)); err != nil {
				t.Fatal(err)
			}
		}, program.NoResult, connectsFile},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			writeStorm(t, filepath.Join(folder, burstFolder), 0, 0)
			writeStorm(t, filepath.Join(folder, overflowFolder), 0, 1)
			writeDialer(t, filepath.Join(folder, dialerFolder))
			test.spoil(t, folder)
			var stdout, stderr bytes.Buffer
			code := program.Run("accuracy", run, []string{folder}, &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.says) ||
				(test.says == "") != (stderr.Len() == 0) {
				t.Errorf("exit code %d, stderr %q; want %d, %q", code, &stderr, test.code, test.says)
			}
			if printed := strings.Contains(stdout.String(),
				"| agistorm, `connect` | 100 |"); printed != (code != program.NoResult) {
				t.Errorf("exit code %d with stdout\n%s", code, &stdout)
			}
		})
	}
	if code := program.Run("accuracy", run, nil, &bytes.Buffer{}, &bytes.Buffer{}); code != program.NoResult {
		t.Errorf("without a folder exit code %d, want %d", code, program.NoResult)
	}
}

const connects = 100

// traffic returns the packets of connects that took 4 µs, or as much more as their lost SYNs made it.
func traffic(lost int) (all []packets.Packet) {
	for port := uint16(1); port <= connects; port++ {
		at := time.Duration(port) * 10 * us
		for k := range lost + 1 {
			all = append(all, syn(port, at+time.Duration(k)*time.Second))
		}
		all = append(all, synAck(port, at+time.Duration(lost)*time.Second+4*us))
	}
	return all
}

// writeStorm writes a storm and its capture; the kernel's account is off by so much.
func writeStorm(t *testing.T, folder string, off time.Duration, lost uint32) {
	t.Helper()
	writeCapture(t, folder, traffic(int(lost)))
	var attempts []record.Attempt
	for port := uint16(1); port <= connects; port++ {
		reported := 4*us + off
		if lost > 0 {
			reported = off // the rest of the second is in Handshake's formula
		}
		attempts = append(attempts, attempt(port, time.Duration(port)*10*us-2*us, 3*time.Second, reported, lost))
	}
	run := record.Dir(filepath.Join(folder, runFolder))
	if err := os.RemoveAll(string(run)); err != nil {
		t.Fatal(err)
	}
	repeat, err := run.Stage("storm", 1)
	s := &record.Storm{Engine: "epoll", Start: began, Address: server.String()}
	if err := errors.Join(err, repeat.WriteStorm(s, slices.Values(attempts)), run.Commit("storm", 1)); err != nil {
		t.Fatal(err)
	}
}

func writeDialer(t *testing.T, folder string) {
	t.Helper()
	writeCapture(t, folder, traffic(0))
	var lines []byte
	for port := uint16(1); port <= connects; port++ {
		lines = fmt.Appendf(lines, "{\"local\":%q,\"connect_ns\":350000000}\n", client(port))
	}
	write(t, filepath.Join(folder, connectsFile), lines)
}

// writeCapture writes what tcpdump would: nanoseconds, raw IPv4.
func writeCapture(t *testing.T, folder string, list []packets.Packet) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	le, be := binary.LittleEndian, binary.BigEndian
	file := le.AppendUint32(le.AppendUint32(nil, 0xa1b23c4d), 2|4<<16)
	file = append(file, make([]byte, 8)...)
	file = le.AppendUint32(le.AppendUint32(file, 65535), 101)
	for _, p := range list {
		frame := []byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0}
		frame = append(append(frame, p.Src.Addr().AsSlice()...), p.Dst.Addr().AsSlice()...)
		frame = be.AppendUint16(be.AppendUint16(frame, p.Src.Port()), p.Dst.Port())
		frame = be.AppendUint32(be.AppendUint32(frame, p.Seq), p.Ack)
		frame = append(frame, 0x50, p.Flags, 0xff, 0xff, 0, 0, 0, 0)
		for _, field := range []int{int(p.At.Unix()), p.At.Nanosecond(), len(frame), len(frame)} {
			file = le.AppendUint32(file, uint32(field))
		}
		file = append(file, frame...)
	}
	write(t, filepath.Join(folder, packetsFile), file)
	write(t, filepath.Join(folder, tcpdumpFile), []byte(whole))
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
