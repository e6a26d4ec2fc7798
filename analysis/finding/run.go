package finding

// recordKinds are the facts about the record of a run.
var recordKinds = []Kind{
	{"no-storm", NoStorm{}},
	{"unmeasured", Unmeasured{}},
	{"shares-missing", SharesMissing{}},
	{"not-in-force", NotInForce{}},
	{"incomplete", Incomplete{}},
	{"noticed", Noticed{}},
	{"record-damaged", Damaged{}},
	{"storms-missing", StormsMissing{}},
	{"one-storm", OneStorm{}},
	{"queue-unwatched", QueueUnwatched{}},
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

// Unmeasured is a setting without a storm.
type Unmeasured struct{}

// SharesMissing means that a storm was played in shares of which some are missing.
type SharesMissing struct {
	Shares []string `json:"shares"`
}

// NotInForce means that the kernel did not have the setting that was tried.
type NotInForce struct {
	// Name of a sysctl, or "effective backlog".
	Name  string `json:"name"`
	Want  string `json:"want"`
	Got   string `json:"got"`
	Storm int    `json:"storm"`
}

// Incomplete means that storms lack attempts.
type Incomplete struct {
	Have   int `json:"have"`
	Of     int `json:"of"`
	Storms int `json:"storms"`
	// Interrupted: the run was ended by a signal, and its record has the calls that were over by then.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Noticed is what was recorded about how the run was made.
type Noticed struct {
	Note Note `json:"note"`
}

// Damaged is a file of the record that is missing or broken.
type Damaged struct {
	Problem string `json:"problem"`
}

// StormsMissing are planned storms without numbers.
type StormsMissing struct {
	Repeats []int `json:"repeats"`
	Of      int   `json:"of"`
}

// OneStorm are settings that were stormed once only: how far their numbers vary is not known.
type OneStorm struct {
	Settings int `json:"settings"`
}

// QueueUnwatched means that the built-in target's accept queue could not be watched.
type QueueUnwatched struct {
	Storms int  `json:"storms"`
	Why    Note `json:"why"`
}
