package metric

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Storm is what the metrics of one storm are taken from.
type Storm struct {
	Offered  int                    `json:"offered"`
	Outcomes map[record.Outcome]int `json:"outcomes"`
	Lost     int                    `json:"lost"`
	// OnlyConnects: the client does no more.
	OnlyConnects bool `json:"-"`
	// Late calls; they are known where the metric late is.
	Late int `json:"late"`
	// Slow calls were answered, but waited 1 s or more for their first command after they had been connected.
	Slow int `json:"slow,omitempty"`
	// Phantoms: connected for the client, and never accepted by the server; nil where neither the clients'
	// kernels nor a log of the server's show them, and then perhaps known to be PhantomsAtLeast so many.
	Phantoms        *int `json:"phantoms,omitempty"`
	PhantomsAtLeast *int `json:"phantoms_at_least,omitempty"`
	// Unaccepted connections were in the accept queue when the record ended; nil where that is not known.
	Unaccepted *int `json:"unaccepted,omitempty"`
	// SYNRetransmits of all attempts; nil where the engine cannot measure it.
	SYNRetransmits *uint64 `json:"syn_retransmits,omitempty"`
	// SYNsLost are SYNs without an answer: those retransmitted, and the last of each connect that timed out;
	// nil where the engine cannot measure it.
	SYNsLost *uint64 `json:"syns_lost,omitempty"`
	// ServedRate in calls/s, from the first intended start to the end of the last served call; nil where none
	// was served, and for a client that only connects.
	ServedRate *float64 `json:"served_per_second,omitempty"`
	// Latencies of this storm alone, of the calls that came so far.
	Latencies Latencies `json:"latencies"`
	// Dialplan is what AGISTATUS would have said; nil for a client that only connects.
	Dialplan *Dialplan `json:"agi_status,omitempty"`
	// Queue over time; nil where it was not watched.
	Queue *Queue `json:"queue,omitempty"`
	// StartLag of the generator.
	StartLag Quantiles `json:"start_lag"`
	// Replies are the reply lag's numbers.
	Replies Replies `json:"-"`
}

// Replies are how long the server's commands waited for the generator's replies.
type Replies struct {
	// Quantiles without the least one, which the record does not keep.
	Quantiles
	Sum time.Duration
	// Share of the handlers' time that the lag cost, 0 to 1; nil where it is not known, and ShareUnknown is
	// why.
	Share        *float64
	ShareUnknown Reason
}

// Values are the metrics of the storm by their names, each in its unit, and why the others are not known.
func (s *Storm) Values() (known map[string]stats.Number, unknown map[string]Reason) {
	known, unknown = map[string]stats.Number{}, map[string]Reason{}
	for _, m := range All() {
		if v := m.Measure(s); v.Known() {
			known[m.Name] = stats.Number(v.Number)
		} else {
			unknown[m.Name] = v.Unknown
		}
	}
	return known, unknown
}
