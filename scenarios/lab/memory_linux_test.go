package lab

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"agistorm/analysis/record"
	"agistorm/target/probe"
)

// TestMeasureMemory: a queued connection takes a few kilobytes, and an accepted one no less.
func TestMeasureMemory(t *testing.T) {
	needsNamespace(t)
	m, err := MeasureMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		bytes       *int
		least, most int
	}{{"queued", m.Queued, 1000, 20000}, {"accepted", m.Accepted, 1000, 20000}, {"session", m.Session, 1, 200000}} {
		if tt.bytes != nil {
			t.Logf("%s: %d B", tt.name, *tt.bytes)
		}
		if tt.bytes == nil || *tt.bytes < tt.least || *tt.bytes > tt.most {
			t.Errorf("%s: want %d to %d B; %+v", tt.name, tt.least, tt.most, m)
		}
	}
	if m.Connections != measuredConnections || m.Sessions != measuredSessions {
		t.Errorf("%d connections and %d sessions", m.Connections, m.Sessions)
	}
	_, err = os.ReadFile("/proc/slabinfo")
	switch readable := err == nil; {
	case !readable && (m.Method != record.MethodSockets || m.Unknown == nil):
		t.Errorf("%+v without /proc/slabinfo", m)
	case readable && m.Method == record.MethodSlabs && (m.Unknown != nil || len(m.QueuedIn) < 2 ||
		len(m.AcceptedIn) < 2 || *m.Accepted < *m.Queued):
		t.Errorf("%+v", m)
	}
}

// TestMeasureMemoryInterrupted: an interrupt ends it.
func TestMeasureMemoryInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := MeasureMemory(ctx); err == nil {
		t.Errorf("%+v after an interrupt", m)
	}
}

func TestJudgeMemory(t *testing.T) {
	const n = 1000
	reading := func(sockets, requests, dentries, inUse int) kernelMemory {
		return kernelMemory{slabs: map[string]probe.Slab{
			"TCP": {Active: sockets, Size: 2520}, "request_sock_TCP": {Active: requests, Size: 341},
			"dentry": {Active: dentries, Size: 192},
		}, protocol: probe.Protocol{Size: 2368, Sockets: inUse}}
	}
	idle, queued, accepted := reading(30, 10, 5000, 1), reading(1050, 1000, 5600, n+1), reading(1040, 12, 6010, n+1)
	var m record.Memory
	idle.judge(&m, queued, accepted, n)
	if m.Method != record.MethodSlabs || m.Unknown != nil || *m.Queued != 2520+341 || *m.Accepted != 2520+192 {
		t.Errorf("%+v", m)
	}
	half := record.Memory{}
	idle.judge(&half, queued, reading(3000, 12, 6010, 1), n)
	if half.Method != record.MethodSlabs || *half.Queued != 2520+341 || half.Accepted != nil || half.Unknown == nil {
		t.Errorf("disturbed after the queue was measured: %+v", half)
	}
	unsteady := record.Memory{}
	idle.judge(&unsteady, reading(3000, 1000, 5000, n+1), accepted, n)
	if unsteady.Method != record.MethodSockets || unsteady.Unknown.Code != record.NoteSlabsUnsteady ||
		*unsteady.Queued != 2368 || !unsteady.AtLeast() {
		t.Errorf("another program's sockets: %+v", unsteady)
	}
	refused := record.Memory{}
	idle.noSlabs = &fs.PathError{Op: "open", Path: "/proc/slabinfo", Err: fs.ErrPermission}
	idle.judge(&refused, queued, accepted, n)
	if refused.Unknown.Code != record.NoteSlabsUnreadable || *refused.Queued != 2368 {
		t.Errorf("without rights: %+v", refused)
	}
	nothing := record.Memory{}
	queued.noProtocol = errors.New("no such file")
	idle.judge(&nothing, queued, accepted, n)
	if nothing.Queued != nil || nothing.Accepted != nil {
		t.Errorf("without any account: %+v", nothing)
	}
}
