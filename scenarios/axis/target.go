package axis

import (
	"strconv"

	"agistorm/target/spec"
)

// behaviour is how the built-in server takes its connections.
var behaviour = Axis{
	Name: "behaviour", Path: "target.behaviour", Fact: "behaviour",
	Set: func(p *Plan, value string) error {
		b, err := spec.ParseBehaviour(value)
		p.Target.Behaviour = b.String()
		return err
	},
	Get: func(p *Plan) string { return p.Target.Behaviour },
}

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
var work = text("work", "target.work", "work", func(p *Plan) *string { return &p.Target.Work })
