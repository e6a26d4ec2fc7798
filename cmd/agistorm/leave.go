package main

import (
	"fmt"
	"sync"

	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// leftover is the run directory that the program leaves when a second signal ends it at once.
type leftover struct {
	mutex sync.Mutex
	dir   record.Dir
}

// is names the run directory, once it is there.
func (l *leftover) is(dir record.Dir) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.dir = dir
}

// String says what is left, and how to use or remove it.
func (l *leftover) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.dir == "" {
		return "agistorm: ended at once; nothing was measured"
	}
	n := l.dir.CountStorms()
	if n == 0 {
		return fmt.Sprintf("agistorm: ended at once; %s holds no finished storm and can be removed", l.dir)
	}
	return fmt.Sprintf("agistorm: ended at once; %s keeps %s that had ended; agistorm report %s writes the report",
		l.dir, words.Amount(n, "storm", "storms"), l.dir)
}
