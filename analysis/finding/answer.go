package finding

import "time"

// answerKinds are the facts about what the settings of a run lose.
var answerKinds = []Kind{
	{"calls-lost", CallsLost{}},
	{"calls-late", CallsLate{}},
	{"none-lost", NoneLost{}},
	{"settings-mixed", SettingsMixed{}},
	{"nothing-lost", NothingLost{}},
	{"no-difference", NoDifference{}},
	{"outcome", Outcome{}},
	{"phantoms", Phantoms{}},
	{"closed-at-once", ClosedEarly{}},
	{"slow-calls", SlowCalls{}},
	{"ended-by-timeout", EndedByTimeout{}},
	{"nobody-answered", NobodyAnswered{}},
	{"run-partial", Partial{}},
}

// CallsLost is a setting in which calls are lost.
type CallsLost struct {
	Calls Range `json:"calls"`
	// Of so many calls in a storm.
	Of int `json:"of"`
}

// CallsLate is a setting in which calls got what they came for 1 s or more late, since a SYN was
// retransmitted.
type CallsLate struct {
	Calls Range `json:"calls"`
	// Of so many calls in a storm.
	Of int `json:"of"`
}

// NoneLost are settings in which no storm lost a call.
type NoneLost struct {
	// Of so many calls in a storm.
	Of int `json:"of,omitempty"`
	// Late calls of the setting; nil where they are not known.
	Late *Range `json:"late,omitempty"`
}

// SettingsMixed means that the settings differ in more than the length of the queue: it is unknown what made
// a difference.
type SettingsMixed struct{}

// NothingLost is a run in which no setting lost a call.
type NothingLost struct {
	Storms int `json:"storms"`
	// Calls of a storm; 0 where settings differ in them, or they are not known.
	Calls int `json:"calls"`
	// Late is false where late calls are not known; else there was none of them either.
	Late bool `json:"late_known"`
}

// NoDifference means that the shortest queue tried was enough for the storm.
type NoDifference struct{}

// Outcome is what became of the calls of the only setting, over all its storms.
type Outcome struct {
	Calls  int `json:"calls"`
	Storms int `json:"storms"`
	// AllLost are the lost calls of all storms.
	AllLost int   `json:"lost"`
	Lost    Range `json:"lost_per_storm"`
	// LostAs counts the lost calls by their outcomes.
	LostAs []Count `json:"lost_as,omitempty"`
	// Served calls got all that they came for, Late ones of them 1 s or more late; nil where they are not
	// known.
	Served int  `json:"served"`
	Late   *int `json:"late,omitempty"`
	// Connected: the client only connects.
	Connected bool `json:"connected,omitempty"`
	// Unseen: whether some of those were phantoms is not known.
	Unseen bool `json:"phantoms_unseen,omitempty"`
	// Unaccepted connections were in the accept queue when the records ended, and count as neither lost nor served.
	Unaccepted int `json:"unaccepted,omitempty"`
	// Share of a storm that this is; nil for all of it.
	Share *Share `json:"share,omitempty"`
}

// Phantoms were connected for their clients, while the server's kernel had dropped their last ACKs at its full accept
// queue.
type Phantoms struct {
	Calls int `json:"calls"`
	// AtLeast: there may be more.
	AtLeast bool `json:"at_least,omitempty"`
}

// ClosedEarly are connections that the server had and ended at once, as one does that has reached a limit of its own.
type ClosedEarly struct {
	// Calls in all storms, of which so many by a Reset.
	Calls int `json:"calls"`
	Reset int `json:"reset,omitempty"`
	// Connected: the client only connects; else the server closed before its first command.
	Connected bool `json:"connected,omitempty"`
	// Perhaps so many more: beside phantoms there may be some that their clients' FIN let into the queue, which looks
	// the same for a client as one that was served.
	Perhaps int `json:"perhaps,omitempty"`
}

// SlowCalls waited 1 s or more for their first command after they had been connected.
type SlowCalls struct {
	// Calls are so many over all storms of the only setting, or per storm (the median).
	Calls    int           `json:"calls"`
	PerStorm bool          `json:"per_storm,omitempty"`
	Longest  time.Duration `json:"longest_wait_ns"`
	// Blame is what kept them waiting, and CPUShare the part of the CPU time that others took.
	Blame    Blame   `json:"blame"`
	CPUShare float64 `json:"share,omitempty"`
}

// EndedByTimeout are lost calls that only a timeout of this storm ended: Asterisk has no such timeout and
// would wait.
type EndedByTimeout struct {
	FirstCommand        int           `json:"first_command"`
	Session             int           `json:"session"`
	FirstCommandTimeout time.Duration `json:"first_command_timeout_ns,omitempty"`
	SessionTimeout      time.Duration `json:"session_timeout_ns,omitempty"`
}

// NobodyAnswered is a server that runs already and served no call: it fails.
type NobodyAnswered struct {
	Why     Silence `json:"why"`
	Calls   int     `json:"calls"`
	Address string  `json:"address,omitempty"`
	// Ended calls are those that the Timeout ended.
	Ended   int           `json:"ended,omitempty"`
	Timeout time.Duration `json:"timeout_ns,omitempty"`
	// Reason that the first attempt gave, or its errno.
	Reason string `json:"reason,omitempty"`
}

// Partial is a run of which not every planned storm counts.
type Partial struct {
	// Interrupted by a signal, or ended by the Failure, or put together from Shares that are not whole; else
	// storms are missing or broken.
	Interrupted bool           `json:"interrupted,omitempty"`
	Failure     string         `json:"failure,omitempty"`
	Shares      []PartialShare `json:"shares,omitempty"`
	Missing     int            `json:"missing,omitempty"`
	Planned     int            `json:"planned"`
}

// PartialShare is a share of a storm that was interrupted, ended by the Failure, or is missing.
type PartialShare struct {
	Share       string `json:"share"`
	Interrupted bool   `json:"interrupted,omitempty"`
	Failure     string `json:"failure,omitempty"`
}

// Range is a number of calls per storm over the storms of a setting.
type Range struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Storms int     `json:"storms"`
}

// Count is how many calls have an outcome; it is empty for one that is not known.
type Count struct {
	Outcome string `json:"outcome"`
	Calls   int    `json:"calls"`
}

// Share K of N of a storm of so many calls.
type Share struct {
	K     int `json:"k"`
	N     int `json:"n"`
	Calls int `json:"calls"`
}

// Blame is what kept calls waiting for a command.
type Blame string

// What can keep them waiting.
const (
	BlameServer     Blame = "server"
	BlameGenerator  Blame = "generator"
	BlameHypervisor Blame = "hypervisor"
	BlameOthers     Blame = "other-processes"
	// BlameFinding: another finding of the answer is the cause.
	BlameFinding Blame = "other-finding"
)

// Silence is why no call was answered.
type Silence string

// The reasons.
const (
	SilenceRefused     Silence = "refused"
	SilenceUnreachable Silence = "unreachable"
	SilenceNoConnect   Silence = "no-connection"
	SilenceClosed      Silence = "closed"
	SilenceSession     Silence = "session-timeout"
	SilenceNoAGI       Silence = "no-agi"
)
