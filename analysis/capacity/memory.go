package capacity

import "agistorm/analysis/record"

// Measure takes over what was measured on this kernel: the bytes of a queued connection, and of a session of the
// server. What could not be measured stays as it is.
func (m *Memory) Measure(measured *record.Memory) {
	m.Measured = measured
	if measured.Queued != nil {
		m.PerQueued, m.QueuedMeasured = float64(*measured.Queued), true
		m.Queue = float64(m.Queued) * m.PerQueued
	}
	if measured.Session != nil && m.Sessions > 0 {
		each := float64(*measured.Session)
		all := each * float64(m.Sessions)
		m.PerSession, m.Handlers = &each, &all
	}
}
