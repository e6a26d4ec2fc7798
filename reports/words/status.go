package words

// What a run comes to, in a few words beside its colour.
const (
	StatusUnsure  = "Inconclusive"
	StatusHelped  = "Conclusive: a setting that helps was found"
	StatusLost    = "Conclusive: calls are lost"
	StatusWaited  = "Conclusive: no call was lost, but some waited for their first command"
	StatusTooSlow = "Conclusive: no call was lost, but the server is too slow for its calls"
	StatusLate    = "Conclusive: no call was lost, but some were late"
	StatusGood    = "Conclusive: no call was lost"
)

// Titles of the doubts: of a run that is in doubt as a whole, and of one whose answer rests on settings that are.
const (
	DoubtsOfRun      = "Why this run proves nothing"
	DoubtsOfSettings = "Why the answer is inconclusive"
)
