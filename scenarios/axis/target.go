package axis

import (
	"strconv"

	"agistorm/target/spec"
)

// behaviour is how the built-in server takes its connections.
var behaviour = field("behaviour", "target.behaviour", func(p *Plan) *string { return &p.Target.Behaviour },
	func(value string) (string, error) {
		b, err := spec.ParseBehaviour(value)
		return b.String(), err
	}, asWritten)

// handlers replace the N of the behaviour.
var handlers = Axis{
	Name: "handlers", Path: behaviour.Path, Fact: behaviour.Fact,
	Set: func(p *Plan, value string) error {
		b, err := spec.ParseBehaviour(p.Target.Behaviour)
		if err == nil {
			b, err = b.WithHandlers(value)
		}
		p.Target.Behaviour = b.String()
		return err
	},
	Get: func(p *Plan) string {
		b, err := spec.ParseBehaviour(p.Target.Behaviour)
		if err != nil || b.Handlers() == 0 {
			return ""
		}
		return strconv.Itoa(b.Handlers())
	},
}

// work is what a call costs a handler. A scenario checks the words, which may name a file.
var work = field("work", "target.work", func(p *Plan) *string { return &p.Target.Work }, text, asWritten)
