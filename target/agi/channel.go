package agi

import (
	"bytes"
	"strings"
)

// HangUp is the line that Asterisk sends when the caller hangs up, in between the replies,
// and once more at the end of every session.
const HangUp = "HANGUP\n"

// Channel holds the state of a call: answered, every sound plays in no time, no digit is pressed. The zero
// value is ready. It is not for use by several at once.
type Channel struct {
	// Set holds the variables that the script has set and its entries of the database, MaxSet bytes at
	// most: what comes after that is answered and forgotten. Its capacity saves allocations.
	Set []byte
	// HungUp is a dead channel: most commands are refused. The command HANGUP sets it.
	HungUp bool
}

// find gives the syntax of a command, nil for an unknown one. Case does not count.
func find(words [][]byte) *syntax {
	for i := range commands {
		if commands[i].names(words) {
			return &commands[i]
		}
	}
	return nil
}

func (s *syntax) names(words [][]byte) bool {
	if len(words) < len(s.name) {
		return false
	}
	for i, name := range s.name {
		if len(name) != len(words[i]) || !strings.EqualFold(name, string(words[i])) {
			return false
		}
	}
	return true
}

// matches reports whether the number of words is right, and the words that must be numbers are.
func (s *syntax) matches(words [][]byte) bool {
	if len(words) < s.least || len(words) > s.most {
		return false
	}
	for _, at := range s.numbers {
		if at > 0 && at < len(words) && leadingNumber(words[at]) == nil {
			return false
		}
	}
	return true
}

// leadingNumber is what Asterisk's sscanf("%d") takes of a word, nil where that is nothing: what follows
// the digits does not count.
func leadingNumber(w []byte) []byte {
	w = bytes.TrimLeft(w, " \t\r\v\f")
	digits := 0
	if len(w) > 0 && (w[0] == '-' || w[0] == '+') {
		digits = 1
	}
	end := digits
	for end < len(w) && w[end] >= '0' && w[end] <= '9' {
		end++
	}
	if end == digits {
		return nil
	}
	return w[:end]
}
