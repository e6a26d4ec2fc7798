package finding

// runKinds are the facts about a run as a whole.
var runKinds = []Fact{NoStorm{}}

// NoStorm means that no storm was recorded.
type NoStorm struct{}

// Code is "no-storm".
func (NoStorm) Code() Code { return "no-storm" }
