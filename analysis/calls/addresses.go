package calls

import (
	"cmp"
	"slices"
	"strings"

	"agistorm/analysis/record"
)

// Address is what became of the calls that one of a server's several addresses settled.
type Address struct {
	// Address of the server, host:port.
	Address  string                 `json:"address"`
	Calls    int                    `json:"calls"`
	Outcomes map[record.Outcome]int `json:"outcomes"`
}

// ByAddress counts the attempts that name the address that settled them, the storm's first address
// first; nil where none does.
func ByAddress(raw *record.Repeat) []Address {
	found := map[string]*Address{}
	for i := range raw.Attempts {
		a := &raw.Attempts[i]
		if a.Address == "" {
			continue
		}
		if found[a.Address] == nil {
			found[a.Address] = &Address{Address: a.Address, Outcomes: map[record.Outcome]int{}}
		}
		found[a.Address].Calls++
		found[a.Address].Outcomes[a.Outcome]++
	}
	var all []Address
	for _, a := range found {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Address) int {
		return cmp.Or(triedFirst(b.Address, raw)-triedFirst(a.Address, raw), strings.Compare(a.Address, b.Address))
	})
	return all
}

// triedFirst is 1 for the address that every call tries first, else 0.
func triedFirst(address string, raw *record.Repeat) int {
	if address == raw.Storm.Address {
		return 1
	}
	return 0
}

// Moved counts the attempts that went on to another address than the first.
func Moved(attempts []record.Attempt) int64 {
	return int64(Count(attempts, func(a *record.Attempt) bool { return a.Tried != nil }))
}
