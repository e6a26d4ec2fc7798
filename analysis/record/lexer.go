package record

import (
	"time"

	"github.com/mailru/easyjson/jlexer"
)

// object reads a JSON object: take reads the value of a key, and is false where it does not know it. A null is as good as nothing.
func object(in *jlexer.Lexer, take func(key string) bool) {
	in.Delim('{')
	for in.Ok() && !in.IsDelim('}') {
		key := in.UnsafeFieldName(false)
		in.WantColon()
		switch {
		case in.IsNull():
			in.Skip()
		case !take(key):
			in.SkipRecursive()
		}
		in.WantComma()
	}
	in.Delim('}')
}

// UnmarshalJSON reads one sample of thousands (see lineReader).
func (s *QueueSample) UnmarshalJSON(data []byte) error {
	in := jlexer.Lexer{Data: data}
	*s = QueueSample{}
	object(&in, func(key string) bool {
		switch key {
		case "at_ns":
			s.At = time.Duration(in.Int64())
		case "depth":
			s.Depth = in.Uint32()
		case "limit":
			s.Limit = in.Uint32()
		case "drops":
			n := in.Uint32()
			s.Drops = &n
		default:
			return false
		}
		return true
	})
	in.Consumed()
	return in.Error()
}

// Peers are the accepted connections of a storm.
type Peers []Peer

// UnmarshalJSON reads them as lineReader reads attempts: there are as many.
func (p *Peers) UnmarshalJSON(data []byte) error {
	in := jlexer.Lexer{Data: data}
	*p = nil
	if in.IsNull() {
		return nil
	}
	r := &lineReader{words: map[string]string{}}
	in.Delim('[')
	for in.Ok() && !in.IsDelim(']') {
		*p = append(*p, r.peer(&in))
		in.WantComma()
	}
	in.Delim(']')
	in.Consumed()
	return in.Error()
}

func (r *lineReader) peer(in *jlexer.Lexer) (p Peer) {
	object(in, func(key string) bool {
		switch key {
		case "at_ns":
			p.At = time.Duration(in.Int64())
		case "address":
			p.Address = in.String()
		case "queued_ns":
			d := time.Duration(in.Int64())
			p.Queued = &d
		case "done_ns":
			p.Done = time.Duration(in.Int64())
		case "fate":
			p.Fate = r.once(in)
		case "socket":
			p.Socket = in.Int()
		default:
			return false
		}
		return true
	})
	return p
}
