package capacity

import "context"

// leastBacklog returns the least backlog with which so many handlers hold the limits; nil where none does.
func (s *search) leastBacklog(ctx context.Context, handlers, calls int) (*int, error) {
	high, err := s.enough(ctx, handlers, calls)
	if err != nil || high == nil {
		return nil, err
	}
	holds := func(backlog int) (bool, error) { return s.holds(ctx, key{Setting{handlers, backlog}, calls}) }
	// A queue that was never deeper than its peak needs no more: it holds one more than its backlog.
	if peak := s.known[key{Setting{handlers, *high}, calls}].peak(); peak > 0 && peak-1 < *high {
		switch ok, err := holds(peak - 1); {
		case err != nil:
			return high, err
		case ok:
			*high = peak - 1
		}
	}
	least, err := bisect(-1, *high, holds)
	return &least, err
}

// enough returns a backlog with which so many handlers hold the limits; nil where none does. That is the largest
// useful one, or one for all calls. Where calls may be lost a shorter one may hold when these do not: it sheds them.
func (s *search) enough(ctx context.Context, handlers, calls int) (*int, error) {
	all := max(calls-1, 0)
	candidates := []int{all}
	if useful := s.q.Useful(handlers).Backlog; useful > 0 && useful < all {
		candidates = []int{useful, all}
	}
	if s.q.Lose > 0 {
		for shorter := candidates[0] / 2; shorter > 0; shorter /= 2 {
			candidates = append(candidates, shorter)
		}
	}
	for _, backlog := range candidates {
		if ok, err := s.holds(ctx, key{Setting{handlers, backlog}, calls}); ok || err != nil {
			return &backlog, err
		}
	}
	return nil, nil
}

// leastHandlers returns the least number of handlers whose utilisation is below 1 and with which a backlog holds the
// limits; 0 where there is none up to MostHandlers. tried is the largest number that was.
func (s *search) leastHandlers(ctx context.Context) (least, tried int, err error) {
	helps := func(handlers int) (bool, error) {
		tried = max(tried, handlers)
		backlog, err := s.enough(ctx, handlers, s.q.Calls)
		return backlog != nil && err == nil, err
	}
	low, high, most := s.q.busy(), s.q.busy()+1, s.q.MostHandlers
	step := max(high/16, 1)
	for high <= most {
		ok, err := helps(high)
		if err != nil {
			return 0, tried, err
		}
		if ok {
			least, err = bisect(low, high, helps)
			return least, tried, err
		}
		if high == most {
			break
		}
		low, high, step = high, min(high+step, most), 2*step
	}
	return 0, tried, nil
}

// busy is the largest number of handlers whose utilisation is 1 or more.
func (q *Question) busy() int { return int(q.Offered()) }
