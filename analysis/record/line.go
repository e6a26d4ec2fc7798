package record

import (
	"bufio"
	"fmt"
	"os"
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
	started, tried, synack, connected, command, rtt, rtoTime time.Duration
	retransmits                                              uint32
}

// optionalsAtOnce is how many are allocated together.
const optionalsAtOnce = 1024

// leastLine is the length that no whole attempt stays below, in bytes.
const leastLine = 200

// readAttempts returns what came before the first broken line together with the error that names that line.
func readAttempts(path string) ([]Attempt, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	attempts, err := (&lineReader{words: map[string]string{}}).scan(scanner(f), info.Size())
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return attempts, err
}

// scan reads lines of size bytes in all: the first tells how many there may be.
func (r *lineReader) scan(lines *bufio.Scanner, size int64) ([]Attempt, error) {
	var attempts []Attempt
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			attempts = make([]Attempt, 0, size/int64(max(len(lines.Bytes())+1, leastLine))+1)
		}
		var a Attempt
		if err := r.decode(lines.Bytes(), &a); err != nil {
			return attempts, fmt.Errorf("line %d: %w", n, err)
		}
		attempts = append(attempts, a)
	}
	return attempts, lines.Err()
}

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
		a.Started = duration(in, &o.started)
	case "tried_ns":
		a.Tried = duration(in, &o.tried)
	case "syn_ack_ns":
		a.SYNACK = duration(in, &o.synack)
	case "connected_ns":
		a.Connected = duration(in, &o.connected)
	case "first_command_ns":
		a.FirstCommand = duration(in, &o.command)
	case "tcpi_rtt_ns":
		a.RTT = duration(in, &o.rtt)
	case "tcpi_total_rto_time_ns":
		a.RTOTime = duration(in, &o.rtoTime)
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
		a.Intended = time.Duration(in.Int64())
	case "done_ns":
		a.Done = time.Duration(in.Int64())
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

func duration(in *jlexer.Lexer, d *time.Duration) *time.Duration {
	*d = time.Duration(in.Int64())
	return d
}
