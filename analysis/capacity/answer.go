package capacity

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

const maxBacklog = record.MaxBacklog

// Status of an answer.
type Status string

// The states.
const (
	// Proven on this kernel: the recommended setting held, and no proof contradicts the model.
	Proven Status = "proven"
	// Simulated only, as was asked, or as no namespace can be had (see Unproven).
	Simulated Status = "simulated"
	// NotProven: there is an answer, and its proof failed or was not sure enough. Unproven lists why.
	NotProven Status = "not-proven"
	// Contradicted: a storm on this kernel differs from the model beyond the bar.
	Contradicted Status = "contradicted"
	// Hopeless: no backlog helps with the handlers that there are or may be; Need is how many would do.
	Hopeless Status = "no-backlog-helps"
	// OverBudget: the budget ended before the search did. The answer has what was found.
	OverBudget Status = "over-budget"
	// Interrupted by the user. The answer has what was found.
	Interrupted Status = "interrupted"
)

// Reason is why an answer is not proven.
type Reason string

// The reasons.
const (
	// Asked for a simulation only.
	Asked Reason = "simulate-only"
	// NoNamespace can be had on this machine.
	NoNamespace Reason = "no-namespace"
	// TooFewStorms within the budget for the confidence.
	TooFewStorms Reason = "too-few-storms"
	// LostCalls in the proof of the recommended setting, more than may be.
	LostCalls Reason = "lost-calls"
	// WaitedTooLong: p99 of the wait in the proof of the recommended setting is over the first-command timeout.
	WaitedTooLong Reason = "waited-too-long"
	// NoAnswer was found that could be proven.
	NoAnswer Reason = "no-answer"
	// RunningServer: its settings cannot be changed; only the load that it has was stormed.
	RunningServer Reason = "running-server"
	// Failed: the storm could not be played. Failure has the error.
	Failed Reason = "failed"
)

// Answer is what a plan found.
type Answer struct {
	Question Question `json:"question"`
	Status   Status   `json:"status"`
	// Unproven lists why it is not proven; empty for Proven.
	Unproven []Reason `json:"unproven,omitempty"`
	// Failure is the error of the proof, of the reason Failed; empty for none.
	Failure string `json:"failure,omitempty"`

	// Handlers that are needed: the least number with which a backlog holds the limits. 0 where none was found, or
	// nothing limits them; where they are not sought, those that there are.
	Handlers int `json:"handlers,omitempty"`
	// Backlog is the least with which Handlers hold the limits, and Somaxconn what the kernel must allow for it. Nil
	// where no backlog helps.
	Backlog   *int `json:"backlog,omitempty"`
	Somaxconn *int `json:"somaxconn,omitempty"`
	// LeastSimulated is the least backlog by simulation, and LeastHandlers the handlers, where this kernel did not hold
	// the limits with them and a larger setting was stormed in its place; nil and 0 else.
	LeastSimulated *int `json:"least_simulated_backlog,omitempty"`
	LeastHandlers  int  `json:"least_simulated_handlers,omitempty"`
	// Utilisation of the handlers over the arrival: offered load divided by handlers, 0 and up; nil without handlers.
	Utilisation *float64 `json:"utilisation,omitempty"`
	// OfferedLoad in erlangs: handlers that are busy on average.
	OfferedLoad float64 `json:"offered_load_erlangs"`
	// Recommended is what the simulated storms of the recommended setting show; nil without one.
	Recommended *Outcome `json:"recommended,omitempty"`
	// Memory of the recommended setting; nil without one.
	Memory *Memory `json:"memory,omitempty"`

	// Rows for H, 1.25 H, 1.5 H and 2 H, the first the recommended one. One row for a behaviour without handlers.
	Rows []Row `json:"rows,omitempty"`
	// Useful is the largest useful backlog of the recommended handlers; nil where work or handlers are not known.
	Useful *Useful `json:"useful,omitempty"`
	// Hopeless says that no backlog helps the handlers that the question gives, or as many as may be, and how many
	// handlers do; nil where one does. There may be a recommended setting with more handlers beside it.
	Hopeless *HopelessFact `json:"hopeless,omitempty"`
	// Scaled are 2, 5 and 10 times the calls at the setting that simulation alone recommends.
	Scaled []Scaled `json:"scaled,omitempty"`
	// Today is what the settings that the host has now would do, simulated; nil where they are not known.
	Today *Today `json:"today,omitempty"`
	// HostLimit is net.core.somaxconn of the host of the server; nil where it is not known.
	HostLimit *int `json:"host_somaxconn,omitempty"`
	// Erlang is what the textbook says; nil without handlers.
	Erlang *Erlang `json:"erlang,omitempty"`
	// Found is the highest rate, for FindRate; nil else.
	Found *Found `json:"found,omitempty"`

	// ByBacklog are points over backlogs at the recommended handlers, ByHandlers over handlers at the recommended
	// backlog; both ascend.
	ByBacklog  []Point `json:"by_backlog,omitempty"`
	ByHandlers []Point `json:"by_handlers,omitempty"`
	// Map of lost calls over handlers and backlog; nil for a behaviour without handlers.
	Map *Map `json:"map,omitempty"`
	// QueueSimulated and QueueMeasured are the depth of the accept queue over time, all sockets together, in one storm
	// of the recommended setting; each thinned to at most MaxSamples.
	QueueSimulated []Sample `json:"queue_simulated,omitempty"`
	QueueMeasured  []Sample `json:"queue_measured,omitempty"`

	// ProofSeed is that of the storms on this kernel: of 10 simulated storms in which the setting held, the one with
	// the deepest queue has it. 0 without a proof.
	ProofSeed uint64 `json:"proof_seed,omitempty"`
	// Proofs are the settings that were stormed on this kernel, the recommended one first.
	Proofs []Proof `json:"proofs,omitempty"`
	// Searched is what the answer took.
	Searched Searched `json:"searched"`
}

// MaxSamples of a queue over time.
const MaxSamples = 1000

// Outcome is what simulated storms of one setting show. A wait is for the first command, from the intended start of a
// call. Waits are of the answered calls, medians over the storms; nil where most storms had none. Of all calls a p99
// has no end where 1 % or more are lost.
type Outcome struct {
	// Storms that were simulated, and Held of them that lost and waited no more than may be.
	Storms int `json:"storms"`
	Held   int `json:"held"`
	// Lost calls of a storm, 0 to the calls; Share is its median over the calls, 0 to 1.
	Lost  stats.Spread `json:"lost"`
	Share float64      `json:"lost_share"`
	// Late calls of a storm (median): their SYN was retransmitted.
	Late float64 `json:"late"`
	// P50 and P99 of the wait; Longest is that of any answered call of all storms.
	P50     *time.Duration `json:"p50_ns,omitempty"`
	P99     *time.Duration `json:"p99_ns,omitempty"`
	Longest *time.Duration `json:"longest_ns,omitempty"`
	// Peak of the accept queue (median, the deepest socket).
	Peak float64 `json:"queue_peak"`
}

// Memory that a setting takes, in bytes.
type Memory struct {
	// Queued connections of a full accept queue (backlog + 1 on each socket), and the kernel's bytes of one.
	Queued    int     `json:"queued"`
	PerQueued float64 `json:"bytes_per_queued"`
	// QueuedMeasured reports whether PerQueued was measured on this kernel; else it is the documented value of
	// Linux 6.18.
	QueuedMeasured bool `json:"queued_measured"`
	// Measured is the measurement; nil where none was tried.
	Measured *record.Memory `json:"measured,omitempty"`
	// Queue is the kernel's memory of the full queue.
	Queue float64 `json:"queue_bytes"`
	// Sessions that are open at once in the server, and its bytes of one; nil where that was not measured.
	Sessions   int      `json:"sessions"`
	PerSession *float64 `json:"bytes_per_session,omitempty"`
	Handlers   *float64 `json:"handlers_bytes,omitempty"`
	// ClaimedPerQueued is the claim that the measured value is held against: 80 bytes for each queued connection.
	ClaimedPerQueued float64 `json:"claimed_bytes_per_queued"`
}

// Row is what a number of handlers needs.
type Row struct {
	// Handlers, Factor times the least number; Factor is 1, 1.25, 1.5 or 2. 0 for a behaviour without handlers.
	Handlers    int      `json:"handlers,omitempty"`
	Factor      float64  `json:"factor"`
	Utilisation *float64 `json:"utilisation,omitempty"`
	// Backlog is the least that holds the limits; nil where none does.
	Backlog *int `json:"backlog,omitempty"`
	// Outcome at that backlog; at the largest that was tried where none holds.
	Outcome Outcome `json:"outcome"`
	// Useful is the largest useful backlog of these handlers; nil where it is not known.
	Useful *int `json:"useful,omitempty"`
}

// Useful is the largest useful backlog: Rate × Timeout. Rate in calls/s is Handlers ÷ Work, or measured of a running
// server, whose Handlers and Work are 0 then.
type Useful struct {
	Backlog  int           `json:"backlog"`
	Rate     float64       `json:"calls_per_second"`
	Timeout  time.Duration `json:"first_command_timeout_ns"`
	Handlers int           `json:"handlers,omitempty"`
	Work     time.Duration `json:"mean_work_ns,omitempty"`
	// Tried reports whether a storm with that backlog was simulated, and Held whether it holds the limits.
	Tried bool `json:"tried"`
	Held  bool `json:"held"`
}

// HopelessFact says that no backlog helps.
type HopelessFact struct {
	// Handlers with which no backlog helps; 0 for a behaviour without handlers.
	Handlers int `json:"handlers,omitempty"`
	// Best setting of these, by lost calls, and what it shows.
	Best    Setting `json:"best"`
	Outcome Outcome `json:"outcome"`
	// Need is the least number of handlers that helps; nil where none was found up to Tried.
	Need *int `json:"need,omitempty"`
	// Tried is the largest number of handlers that was tried; 0 without.
	Tried int `json:"tried,omitempty"`
}

// Scaled is a multiple of the calls at the setting that simulation alone recommends.
type Scaled struct {
	// Factor of the calls: 2, 5 or 10; Calls are those, in the same span.
	Factor  int     `json:"factor"`
	Calls   int     `json:"calls"`
	Setting Setting `json:"setting"`
	Outcome Outcome `json:"outcome"`
	// Holds the limits.
	Holds bool `json:"holds"`
}

// Today is what the settings of now would do.
type Today struct {
	// Somaxconn of the host; Asked is what the server gives listen(2), by policy or number ("max" where it is not
	// known); Setting has the effective backlog, and the handlers of the question where it gives them.
	Somaxconn int     `json:"somaxconn"`
	Asked     string  `json:"asked_backlog"`
	Setting   Setting `json:"setting"`
	// HandlersGiven reports whether the handlers are the question's; else they are the recommended ones.
	HandlersGiven bool    `json:"handlers_given"`
	Outcome       Outcome `json:"outcome"`
	Holds         bool    `json:"holds"`
}

// Erlang is what the formulae of Erlang say for Poisson arrivals and exponential work.
type Erlang struct {
	// Load in erlangs: offered to the handlers of C.
	Load float64 `json:"erlangs"`
	// Handlers is the least number with which 99 % wait no longer than the first-command timeout (Erlang C).
	Handlers int `json:"handlers"`
	// Waiting is the probability of a wait, 0 to 1, and WaitP99 the 99th percentile of it, with those handlers.
	Waiting float64       `json:"waiting"`
	WaitP99 time.Duration `json:"wait_p99_ns"`
	// Blocked is the share of calls that Erlang B blocks with those handlers and no queue, 0 to 1.
	Blocked float64 `json:"blocked"`
	// LeftOut lists what the formulae leave out and this question has.
	LeftOut []Omission `json:"left_out"`
}

// Omission is what Erlang's formulae leave out.
type Omission string

// The omissions.
const (
	// OmitsRetransmission: a SYN that is dropped comes back after 1 s.
	OmitsRetransmission Omission = "retransmission"
	// OmitsConnectTimeout: a caller gives up.
	OmitsConnectTimeout Omission = "connect-timeout"
	// OmitsFiniteQueue: the accept queue has an end.
	OmitsFiniteQueue Omission = "finite-queue"
	// OmitsShape: arrivals are not Poisson without end, or work is not exponential.
	OmitsShape Omission = "arrival-and-work"
)

// Found is the highest load with which a setting holds the limits.
type Found struct {
	Setting Setting `json:"setting"`
	// Calls of the largest storm that holds, in the question's span; Rate in calls/s is Calls over the span, nil for a
	// burst at once, whose size Calls is.
	Calls int      `json:"calls"`
	Rate  *float64 `json:"calls_per_second,omitempty"`
	// Above is the least number of calls that was tried and does not hold: the truth is between Calls and Above. Nil
	// where none failed up to arrival.MaxCalls.
	Above *int `json:"above,omitempty"`
	// Capacity in calls/s: handlers ÷ mean work; nil where it is not known.
	Capacity *float64 `json:"capacity,omitempty"`
	Outcome  Outcome  `json:"outcome"`
	// Proof on this kernel, of a tenth fewer calls; nil without one. It is not among the answer's Proofs.
	Proof *Proof `json:"proof,omitempty"`
}

// Point of a curve.
type Point struct {
	Setting Setting `json:"setting"`
	// Lost share of the calls, 0 to 1: median, least and greatest of the storms.
	Lost    float64 `json:"lost_share"`
	LostMin float64 `json:"lost_share_min"`
	LostMax float64 `json:"lost_share_max"`
	// P99 of the wait of the answered calls; nil without one.
	P99    *time.Duration `json:"p99_ns,omitempty"`
	Storms int            `json:"storms"`
	Holds  bool           `json:"holds"`
}

// Map is the median share of lost calls, 0 to 1, by handlers and backlog.
type Map struct {
	// Handlers and Backlogs ascend.
	Handlers []int `json:"handlers"`
	Backlogs []int `json:"backlogs"`
	// Lost[h][b] belongs to Handlers[h] and Backlogs[b]; nil where it was not simulated.
	Lost [][]*float64 `json:"lost_share"`
	// Holds[h][b]: the limits hold, p99 of the wait too.
	Holds [][]bool `json:"holds"`
}

// Sample of a queue.
type Sample struct {
	// At is the time since the storm's first instant.
	At    time.Duration `json:"at_ns"`
	Depth int           `json:"depth"`
}

// Role of a setting that is proven.
type Role string

// The roles.
const (
	// RoleRecommended setting.
	RoleRecommended Role = "recommended"
	// RoleSmaller is a backlog an eighth smaller, at least 1, which is expected to lose calls or to be slow.
	RoleSmaller Role = "smaller"
	// RoleSimulated is the least setting by simulation, or one between it and the recommended one, which did not hold
	// the limits on this kernel.
	RoleSimulated Role = "least-simulated"
	// RoleLargest useful backlog.
	RoleLargest Role = "largest-useful"
	// RoleRate is a tenth below the highest rate that was found: at the edge itself, chance decides.
	RoleRate Role = "rate"
	// RoleAsked is a running server, at the load of the question.
	RoleAsked Role = "asked"
)

// Proof is one setting that was stormed on this kernel.
type Proof struct {
	Role    Role    `json:"role"`
	Setting Setting `json:"setting"`
	// Cell is the ID of its cell in the run directory.
	Cell string `json:"cell"`
	// Calls of a storm.
	Calls int `json:"calls"`
	// Predicted by the model for the arrivals and work that the storms had; of no storms for an unknown setting.
	Predicted Outcome `json:"predicted"`
	// Lost calls of a storm, measured, late ones, and the share of its median, 0 to 1.
	Lost  stats.Spread `json:"lost"`
	Late  stats.Spread `json:"late"`
	Share float64      `json:"lost_share"`
	// Low to High is the interval of the median share at the confidence, 0 to 1; nil where there are too few storms.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
	// Storms that were played, and Needed for the confidence.
	Storms int `json:"storms"`
	Needed int `json:"needed"`
	// Missed storms lost more calls, or kept them waiting longer, than may be.
	Missed int `json:"missed"`
	// StormsBound: with 0 lost in all storms, at most this share of storms loses any, at the confidence: 1 − (1 −
	// confidence)^(1/n). Nil where a call was lost.
	StormsBound *float64 `json:"storms_bound,omitempty"`
	// P99 of the wait (median) and the Longest (max) of the answered calls; nil without one.
	P99     *time.Duration `json:"p99_ns,omitempty"`
	Longest *time.Duration `json:"longest_ns,omitempty"`
	// Peak of the accept queue; 0 storms where it was not watched.
	Peak stats.Spread `json:"queue_peak"`
	// Rate that the server served, calls/s (median), nil where it is not known.
	Rate *float64 `json:"served_per_second,omitempty"`
	// Held: at the confidence, no more calls are lost and p99 is no longer than may be.
	Held bool `json:"held"`
	// Contradicts: predicted and measured differ by more than Bar of the calls; where the storms themselves range over
	// more than 2 × Bar, the prediction is outside their range. Fewer storms than Needed contradict nothing, and
	// neither do those of which most are doubtful.
	Contradicts bool `json:"contradicts"`
	// Doubtful storms of these, in which the generator or the machine was the limit.
	Doubtful int `json:"doubtful,omitempty"`
}

// Bar is by how much of the calls model and kernel may differ.
const Bar = 0.05

// Searched is what an answer took.
type Searched struct {
	// Settings that were simulated, Simulations of them in all, and the simulated Calls.
	Settings    int   `json:"settings"`
	Simulations int   `json:"simulations"`
	Calls       int64 `json:"calls"`
	// Undecided settings: their storms differed, and the seeds ended; they count as not holding.
	Undecided int `json:"undecided,omitempty"`
	// NotMonotonic settings do not hold, though a smaller one does.
	NotMonotonic int `json:"not_monotonic,omitempty"`
	// OneMachine reports whether callers and server were simulated on one machine such as this project was measured on,
	// whose CPU both share, as in a proof. Else the callers have hosts of their own, since one could not play them all.
	OneMachine bool `json:"one_machine"`
	// Cut reports whether the budget ended before the last table or figure had all its simulations.
	Cut bool `json:"cut,omitempty"`
	// Storms on this kernel.
	Storms int `json:"storms,omitempty"`
	// Simulating and Proving took so long by the clock.
	Simulating time.Duration `json:"simulating_ns"`
	Proving    time.Duration `json:"proving_ns,omitempty"`
}
