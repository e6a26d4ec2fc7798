package words

// What a run comes to, in a few words beside its colour.
const (
	StatusHelped  = "a setting that helps was found"
	StatusLost    = "calls are lost"
	StatusWaited  = "no call was lost, but some waited for their first command"
	StatusTooSlow = "no call was lost, but the server is too slow for its calls"
	StatusLate    = "no call was lost, but some were late"
	StatusGood    = "no call was lost"
	StatusNothing = "nothing was measured"
	// StatusSure and StatusUnsure stand before what was seen.
	StatusSure   = "Conclusive: "
	StatusUnsure = "Inconclusive: "
)

// Titles of the doubts: of a run that is in doubt as a whole, and of one whose answer rests on settings that are.
const (
	DoubtsOfRun      = "Not sure"
	DoubtsOfSettings = "Not sure of some settings"
)
