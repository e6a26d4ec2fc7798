package calllog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// counterEvidence tells fractions of seconds from counters, such as the one in Asterisk's uniqueid:
// 1759654800.9 is followed by 1759654800.10.
type counterEvidence struct {
	ids []id
	// fraction: there is a number that no id has, without a dot or with a zero behind it.
	fraction bool
	// zeros: of the fractions of more than a digit some end with a zero, which the shortest form of a number
	// does not.
	zeros  bool
	widths map[int]bool
}

// id is a second and the counter.
type id struct{ second, counter int }

func (e *counterEvidence) add(word string) {
	second, counter, dotted := strings.Cut(word, ".")
	s, err := strconv.Atoi(second)
	n, err2 := strconv.Atoi(counter)
	if !dotted || err != nil || err2 != nil || len(counter) > 1 && counter[0] == '0' {
		e.fraction = true
		return
	}
	if e.widths == nil {
		e.widths = map[int]bool{}
	}
	e.widths[len(counter)] = true
	e.zeros = e.zeros || len(counter) > 1 && strings.HasSuffix(counter, "0")
	e.ids = append(e.ids, id{s, n})
}

// isCounter reports whether the numbers are ids: of several widths and yet with zeros at their end, or close together
// and growing from second to second.
func (e *counterEvidence) isCounter() bool {
	if e.fraction || len(e.ids) == 0 {
		return false
	}
	return len(e.widths) > 1 && e.zeros || e.grows()
}

// maxCounterStep bounds how far a counter goes on from call to call: a switch counts all its channels.
const maxCounterStep = 20

// grows reports whether every second's counters are above those of the seconds before, and close together; three
// seconds are too many for chance.
func (e *counterEvidence) grows() bool {
	slices.SortFunc(e.ids, func(a, b id) int {
		return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.counter, b.counter))
	})
	seconds := 1
	for i := 1; i < len(e.ids); i++ {
		if e.ids[i].second == e.ids[i-1].second {
			continue
		}
		if e.ids[i].counter <= e.ids[i-1].counter {
			return false
		}
		seconds++
	}
	return seconds > 2 && e.ids[len(e.ids)-1].counter-e.ids[0].counter <= maxCounterStep*len(e.ids)
}
