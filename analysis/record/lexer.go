package record

import (
	"encoding/json"
	"errors"
	"strings"
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

// sampleLines reads queue.jsonl.
func sampleLines() decoder[QueueSample] {
	return func(line []byte, s *QueueSample) error { return s.UnmarshalJSON(line) }
}

// UnmarshalJSON reads one sample of thousands (see lineReader).
func (s *QueueSample) UnmarshalJSON(data []byte) error {
	in := jlexer.Lexer{Data: data}
	*s = QueueSample{}
	object(&in, func(key string) bool {
		switch key {
		case "at_ns":
			offset(&in, key, -longest, &s.At) // it was looked at before, while the storm waited for its first instant
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

// readTarget reads target.json but for the peers as encoding/json does, which would go through those three times.
func readTarget(path string) (*Target, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	t, err := parseTarget(data)
	if err != nil {
		return readPart[Target](path) // says in which line; or takes what is unusual, but JSON
	}
	return t, nil
}

func parseTarget(data []byte) (*Target, error) {
	in := jlexer.Lexer{Data: data}
	t, rest, peers := &Target{}, map[string]json.RawMessage{}, Peers(nil)
	object(&in, func(key string) bool {
		if key == "peers" {
			peers = readPeers(&in)
		} else {
			rest[strings.Clone(key)] = in.Raw()
		}
		return true
	})
	in.Consumed()
	plain, err := json.Marshal(rest)
	if err := errors.Join(in.Error(), err); err != nil {
		return nil, err
	}
	err = json.Unmarshal(plain, t)
	t.Peers = peers
	return t, err
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
	*p = readPeers(&in)
	in.Consumed()
	return in.Error()
}

func readPeers(in *jlexer.Lexer) (peers Peers) {
	r := &lineReader{words: map[string]string{}}
	in.Delim('[')
	for in.Ok() && !in.IsDelim(']') {
		peers = append(peers, r.peer(in))
		in.WantComma()
	}
	in.Delim(']')
	return peers
}

func (r *lineReader) peer(in *jlexer.Lexer) (p Peer) {
	object(in, func(key string) bool {
		switch key {
		case "at_ns":
			offset(in, key, -longest, &p.At)
		case "address":
			p.Address = in.String()
		case "queued_ns":
			p.Queued = offset(in, key, 0, new(time.Duration))
		case "done_ns":
			offset(in, key, -longest, &p.Done)
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
