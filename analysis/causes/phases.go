package causes

import (
	"agistorm/analysis/metric"

	"agistorm/analysis/calls"
)

// Phases are where the time of the served calls went, one after another.
type Phases struct {
	// Retransmission: until a SYN was answered, of those calls whose first was not.
	Retransmission metric.Quantiles `json:"retransmission"`
	// Queued: from the arrival of the handshake's last ACK to the accept. Server: from the accept to the
	// first command.
	Queued metric.Quantiles `json:"accept_queue"`
	Server metric.Quantiles `json:"server"`
}

// PhasesOf of the cell's served calls; nil where the server's log cannot be joined.
func PhasesOf(storms []*calls.Storm) *Phases {
	retransmission, queued, server := metric.NewRecorder(), metric.NewRecorder(), metric.NewRecorder()
	for _, s := range storms {
		for i := range s.Trails {
			if t := &s.Trails[i]; t.Outcome.Served() {
				retransmission.Add(t.Retransmitting())
				queued.Add(t.Queued())
				server.Add(t.Worked())
			}
		}
	}
	p := &Phases{retransmission.Latency().Quantiles, queued.Latency().Quantiles, server.Latency().Quantiles}
	if p.Queued.Count == 0 {
		return nil
	}
	return p
}
