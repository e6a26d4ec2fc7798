package listeners

import (
	"encoding/json"
	"fmt"
	"time"
)

// ReadEarlier reads what Since needs of the JSON of an earlier Report.
func ReadEarlier(text []byte) (*Report, error) {
	var earlier struct {
		At         time.Time `json:"at"`
		Boot       string    `json:"boot"`
		Namespaces []struct {
			Inode    uint64            `json:"inode"`
			Counters map[string]uint64 `json:"counters"`
		} `json:"namespaces"`
		Listeners []struct {
			Cookie uint64 `json:"cookie,string"`
			Depth  int    `json:"depth"`
			Drops  *int   `json:"drops"`
		} `json:"listeners"`
	}
	if err := json.Unmarshal(text, &earlier); err != nil {
		return nil, err
	}
	if earlier.Boot == "" || earlier.At.IsZero() {
		return nil, fmt.Errorf("it is no output of agistorm inspect --format json")
	}
	r := &Report{At: earlier.At, Boot: earlier.Boot}
	for _, n := range earlier.Namespaces {
		r.Namespaces = append(r.Namespaces, Namespace{Inode: n.Inode, Counters: n.Counters})
	}
	for _, l := range earlier.Listeners {
		r.Listeners = append(r.Listeners, Listener{Cookie: l.Cookie, Depth: l.Depth, Drops: l.Drops})
	}
	return r, nil
}

// Since compares with an earlier look, before the report is judged: drops are then those since that.
func (r *Report) Since(before *Report) error {
	switch {
	case before.Boot != r.Boot:
		return fmt.Errorf("it is of another host, or of before this one started")
	case !before.At.Before(r.At):
		return fmt.Errorf("it is of %s, which is not before now", before.At.Format(time.RFC3339))
	}
	r.Window = r.At.Sub(before.At)
	old := map[uint64]*Listener{}
	for i := range before.Listeners {
		old[before.Listeners[i].Cookie] = &before.Listeners[i]
	}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		if o := old[l.Cookie]; o != nil {
			l.Earlier = &Earlier{Depth: o.Depth, Drops: o.Drops}
		} else {
			l.New = true
		}
	}
	counted := map[uint64]map[string]uint64{}
	for _, n := range before.Namespaces {
		counted[n.Inode] = n.Counters
	}
	for i := range r.Namespaces {
		r.Namespaces[i].Grown = grown(counted[r.Namespaces[i].Inode], r.Namespaces[i].Counters)
	}
	return nil
}

// grown is what counters grew by; those that were not counted before began with 0.
func grown(before, now map[string]uint64) map[string]uint64 {
	all := map[string]uint64{}
	for name, n := range now {
		all[name] = n - min(before[name], n)
	}
	return all
}
