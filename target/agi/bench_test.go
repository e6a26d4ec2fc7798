package agi_test

import (
	"testing"

	"agistorm/target/agi"
)

func BenchmarkEnvironmentAppend(b *testing.B) {
	env := agi.Environment{Script: "hello", Request: "agi://127.0.0.1:4573/hello", Channel: "Local/plain@t-00000001;2"}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = env.Append(buf[:0])
	}
}

func BenchmarkEnvironmentRead(b *testing.B) {
	env := agi.Environment{Script: "hello", Request: "agi://127.0.0.1:4573/hello", Channel: "Local/plain@t-00000001;2"}
	text := env.Append(nil)
	r := agi.NewEnvScanner(agi.MaxEnvLine, agi.MaxEnvLines)
	b.ReportAllocs()
	for b.Loop() {
		r.Reset()
		if _, done, err := r.Feed(text); !done || err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	var x agi.Exchange
	var ch agi.Channel
	line := []byte(`VERBOSE "agistorm" 1`)
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = x.AppendReply(buf[:0], 0, &ch, line)
	}
}
