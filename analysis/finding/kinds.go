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
	return slices.Concat(answerKinds, queueKinds, generatorKinds, recordKinds, stormKinds, sideKinds, gateKinds)
})

// kindWhere returns the first kind of which is holds.
func kindWhere(is func(Kind) bool) (Kind, bool) {
	if at := slices.IndexFunc(Kinds(), is); at >= 0 {
		return Kinds()[at], true
	}
	return Kind{}, false
}

// Code of the finding's kind; empty for a fact that is none of Kinds.
func (f *Finding) Code() Code {
	of := reflect.TypeOf(f.Fact)
	kind, _ := kindWhere(func(k Kind) bool { return reflect.TypeOf(k.Fact) == of })
	return kind.Code
}
