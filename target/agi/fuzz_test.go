package agi_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"agistorm/target/agi"
)

// chunked hands text out in parts whose lengths come from cuts.
func chunked(text, cuts []byte, give func(part []byte)) {
	for i := 0; len(text) > 0; i++ {
		n := 1
		if len(cuts) > 0 {
			n += int(cuts[i%len(cuts)])
		}
		n = min(n, len(text))
		give(text[:n])
		text = text[n:]
	}
}

func FuzzEnvironmentChunks(f *testing.F) {
	for _, seed := range []string{
		"agi_network: yes\nagi_x: \n\nrest", "a:b\n\n", ": \n", "long: " + strings.Repeat("x", 48) + "\n",
	} {
		f.Add([]byte(seed), []byte{0})
		f.Add([]byte(seed), []byte{1, 6, 0, 20})
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		whole, parts := agi.NewEnvReader(40, 5), agi.NewEnvReader(40, 5)
		n, done, err := whole.Feed(text)
		sum, partsDone, partsErr := 0, false, error(nil)
		chunked(text, cuts, func(part []byte) {
			if partsErr == nil && !partsDone {
				var used int
				used, partsDone, partsErr = parts.Feed(part)
				sum += used
			}
		})
		if done != partsDone || fmt.Sprint(err) != fmt.Sprint(partsErr) || err == nil && n != sum {
			t.Fatalf("whole: %d, %v, %v; in parts: %d, %v, %v", n, done, err, sum, partsDone, partsErr)
		}
		if err == nil && !slices.Equal(whole.Variables(), parts.Variables()) {
			t.Fatalf("variables %q, in parts %q", whole.Variables(), parts.Variables())
		}
	})
}

func FuzzEnvironmentIdentity(f *testing.F) {
	f.Add("hello?x=1", "agi://127.0.0.1/hello", "", " two  blanks", "arg: 1")
	f.Add("", "", "\r", ":", "")
	f.Fuzz(func(t *testing.T, script, request, account, name, arg string) {
		if strings.ContainsAny(script+request+account+name+arg, "\n\x00") {
			t.Skip("no value can hold a line feed")
		}
		want := agi.Environment{Script: script, Request: request, AccountCode: account, CallerIDName: name,
			Args: []string{arg, name}}
		text := want.Append(nil)
		got, others, err := agi.ParseEnvironment(text)
		if len(text) > agi.MaxEnvLine {
			t.Skip("over the limit")
		}
		if err != nil || len(others) != 0 || !bytes.Equal(got.Append(nil), text) || !slices.Equal(got.Args, want.Args) {
			t.Fatalf("sent %+v, got %+v, %v, %v", want, got, others, err)
		}
	})
}

// said writes replies or commands down, so that two readings can be compared.
func said[T any](next func([]byte) (T, int, bool, error), show func(T) string) (feed func([]byte), all func() string) {
	var b strings.Builder
	broken := false
	feed = func(part []byte) {
		for len(part) > 0 && !broken {
			v, n, ok, err := next(part)
			if ok {
				fmt.Fprintln(&b, show(v))
			}
			if err != nil {
				fmt.Fprintln(&b, err)
				broken = true
			}
			part = part[n:]
		}
	}
	return feed, b.String
}

// sameInParts feeds one reader the text whole and another the same text in parts: both must find the same.
func sameInParts[T any](t *testing.T, a, b func([]byte) (T, int, bool, error), show func(T) string, text, cuts []byte) {
	t.Helper()
	whole, wholeSaid := said(a, show)
	parts, partsSaid := said(b, show)
	whole(text)
	chunked(text, cuts, parts)
	if wholeSaid() != partsSaid() {
		t.Fatalf("whole:\n%s\nin parts:\n%s", wholeSaid(), partsSaid())
	}
}

func FuzzReplyChunks(f *testing.F) {
	for _, seed := range []string{
		"200 result=1 (a)\nHANGUP\n", "520-x\nusage\n520 end\n200 result=0 endpos=5\n", "\xff\n", "510 x",
	} {
		f.Add([]byte(seed), []byte{0})
		f.Add([]byte(seed), []byte{3, 0, 11})
	}
	show := func(r agi.Reply) string {
		return fmt.Sprintf("%+v", r)
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		var a, b agi.ReplyReader
		sameInParts(t, a.Next, b.Next, show, text, cuts)
	})
}

func FuzzCommandChunks(f *testing.F) {
	f.Add([]byte("NOOP\n\nVERBOSE \"x y\" 1\nrest"), []byte{2, 0})
	f.Add([]byte(`a\ "b`+"\n"), []byte{0})
	show := func(line []byte) string {
		return fmt.Sprintf("%q %q %s", line, agi.Split(nil, line),
			replyTo(&agi.Exchange{}, &agi.Channel{}, string(line)))
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		var a, b agi.CommandReader
		sameInParts(t, a.Next, b.Next, show, text, cuts)
	})
}

func FuzzCommandIdentity(f *testing.F) {
	f.Add("SET", "two words", `quote " and \`)
	f.Add("", "\t", "plain")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if strings.ContainsAny(a+b+c, "\n\x00") {
			t.Skip("no word can hold these")
		}
		line := agi.AppendCommand(nil, a, b, c)
		var got []string
		for _, w := range agi.Split(nil, line[:len(line)-1]) {
			got = append(got, string(w))
		}
		if !slices.Equal(got, []string{a, b, c}) {
			t.Fatalf("sent %q as %q, got %q", []string{a, b, c}, line, got)
		}
	})
}

// FuzzAnswer holds that whatever is asked, the answer is one that the reader takes, and what is remembered
// is bounded.
func FuzzAnswer(f *testing.F) {
	for _, line := range []string{
		"GET VARIABLE X", "hangup", "GET FULL VARIABLE ${X}-${Y${X}}", "GET FULL VARIABLE ${${${X",
		"GET FULL VARIABLE $[${X}+1]", "SET VARIABLE __X y", "DATABASE PUT a b c", "DATABASE DELTREE a",
		"GET VARIABLE DB(a/b)", "GET VARIABLE CALLERID(all)", `SET CALLERID "Ada <5>"`, "EXEC NoSuchApp",
		"STREAM FILE lost 0 -99999999999999999999", "SPEECH CREATE", "CHANNEL STATUS SIP/a",
	} {
		f.Add([]byte(line), "value (1)")
	}
	f.Fuzz(func(t *testing.T, line []byte, value string) {
		if bytes.ContainsRune(line, '\n') || strings.ContainsAny(value, "\n\x00") ||
			len(line)+len(value) > agi.MaxReply-100 {
			t.Skip("not one line")
		}
		env := agi.Environment{Channel: "SIP/a", CallerID: value, CallerIDName: "unknown"}
		x := agi.Exchange{
			Environment: func(dst []byte, _ int) []byte { return env.Append(dst) },
			Variables:   map[string]string{"X": value}, MissingFiles: map[string]bool{"lost": true},
		}
		ch := agi.Channel{Set: []byte("Y\x00" + value + "\x00\n/a/b\x00\x00")}
		text := x.AppendReply(nil, 0, &ch, line)
		var r agi.ReplyReader
		reply, n, ok, err := r.Next(text)
		if err != nil || !ok || reply.HangUp {
			t.Fatalf("%q is answered by %q: %+v, %v", line, text, reply, err)
		}
		if rest := string(text[n:]); rest != "" && rest != agi.HangUp {
			t.Fatalf("%q: after the reply %q", line, rest)
		}
		if len(ch.Set) > agi.MaxSet+len(value) || bytes.Count(ch.Set, []byte{0})%2 != 0 {
			t.Fatalf("%q: the channel remembers %q", line, ch.Set)
		}
	})
}
