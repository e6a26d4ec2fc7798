package target

import (
	"io"
	"testing"

	"agistorm/target/work"
)

// BenchmarkSession is a whole call over loopback, the client's part included.
func BenchmarkSession(b *testing.B) {
	config := DefaultConfig()
	config.Work = work.Work{}
	s := start(b, config)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := call(dial(b, s.l)); err != io.EOF {
			b.Fatal(err)
		}
	}
}
