package words

import (
	"strings"
	"sync"
	"text/template"
	"time"

	"agistorm/analysis/finding"
	"agistorm/reports/lists"
)

// placePhrases say where a packet was dropped.
var placePhrases = map[finding.Place]string{
	finding.AcceptQueue:      "at the full accept queue",
	finding.SYNQueue:         "at the full SYN queue",
	finding.Listener:         "by the listener",
	finding.Loopback:         "by lo",
	finding.Link:             "by the link",
	finding.ProbablyLoopback: "probably by lo, not at the accept queue",
	finding.ProbablyLink:     "probably by the link, not at the accept queue",
	finding.NotFull:          "while the accept queue was not seen full",
}

// mediumPhrases name what lies between clients and server.
var mediumPhrases = map[finding.Place]string{finding.Loopback: "lo", finding.Link: "the link"}

// stepPhrases say what happened to a number of calls alike, and what was seen of one of them.
var stepPhrases = map[finding.StepCode][2]string{
	finding.SYNDropped: {
		`SYN dropped{{places .Places}}{{with .Again}}, retransmitted and dropped again{{times .}}{{end}}` +
			`{{with .AgainPlaces}} ({{trim (places .)}}){{end}}`,
		`SYN dropped at {{at .Example.At}}{{queue .Example.Queue}}{{with .Example.Retransmitted}}, again at about ` +
			`{{instants .}}{{end}}{{more .}}`,
	},
	finding.SYNAnswered:   {`answered when retransmitted`, `answered at {{at .Example.At}}`},
	finding.Refused:       {`refused: nothing was listening`, `refused at {{at .Example.At}}`},
	finding.ConnectFailed: {`connect failed with {{.Errno}}`, `failed at {{at .Example.At}} with {{.Errno}}`},
	finding.KernelGaveUp: {
		`ended by the client's kernel ({{.Errno}})`, `ended at {{at .Example.At}} by the client's kernel ({{.Errno}})`,
	},
	finding.GaveUp: {`timed out after {{limit .Limit}}`, `timed out at {{at .Example.At}}`},
	finding.ResetEarly: {
		`reset before the client could speak`,
		`reset at {{at .Example.At}} before the client could speak`,
	},
	finding.LastACKReset: {
		`last ACK dropped at the full accept queue and answered with a reset (tcp_abort_on_overflow)`,
		`reset at {{at .Example.At}} before the client could speak (tcp_abort_on_overflow)`,
	},
	finding.AddressFailed:  {`one address failed at once`, `one address failed`},
	finding.AddressGivenUp: {`address timed out after {{limit .Limit}}`, `address timed out by {{at .Example.At}}`},
	finding.MovedOn: {
		`next address tried`, `next address {{.Example.Address}} tried at {{at .Example.At}}`,
	},
	finding.SYNDroppedThere: {
		`SYN dropped there{{with .Again}}, retransmitted and dropped again{{times .}}{{end}}`,
		`SYN dropped there{{with .Again}}, retransmitted and dropped again{{times .}}{{end}}`,
	},
	finding.AnsweredThere: {`answered there`, `answered at {{at .Example.At}}`},
	finding.Phantom: {
		`connected but never accepted (phantom): last ACK dropped`,
		`connected for the client at {{at .Example.At}}, last ACK dropped{{queue .Example.Queue}}, never accepted`,
	},
	finding.LeftInQueue: {
		`connected but left in the accept queue until the storm ended`,
		`connected for the client at {{at .Example.At}}, left in the accept queue`,
	},
	finding.Discarded: {
		`connected but discarded with the accept queue when the server closed it`,
		`connected for the client at {{at .Example.At}}, discarded with the accept queue`,
	},
	finding.NeverAccepted: {
		`connected but never accepted: last ACK dropped (phantom), or left in the accept queue`,
		`connected for the client at {{at .Example.At}}, never accepted`,
	},
	finding.Revived: {
		`last ACK dropped, let into the queue by a later packet`,
		`connected for the client at {{at .Example.At}}, last ACK dropped{{queue .Example.Queue}}` +
			`{{with .Example.Entered}}, in the accept queue from {{at .}}{{end}}` +
			`{{with .Example.Accepted}}, accepted at {{at .}}{{end}}`,
	},
	finding.Accepted: {
		`accepted`, `accepted at {{at .Example.At}} after {{duration .Example.Waited}} in the accept queue`,
	},
	finding.AcceptedInVain: {
		`accepted after the client had left (wasted)`, `accepted at {{at .Example.At}} after the client had left`,
	},
	finding.ServerFull: {`closed at once: the server was full`, `closed at {{at .Example.At}}: the server was full`},
	finding.FINUnanswered: {
		`and its FIN not acknowledged within {{limit .Limit}}`, `its FIN not acknowledged by {{at .Example.At}}`,
	},
	finding.FINRevives: {
		`by its FIN, retransmitted after the client had left`, `its FIN acknowledged when it was retransmitted, by ` +
			`{{at .Example.At}}`,
	},
	finding.ClosedAtOnce: {`closed at once by the server`, `closed at {{at .Example.At}} by the server`},
	finding.ResetAtOnce:  {`reset at once by the server`, `reset at {{at .Example.At}} by the server`},
	finding.Closed:       {`closed before a command`, `closed at {{at .Example.At}} before a command`},
	finding.NoCommand: {
		`no command within {{limit .Limit}} (this storm's timeout; Asterisk has none)`,
		`no command by {{at .Example.At}}`,
	},
	finding.NoEnd: {
		`not finished within {{limit .Limit}} (this storm's timeout; Asterisk has none)`,
		`not finished by {{at .Example.At}}`,
	},
	finding.ProtocolBroken: {`protocol error`, `protocol error at {{at .Example.At}}: {{.Example.Error}}`},
	finding.Reset:          {`reset`, `reset at {{at .Example.At}}`},
	finding.ResetOnWrite:   {`reset on first write`, `reset at {{at .Example.At}}`},
	finding.ResetInSession: {`reset during the session`, `reset at {{at .Example.At}} during the session`},
	finding.ResetOnOverflow: {
		`answered with a reset (tcp_abort_on_overflow)`, `reset at {{at .Example.At}} (tcp_abort_on_overflow)`,
	},
	finding.Connected: {`connected`, `connected at {{at .Example.At}}`},
	finding.Answered:  {`answered`, firstCommand},
	finding.AnsweredSlowly: {
		`answered 1 s or more after it was connected`, firstCommand,
	},
	finding.AnsweredSlowlyQueued: {
		`answered 1 s or more after it was connected, most of that in the accept queue`, firstCommand,
	},
	finding.AnsweredSlowlyServed: {
		`answered 1 s or more after it was connected, most of that after the accept`, firstCommand,
	},
}

const firstCommand = `first command at {{at .Example.At}}`

// stepTemplates are parsed when they are first needed. It panics on one that cannot be parsed.
var stepTemplates = sync.OnceValue(func() map[finding.StepCode][2]*template.Template {
	all := map[finding.StepCode][2]*template.Template{}
	for code, texts := range stepPhrases {
		var both [2]*template.Template
		for i, text := range texts {
			both[i] = template.Must(template.New(string(code)).Funcs(functions).Funcs(stepFunctions).Parse(text))
		}
		all[code] = both
	}
	return all
})

// stepFunctions are what the phrase of a step can use beside functions.
var stepFunctions = template.FuncMap{
	"limit": Timeout, "at": instant, "trim": strings.TrimSpace, "places": places, "times": times, "queue": queueThen,
	"instants": func(all []time.Duration) string {
		return strings.Join(lists.Map(all, func(d time.Duration) string { return instant(d) }), ", again at about ")
	},
	"more": func(s finding.Step) string {
		if n := s.Again - len(s.Example.Retransmitted); n > 0 && len(s.Example.Retransmitted) > 0 {
			return ", and " + Amount(n, "more time", "more times")
		}
		return ""
	},
}

// instant of the storm: "+12.3 ms".
func instant(d any) string {
	if p, ok := d.(*time.Duration); ok {
		d = *p
	}
	return "+" + Duration(d.(time.Duration))
}

// places joins what is one of several: " at the full SYN queue or by lo".
func places(all []finding.Place) string {
	if len(all) == 0 {
		return ""
	}
	return " " + strings.Join(lists.Map(all, func(p finding.Place) string { return placePhrases[p] }), " or ")
}

// Timeout writes a timeout as it would be typed: "2 s", "1.5 s".
func Timeout(d time.Duration) string {
	n, unit, _ := strings.Cut(Duration(d), " ")
	if strings.Contains(n, ".") {
		n = strings.TrimRight(strings.TrimRight(n, "0"), ".")
	}
	return n + " " + unit
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return " " + Amount(n, "time", "times")
}

// queueThen is the accept queue when a packet was dropped.
func queueThen(d *finding.Depth) string {
	if d == nil {
		return ""
	}
	depth := "accept queue " + Count(d.Depth) + " of " + Count(d.Holds)
	if d.Drops > 0 {
		depth = Amount(d.Drops, "drop", "drops") + " between two samples, " + depth
	}
	return " (" + depth + ")"
}

// writeSteps writes each step in one of its two forms.
func writeSteps(steps []finding.Step, form int) string {
	return strings.Join(lists.Map(steps, func(s finding.Step) string {
		return worded(stepTemplates()[s.Code][form], s, string(s.Code))
	}), ", ")
}
