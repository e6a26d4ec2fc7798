package capacity

import "time"

// Question is what a planner asks. Text is written as in a scenario.
type Question struct {
	// Calls that arrive, 1 to arrival.MaxCalls.
	Calls int `json:"calls"`
	// Span of the arrivals, from the first to the last and one gap more; 0 where all come at once.
	Span time.Duration `json:"in_ns"`
	// Arrival as arrival.Parse reads it: "burst in 10s" for Calls at random instants of equal slots.
	Arrival string `json:"arrival"`
	// Work of each call as work.Parse reads it; MeanWork is its mean, as the storms draw it.
	Work     string        `json:"work"`
	MeanWork time.Duration `json:"mean_work_ns"`
	// Like is the well-known server that was named; empty for none.
	Like string `json:"like,omitempty"`
	// Behaviour of the server as spec.ParseBehaviour reads it. Planned reports whether its number of handlers is
	// sought; else only the backlog is.
	Behaviour string `json:"behaviour"`
	Planned   bool   `json:"handlers_sought"`
	// Handlers that the server has now, as the question gives them or as they were measured; 1 for one event loop that
	// a call's work blocks, 0 where they are not known or nothing limits them.
	Handlers int `json:"handlers,omitempty"`
	// MostHandlers that are considered, at least 1.
	MostHandlers int `json:"most_handlers,omitempty"`
	// Sockets that the server listens with, for so many handlers: 1, or one for each handler (SO_REUSEPORT).
	SocketEach bool `json:"socket_for_each_handler,omitempty"`
	// Server is the user's own command, or the URL of a server that runs already; empty for the built-in target.
	Server string `json:"server,omitempty"`
	// Kind of the server.
	Kind ServerKind `json:"server_kind"`
	// Measured are the facts of the question that were measured, since it did not give them.
	Measured []Fact `json:"measured,omitempty"`
	// ConnectTimeout, FirstCommandTimeout and SessionTimeout of a caller. The wait for the first command counts from
	// the intended start of the call.
	ConnectTimeout      time.Duration `json:"connect_timeout_ns"`
	FirstCommandTimeout time.Duration `json:"first_command_timeout_ns"`
	SessionTimeout      time.Duration `json:"session_timeout_ns"`
	// RTT between callers and server.
	RTT time.Duration `json:"rtt_ns"`
	// Lose is the share of the calls that may be lost, 0 to below 1.
	Lose float64 `json:"lose"`
	// Confidence of the median share of lost calls, 0.5 to below 1.
	Confidence float64 `json:"confidence"`
	// Budget is the time that the whole plan may take.
	Budget time.Duration `json:"budget_ns"`
	// Find is what else is sought.
	Find Find `json:"find,omitempty"`
	// Seed of everything random.
	Seed uint64 `json:"seed"`
}

// ServerKind is what serves the calls.
type ServerKind string

// The kinds of servers.
const (
	// BuiltIn target, whose handlers and work are set.
	BuiltIn ServerKind = "built-in"
	// Command of the user's, started in the cell.
	Command ServerKind = "command"
	// Running server, that nothing can be set of.
	Running ServerKind = "running"
)

// Fact of a question.
type Fact string

// The facts that can be measured.
const (
	FactHandlers Fact = "handlers"
	FactWork     Fact = "work"
)

// Find is what is sought beside handlers and backlog.
type Find string

// What can be sought.
const (
	FindNothing Find = ""
	// FindRate is the highest rate of arrival, or the largest burst, with no more lost calls than may be.
	FindRate Find = "rate"
)

// Setting is what a plan chooses.
type Setting struct {
	// Handlers that serve at once: N of the behaviour, 1 for one event loop that a call's work blocks, 0 where nothing
	// limits them or the limit is not known.
	Handlers int `json:"handlers,omitempty"`
	// Backlog is the effective one, 0 to record.MaxBacklog: somaxconn and what listen(2) is given.
	Backlog int `json:"backlog"`
}

// Trial is one storm of a setting.
type Trial struct {
	Setting
	// Calls of the storm, in the same span: a multiple of them is a higher rate.
	Calls int
	// Seed of its arrivals, work and everything else random.
	Seed uint64
}

// Offered is the load in handlers: what MeanWork keeps busy on average over the span of the arrivals (in erlangs).
// A span shorter than the first-command timeout counts as one: a shorter burst is what a queue is for.
func (q *Question) Offered() float64 { return q.offered(q.Calls) }

func (q *Question) offered(calls int) float64 {
	window := max(q.Span, q.FirstCommandTimeout)
	return float64(calls) * q.MeanWork.Seconds() / window.Seconds()
}

// Useful is the largest backlog of any use with so many handlers: first-command timeout × service rate. A call that
// is queued behind more is served too late.
func (q *Question) Useful(handlers int) Useful {
	u := Useful{Timeout: q.FirstCommandTimeout, Handlers: handlers, Work: q.MeanWork}
	if q.MeanWork > 0 {
		u.Rate = float64(handlers) / q.MeanWork.Seconds()
		u.Backlog = int(min(u.Rate*u.Timeout.Seconds(), maxBacklog))
	}
	return u
}
