package record

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mailru/easyjson/jlexer"
)

// codec reads JSON objects into structs of one type, by the types and tags of its fields. A run has up to
// millions of attempts, peers and samples, and encoding/json would take most of a report's time and memory
// for them.
type codec struct {
	// fields in the order in which their keys come, mostly: the search goes on behind the last one found.
	fields []field
	next   int
}

// field is one field of a struct, and the state of reading it from many objects.
type field struct {
	key string
	// index in the struct; skipped for an unknown key.
	index int
	// least value of a time; the tag "least" gives it where it is not 0.
	least time.Duration
	// words that were read before: most values are among few, such as outcomes, and each is kept once. The
	// others stand in text, many in one allocation.
	words map[string]string
	text  *strings.Builder
	// spare has room for the values of pointers to come: one allocation serves many.
	spare reflect.Value
	used  int
	// elements of a slice of structs.
	elements *codec
}

const (
	skipped = -1
	// mostKeys of one object are remembered with their place, those of no field too.
	mostKeys = 64
	// textAtOnce is how many bytes of text are allocated together.
	textAtOnce = 1 << 16
	// spareAtOnce is how many values of pointers are allocated together.
	spareAtOnce = 512
	// mostWords are remembered of one field: with more, it is not one of few words.
	mostWords = 64
	// longest is more than a storm may take: a day of arrivals, and the limits of the last call
	// (scenarios.MaxLimit, for each of a server's addresses).
	longest = 48 * time.Hour
)

func newCodec(t reflect.Type) *codec {
	c := &codec{}
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		f := field{index: i, words: map[string]string{}, text: &strings.Builder{}}
		f.key, _, _ = strings.Cut(tag.Get("json"), ",")
		f.least, _ = time.ParseDuration(tag.Get("least")) // 0 without one
		if e := t.Field(i).Type; e.Kind() == reflect.Slice && e.Elem().Kind() == reflect.Struct {
			f.elements = newCodec(e.Elem())
		}
		c.fields = append(c.fields, f)
	}
	return c
}

// objects returns a decoder of JSON objects. It reads as encoding/json would, but for keys in other cases;
// and it refuses times that no storm can have seen.
func objects[T any]() decoder[T] {
	c := newCodec(reflect.TypeFor[T]())
	return func(data []byte, v *T) error {
		in := jlexer.Lexer{Data: data}
		c.object(&in, reflect.ValueOf(v).Elem())
		in.Consumed()
		return in.Error()
	}
}

// object reads one object. A null is as good as nothing.
func (c *codec) object(in *jlexer.Lexer, v reflect.Value) {
	in.Delim('{')
	for in.Ok() && !in.IsDelim('}') {
		f := c.find(in.UnsafeFieldName(false))
		in.WantColon()
		switch {
		case in.IsNull():
			in.Skip()
		case f.index == skipped:
			in.SkipRecursive()
		default:
			f.read(in, v.Field(f.index))
		}
		in.WantComma()
	}
	in.Delim('}')
}

// find returns the field of a key. A key of no field it keeps in its place, to find it there the next time.
func (c *codec) find(key string) *field {
	for range c.fields {
		f := &c.fields[c.next]
		if c.next++; c.next == len(c.fields) {
			c.next = 0
		}
		if f.key == key {
			return f
		}
	}
	if len(c.fields) >= mostKeys {
		return &field{index: skipped}
	}
	c.fields = slices.Insert(c.fields, c.next, field{key: strings.Clone(key), index: skipped})
	return c.find(key)
}

var durationType = reflect.TypeFor[time.Duration]()

func (f *field) read(in *jlexer.Lexer, v reflect.Value) {
	switch kind := v.Kind(); {
	case kind == reflect.Pointer && v.Type().Elem().Kind() != reflect.Struct:
		value := f.room(v.Type().Elem())
		f.read(in, value)
		v.Set(value.Addr())
	case v.CanInt():
		n := in.Int64()
		if d := time.Duration(n); v.Type() == durationType && (d < f.least || d > longest) {
			in.AddError(fmt.Errorf("%s is %d, want %d to %d", f.key, d, f.least, longest))
		}
		v.SetInt(n)
	case v.CanUint():
		n := in.Uint64()
		if v.OverflowUint(n) {
			in.AddError(fmt.Errorf("%s is %d, which is too large", f.key, n))
		}
		v.SetUint(n)
	case kind == reflect.String:
		v.SetString(f.word(in))
	case f.elements != nil:
		f.slice(in, v)
	default:
		if raw := in.Raw(); in.Ok() {
			in.AddError(json.Unmarshal(raw, v.Addr().Interface()))
		}
	}
}

// room returns a place for the value of a pointer.
func (f *field) room(t reflect.Type) reflect.Value {
	if !f.spare.IsValid() || f.used == spareAtOnce {
		f.spare, f.used = reflect.MakeSlice(reflect.SliceOf(t), spareAtOnce, spareAtOnce), 0
	}
	f.used++
	return f.spare.Index(f.used - 1)
}

// word reads a string, and returns the one that was read before if it is the same.
func (f *field) word(in *jlexer.Lexer) string {
	raw := in.UnsafeString()
	if len(f.words) == mostWords {
		return f.keep(raw)
	}
	word, ok := f.words[raw]
	if !ok {
		word = f.keep(raw)
		f.words[word] = word
	}
	return word
}

// keep returns a copy of a text.
func (f *field) keep(raw string) string {
	if f.text.Cap()-f.text.Len() < len(raw) {
		f.text = &strings.Builder{}
		f.text.Grow(textAtOnce)
	}
	before := f.text.Len()
	f.text.WriteString(raw)
	return f.text.String()[before:]
}

func (f *field) slice(in *jlexer.Lexer, v reflect.Value) {
	in.Delim('[')
	for n := 0; in.Ok() && !in.IsDelim(']'); n++ {
		v.Grow(1)
		v.SetLen(n + 1)
		f.elements.object(in, v.Index(n))
		in.WantComma()
	}
	in.Delim(']')
}
