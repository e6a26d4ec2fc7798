package capacity

import "context"

// fineness of the rate that is found: 1 part in so many.
const fineness = 200

// find returns the largest number of calls in the question's span with which a setting holds the limits, and its
// handlers are not busier than all the time.
func (s *search) find(ctx context.Context, setting Setting, most int) (*Found, error) {
	by := func(o opinion) func(int) (bool, error) {
		return func(calls int) (bool, error) {
			if s.q.saturates(setting, calls) {
				return false, nil
			}
			return o(s, ctx, key{setting, calls})
		}
	}
	low, high, err := s.bracket(setting, most, by((*search).seems))
	if err == nil {
		low, high, err = narrow(low, high, by((*search).seems))
	}
	for ok := false; err == nil && low > 0; high, low = low, low-max(low/fineness, 1) {
		if ok, err = by((*search).holds)(low); ok || err != nil {
			break
		}
	}
	if err != nil {
		high = most + 1 // it was not decided
	}
	return s.foundAt(setting, low, high, most), err
}

// narrow brings a number that holds and one that does not together, up to the fineness.
func narrow(low, high int, holds func(int) (bool, error)) (int, int, error) {
	for high-low > max(low/fineness, 1) {
		middle := low + (high-low)/2
		ok, err := holds(middle)
		switch {
		case err != nil:
			return low, high, err
		case ok:
			low = middle
		default:
			high = middle
		}
	}
	return low, high, nil
}

func (s *search) foundAt(setting Setting, low, high, most int) *Found {
	found := &Found{Setting: setting, Calls: low}
	if high <= most {
		found.Above = &high
	}
	if span := s.q.Span.Seconds(); span > 0 {
		rate := float64(low) / span
		found.Rate = &rate
	}
	if capacity := s.q.Useful(setting.Handlers).Rate; capacity > 0 {
		found.Capacity = &capacity
	}
	if t := s.known[key{setting, low}]; t != nil {
		found.Outcome = t.outcome(low)
	}
	return found
}

// saturates reports whether so many calls keep the handlers busy for all of the span.
func (q *Question) saturates(setting Setting, calls int) bool {
	return setting.Handlers > 0 && q.offered(calls) >= float64(setting.Handlers)
}

// bracket returns a number of calls that holds, 0 where one alone does not, and one that does not, beyond most where
// all do.
func (s *search) bracket(setting Setting, most int, holds func(int) (bool, error)) (low, high int, err error) {
	start := s.q.Calls
	if window := max(s.q.Span, s.q.FirstCommandTimeout).Seconds(); setting.Handlers > 0 && s.q.MeanWork > 0 {
		start = int(s.q.Useful(setting.Handlers).Rate * window * 0.9)
	}
	start = min(max(start, 1), most)
	ok, err := holds(start)
	if err != nil {
		return 0, start, err
	}
	if !ok {
		for low = start; low > 0 && !ok; {
			high, low = low, low/2
			if low > 0 {
				if ok, err = holds(low); err != nil {
					return 0, high, err
				}
			}
		}
		return low, high, nil
	}
	for low, high = start, start; ok; {
		if low = high; low == most {
			return low, most + 1, nil
		}
		high = min(high+max(high/8, 1), most)
		if ok, err = holds(high); err != nil {
			return low, high, err
		}
	}
	return low, high, nil
}
