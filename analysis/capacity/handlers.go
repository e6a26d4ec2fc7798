package capacity

import "context"

// opinion decides on a key, or gives a first opinion.
type opinion func(*search, context.Context, key) (bool, error)

// LeastBacklog is the least that is recommended: 0 is to be avoided, since systems differ in whether it queues a
// connection at all (Stevens, UNIX Network Programming, 4.5).
const LeastBacklog = 1

// leastBacklog returns the least backlog with which so many handlers hold the limits; nil where none does. What
// seems to be the least is decided then, and what is above it where that does not hold.
func (s *search) leastBacklog(ctx context.Context, handlers, calls int) (*int, error) {
	high, err := s.enough(ctx, handlers, calls, (*search).holds)
	if err != nil || high == nil {
		return nil, err
	}
	at := func(backlog int) key { return key{Setting{handlers, backlog}, calls} }
	seems := func(backlog int) (bool, error) { return s.seems(ctx, at(backlog)) }
	holds := func(backlog int) (bool, error) { return s.holds(ctx, at(backlog)) }
	guess := *high
	// A queue that was never deeper than its peak needs no more: it holds one more than its backlog.
	if peak := max(s.known[at(guess)].peak(), LeastBacklog+1); peak-1 < guess {
		switch ok, err := seems(peak - 1); {
		case err != nil:
			return high, err
		case ok:
			guess = peak - 1
		}
	}
	if guess, err = bisect(LeastBacklog-1, guess, seems); err != nil {
		return high, err
	}
	least, ok, err := climb(guess-1, guess, *high, holds)
	if err != nil || !ok {
		return high, err
	}
	return &least, nil
}

// enough returns a backlog with which so many handlers hold the limits; nil where none does. That is the largest
// useful one, or one for all calls. Where calls may be lost a shorter one may hold when these do not: it sheds them.
func (s *search) enough(ctx context.Context, handlers, calls int, holds opinion) (*int, error) {
	all := max(calls-1, LeastBacklog)
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
		if ok, err := holds(s, ctx, key{Setting{handlers, backlog}, calls}); ok || err != nil {
			return &backlog, err
		}
	}
	return nil, nil
}

// leastHandlers returns the least number of handlers whose utilisation is below 1 and with which a backlog holds the
// limits; 0 where there is none up to MostHandlers. tried is the largest number that was.
func (s *search) leastHandlers(ctx context.Context) (least, tried int, err error) {
	helps := func(by opinion) func(int) (bool, error) {
		return func(handlers int) (bool, error) {
			tried = max(tried, handlers)
			backlog, err := s.enough(ctx, handlers, s.q.Calls, by)
			return backlog != nil && err == nil, err
		}
	}
	busy, most := s.q.busy(), s.q.MostHandlers
	guess, ok, err := climb(busy, busy+1, most, helps((*search).seems))
	if err != nil || !ok {
		return 0, tried, err
	}
	least, _, err = climb(guess-1, guess, most, helps((*search).holds))
	return least, tried, err
}

// busy is the largest number of handlers whose utilisation is 1 or more.
func (q *Question) busy() int { return int(q.Offered()) }
