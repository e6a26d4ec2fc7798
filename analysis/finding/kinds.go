package finding

import (
	"reflect"
	"slices"
	"sync"
)

// Kind is one kind of fact: its code, and its zero value.
type Kind struct {
	Code Code
	Fact Fact
}

// Kinds lists every kind of fact. The codes, the schema, the documentation and tests go by it.
var Kinds = sync.OnceValue(func() []Kind {
	return slices.Concat(answerKinds, queueKinds, generatorKinds, recordKinds, stormKinds, sideKinds, gateKinds,
		listenerKinds)
})

// Code of the finding's kind; empty for a fact that is none of Kinds.
func (f *Finding) Code() Code {
	for _, k := range Kinds() {
		if reflect.TypeOf(k.Fact) == reflect.TypeOf(f.Fact) {
			return k.Code
		}
	}
	return ""
}
