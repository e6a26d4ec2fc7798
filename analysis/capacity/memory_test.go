package capacity

import (
	"testing"

	"agistorm/analysis/record"
)

func TestMeasure(t *testing.T) {
	queued, session := 3000, 4096
	m := Memory{Queued: 513, PerQueued: queuedBytes, Queue: 513 * queuedBytes, Sessions: 32}
	m.Measure(&record.Memory{Unknown: &record.Note{Code: record.NoteMemoryUnmeasured}})
	if m.QueuedMeasured || m.Handlers != nil || m.Queue != 513*queuedBytes || m.Measured == nil {
		t.Errorf("%+v of nothing that was measured", m)
	}
	m.Measure(&record.Memory{Queued: &queued, Session: &session})
	if !m.QueuedMeasured || m.Queue != 513*3000 || *m.PerSession != 4096 || *m.Handlers != 32*4096 {
		t.Errorf("%+v", m)
	}
}
