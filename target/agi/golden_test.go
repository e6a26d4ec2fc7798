package agi_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"agistorm/target/agi"
)

// captured reads what one side of a captured session sent.
func captured(t *testing.T, name, side string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "asterisk", name, "conn1."+side+".raw"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// capturedEnvironments are the names of the captures that hold one.
var capturedEnvironments = []string{"args", "cid", "hangup-midsession", "noscript", "plain", "query", "silent"}

func TestCapturedEnvironments(t *testing.T) {
	for _, name := range capturedEnvironments {
		t.Run(name, func(t *testing.T) {
			text := captured(t, name, "c2s")
			r := agi.NewEnvReader(agi.MaxEnvLine, agi.MaxEnvLines)
			n, done, err := r.Feed(text)
			if err != nil || !done {
				t.Fatalf("Feed: done %v, %v", done, err)
			}
			env, others := r.Environment()
			if len(others) != 0 {
				t.Errorf("variables without a place: %v", others)
			}
			if got := env.Append(nil); !bytes.Equal(got, text[:n]) {
				t.Errorf("encoded again:\n%s\nwant:\n%s", got, text[:n])
			}
		})
	}
}

func TestCapturedValues(t *testing.T) {
	env, _, err := agi.ParseEnvironment(captured(t, "cid", "c2s"))
	if err != nil {
		t.Fatal(err)
	}
	if env.CallerIDName != "Ada Lovelace" || env.Language != "en_GB" || env.CallingANI2 != "7" ||
		env.Script != "hello" {
		t.Errorf("got %+v", env)
	}
	env, _, err = agi.ParseEnvironment(captured(t, "args", "c2s"))
	if err != nil || len(env.Args) != 2 || env.Args[1] != "arg2" || env.AccountCode != "" {
		t.Errorf("got %+v, %v", env, err)
	}
}

// TestCapturedReplies reads what followed the environments.
func TestCapturedReplies(t *testing.T) {
	hangUp := agi.Reply{HangUp: true}
	want := map[string][]agi.Reply{
		"silent":            {hangUp, hangUp},
		"hangup-midsession": {{Code: 200}, hangUp, {Code: 200}, {Code: 511}, {Code: 200}, hangUp},
	}
	for _, name := range capturedEnvironments {
		if got := replies(t, afterEnvironment(t, name)); !slices.Equal(got, want[name]) {
			t.Errorf("%s: got %+v, want %+v", name, got, want[name])
		}
	}
}

// TestCapturedAnswers gives the captured commands to a Channel: it must say what Asterisk said.
func TestCapturedAnswers(t *testing.T) {
	said := captured(t, "hangup-midsession", "c2s")
	n := len(said) - len(afterEnvironment(t, "hangup-midsession"))
	x := agi.Exchange{Environment: func(dst []byte, _ int) []byte { return append(dst, said[:n]...) }}
	var ch agi.Channel
	commands := bytes.Split(captured(t, "hangup-midsession", "s2c"), []byte("\n"))
	var got []byte
	for i, line := range commands[:len(commands)-1] {
		if i == 1 { // the caller hung up after the first command
			got, ch.HungUp = append(got, agi.HangUp...), true
		}
		got = x.AppendReply(got, 0, &ch, line)
	}
	got = append(got, agi.HangUp...)
	if want := afterEnvironment(t, "hangup-midsession"); !bytes.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func afterEnvironment(t *testing.T, name string) []byte {
	t.Helper()
	text := captured(t, name, "c2s")
	n, _, err := agi.NewEnvReader(agi.MaxEnvLine, agi.MaxEnvLines).Feed(text)
	if err != nil {
		t.Fatal(err)
	}
	return text[n:]
}

func replies(t *testing.T, text []byte) []agi.Reply {
	t.Helper()
	var r agi.ReplyReader
	var all []agi.Reply
	for len(text) > 0 {
		reply, n, ok, err := r.Next(text)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			all = append(all, reply)
		}
		text = text[n:]
	}
	return all
}
