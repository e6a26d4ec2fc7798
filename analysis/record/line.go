package record

import (
	"fmt"
	"time"

	"github.com/mailru/easyjson/jlexer"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// line is one line of attempts.jsonl: all of vegeta's result, and what agistorm knows beside it.
type line struct {
	vegeta.Result
	Attempt
}

func newLine(s *Storm, a *Attempt) line { return line{Result: s.Result(a), Attempt: *a} }

// Result is an attempt of the storm as vegeta's tools read it: success is 200 ≤ code < 400,
// the latency is the whole attempt from its intended start.
func (s *Storm) Result(a *Attempt) vegeta.Result {
	r := vegeta.Result{
		Attack:    "agistorm",
		Seq:       a.Seq,
		Timestamp: s.Start.Add(a.Intended),
		Latency:   a.Done - a.Intended,
		BytesOut:  a.BytesOut,
		BytesIn:   a.BytesIn,
		Method:    "AGI",
		URL:       "agi://" + s.Address,
	}
	if a.Outcome.Served() {
		r.Code = 200
	} else {
		r.Error = string(a.Outcome)
	}
	return r
}

// lineReader reads attempts.jsonl. A run has up to millions of attempts, and encoding/json would take most of a report's time
// and memory for them: so the fields are told apart here, by the lexer that vegeta reads its results with.
type lineReader struct {
	// words are those that many attempts share, such as an outcome: each is kept once.
	words map[string]string
	// spare has room for the optional values of attempts to come.
	spare []optionals
}

// optionals are what the pointers of one attempt point to.
type optionals struct {
	started, tried, synack, connected, command, rtt, rtoTime, replyLag time.Duration
	retransmits                                                        uint32
}

// optionalsAtOnce is how many are allocated together.
const optionalsAtOnce = 1024

// attemptLines reads attempts.jsonl.
func attemptLines() decoder[Attempt] { return (&lineReader{words: map[string]string{}}).decode }

// decode reads one line, as encoding/json would but for keys in other cases.
func (r *lineReader) decode(data []byte, a *Attempt) error {
	if len(r.spare) == 0 {
		r.spare = make([]optionals, optionalsAtOnce)
	}
	in := jlexer.Lexer{Data: data}
	used := false
	object(&in, func(key string) bool {
		if r.instant(&in, key, a, &r.spare[0]) {
			used = true
			return true
		}
		return r.plain(&in, key, a)
	})
	in.Consumed()
	if used {
		r.spare = r.spare[1:]
	}
	return in.Error()
}

// instant reads a value that an attempt may lack, into o; false where key is none of those.
func (r *lineReader) instant(in *jlexer.Lexer, key string, a *Attempt, o *optionals) bool {
	switch key {
	case "started_ns":
		a.Started = offset(in, key, 0, &o.started)
	case "tried_ns":
		a.Tried = offset(in, key, 0, &o.tried)
	case "syn_ack_ns":
		a.SYNACK = offset(in, key, -time.Second, &o.synack)
	case "connected_ns":
		a.Connected = offset(in, key, 0, &o.connected)
	case "first_command_ns":
		a.FirstCommand = offset(in, key, 0, &o.command)
	case "tcpi_rtt_ns":
		a.RTT = offset(in, key, 0, &o.rtt)
	case "tcpi_total_rto_time_ns":
		a.RTOTime = offset(in, key, 0, &o.rtoTime)
	case "reply_lag_ns":
		a.ReplyLag = offset(in, key, 0, &o.replyLag)
	case "syn_retransmits":
		o.retransmits = in.Uint32()
		a.SYNRetransmits = &o.retransmits
	default:
		return false
	}
	return true
}

// plain reads a value that every attempt has, or whose absence is its zero; false where key is none of those.
func (r *lineReader) plain(in *jlexer.Lexer, key string, a *Attempt) bool {
	switch key {
	case "seq":
		a.Seq = in.Uint64()
	case "bytes_in":
		a.BytesIn = in.Uint64()
	case "bytes_out":
		a.BytesOut = in.Uint64()
	case "intended_ns":
		offset(in, key, 0, &a.Intended)
	case "done_ns":
		offset(in, key, 0, &a.Done)
	case "reply_lag_sum_ns":
		offset(in, key, 0, &a.ReplyLagSum)
	case "commands":
		a.Commands = in.Uint32()
	case "earlier_syn_retransmits":
		a.EarlierSYNRetransmits = in.Uint32()
	case "local":
		a.Local = in.String()
	default:
		return r.word(in, key, a)
	}
	return true
}

// word reads a value of which there are few.
func (r *lineReader) word(in *jlexer.Lexer, key string, a *Attempt) bool {
	switch key {
	case "outcome":
		a.Outcome = Outcome(r.once(in))
	case "errno":
		a.Errno = r.once(in)
	case "limit":
		a.Limit = r.once(in)
	case "reason":
		a.Reason = r.once(in)
	case "address":
		a.Address = r.once(in)
	default:
		return false
	}
	return true
}

// once keeps a word that was read before.
func (r *lineReader) once(in *jlexer.Lexer) string {
	raw := in.UnsafeString()
	word, ok := r.words[raw]
	if !ok {
		word = string([]byte(raw))
		r.words[word] = word
	}
	return word
}

// longest is more than a storm may take: a day of arrivals, and the limits of the last call (scenarios.MaxLimit, for each of a server's
// addresses).
const longest = 48 * time.Hour

// offset reads a time of a storm, which is none below least or above longest. The SYN-ACK's alone may seem to lie a tick before the start.
func offset(in *jlexer.Lexer, key string, least time.Duration, d *time.Duration) *time.Duration {
	*d = time.Duration(in.Int64())
	if *d < least || *d > longest {
		in.AddError(fmt.Errorf("%s is %d, want %d to %d", key, *d, least, longest))
	}
	return d
}
