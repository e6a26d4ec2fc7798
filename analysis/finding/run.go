package finding

// recordKinds are the facts about the record of a run.
var recordKinds = []Fact{
	NoStorm{}, Unmeasured{}, SharesMissing{}, NotInForce{}, Incomplete{}, Noticed{}, Damaged{}, StormsMissing{},
	OneStorm{}, QueueUnwatched{},
}

// Note is a fact that the record of a run has. Runs of earlier versions have its words only.
type Note struct {
	Code  string `json:"code,omitempty"`
	Name  string `json:"name,omitempty"`
	Here  string `json:"here,omitempty"`
	Want  string `json:"want,omitempty"`
	Allow string `json:"allow,omitempty"`
	Error string `json:"error,omitempty"`
	Words string `json:"words,omitempty"`
}

// NoStorm means that no storm was recorded.
type NoStorm struct{}

// Code is "no-storm".
func (NoStorm) Code() Code { return "no-storm" }

// Unmeasured is a setting without a storm.
type Unmeasured struct{}

// Code is "unmeasured".
func (Unmeasured) Code() Code { return "unmeasured" }

// SharesMissing means that a storm was played in shares of which some are missing.
type SharesMissing struct {
	Shares []string `json:"shares"`
}

// Code is "shares-missing".
func (SharesMissing) Code() Code { return "shares-missing" }

// NotInForce means that the kernel did not have the setting that was tried.
type NotInForce struct {
	// Name of a sysctl, or "effective backlog".
	Name  string `json:"name"`
	Want  string `json:"want"`
	Got   string `json:"got"`
	Storm int    `json:"storm"`
}

// Code is "not-in-force".
func (NotInForce) Code() Code { return "not-in-force" }

// Incomplete means that storms lack attempts.
type Incomplete struct {
	Have   int `json:"have"`
	Of     int `json:"of"`
	Storms int `json:"storms"`
	// Interrupted: the run was ended by a signal, and its record has the calls that were over by then.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Code is "incomplete".
func (Incomplete) Code() Code { return "incomplete" }

// Noticed is what was recorded about how the run was made.
type Noticed struct {
	Note Note `json:"note"`
}

// Code is "noticed".
func (Noticed) Code() Code { return "noticed" }

// Damaged is a file of the record that is missing or broken.
type Damaged struct {
	Problem string `json:"problem"`
}

// Code is "record-damaged".
func (Damaged) Code() Code { return "record-damaged" }

// StormsMissing are planned storms without numbers.
type StormsMissing struct {
	Repeats []int `json:"repeats"`
	Of      int   `json:"of"`
}

// Code is "storms-missing".
func (StormsMissing) Code() Code { return "storms-missing" }

// OneStorm are settings that were stormed once only: how far their numbers vary is not known.
type OneStorm struct {
	Settings int `json:"settings"`
}

// Code is "one-storm".
func (OneStorm) Code() Code { return "one-storm" }

// QueueUnwatched means that the built-in target's accept queue could not be watched.
type QueueUnwatched struct {
	Storms int    `json:"storms"`
	Why    string `json:"why"`
}

// Code is "queue-unwatched".
func (QueueUnwatched) Code() Code { return "queue-unwatched" }
