package finding

import "slices"

// Kinds lists one zero value of every kind of fact, for the schema, the documentation and tests.
func Kinds() []Fact {
	return slices.Concat(answerKinds, queueKinds, generatorKinds, recordKinds, stormKinds, sideKinds, gateKinds)
}
