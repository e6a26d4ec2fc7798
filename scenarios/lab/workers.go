package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"agistorm/loadgen"
)

// workers are the processes that play one storm together, from one common instant.
type workers struct {
	order    stormOrder
	children []*child
	// lost workers, by their numbers.
	lost []bool
}

// startWorkers lets n processes prepare their shares of a storm; attr is that of startChild.
func startWorkers(ctx context.Context, order stormOrder, n int, attr *syscall.SysProcAttr) (*workers, error) {
	w := &workers{order: order, lost: make([]bool, n)}
	for range n {
		c, err := startChild(ctx, roleStorm, attr)
		if err != nil {
			w.kill()
			return nil, err
		}
		w.children = append(w.children, c)
	}
	if err := w.prepare(); err != nil {
		w.kill()
		return nil, err
	}
	return w, nil
}

// prepare lets all of them make their sockets, side by side.
func (w *workers) prepare() error {
	return w.each(func(k int, c *child) error {
		part, err := w.part(k)
		if err != nil {
			return err
		}
		return c.ask(part, nil)
	})
}

// part is the order of worker k.
func (w *workers) part(k int) (stormOrder, error) {
	order, n := w.order, len(w.children)
	order.Share = order.Share.Of(k, n)
	order.Sources = order.Sources.Slice(k, n)
	if n == 1 {
		return order, nil
	}
	var err error
	order.Dir, err = w.order.Dir.Part(k)
	return order, err
}

// each does something with every worker at once. Of several that fail the error names the
// first: they mostly fail alike.
func (w *workers) each(do func(k int, c *child) error) error {
	errs := make([]error, len(w.children))
	var all sync.WaitGroup
	for k, c := range w.children {
		all.Go(func() { errs[k] = do(k, c) })
	}
	all.Wait()
	if len(errs) == 1 {
		return errs[0]
	}
	var first error
	more := 0
	for k, err := range errs {
		switch {
		case err == nil:
		case first == nil:
			first = fmt.Errorf("worker %d of %d: %w", k, len(errs), err)
		default:
			more++
		}
	}
	if more > 0 {
		return fmt.Errorf("%w (and %d more)", first, more)
	}
	return first
}

// run starts the storm at epoch, by probe.Monotonic, and waits until all attempts have ended. When ctx is
// done it asks the workers to stop. A worker that was lost takes only its own share with it, and the error
// names it.
func (w *workers) run(ctx context.Context, epoch time.Duration, live func(loadgen.Progress)) error {
	defer context.AfterFunc(ctx, w.stop)()
	board := &board{parts: make([]loadgen.Progress, len(w.children)), show: live}
	return w.each(func(k int, c *child) error {
		c.live = func(p loadgen.Progress) { board.put(k, p) }
		err := c.ask(epochOrder{Epoch: epoch}, nil)
		w.lost[k] = err != nil
		return err
	})
}

// finish waits until the workers that are not lost have written what they recorded, and makes one storm of
// it.
func (w *workers) finish() error {
	failure := w.each(func(k int, c *child) error {
		if w.lost[k] {
			return nil // the error of run names it
		}
		err := c.receive(nil)
		if err == nil {
			err = c.end()
		}
		w.lost[k] = err != nil
		return err
	})
	return errors.Join(failure, w.merge())
}

// merge makes one storm of the parts that are there.
func (w *workers) merge() error {
	var there []int
	for k := range w.lost {
		if !w.lost[k] {
			there = append(there, k)
		}
	}
	if len(w.lost) == 1 || len(there) == 0 {
		return nil // the only worker has written it all; or each has failed
	}
	return w.order.Dir.MergeParts(there)
}

// stop asks the workers to end the storm now. It does not wait for them.
func (w *workers) stop() {
	for _, c := range w.children {
		c.interrupt()
	}
}

func (w *workers) kill() {
	for _, c := range w.children {
		c.kill()
	}
}

// board adds up the progress of the workers.
type board struct {
	mutex sync.Mutex
	parts []loadgen.Progress
	show  func(loadgen.Progress)
}

func (b *board) put(k int, p loadgen.Progress) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.parts[k] = p
	if b.show == nil {
		return
	}
	var sum loadgen.Progress
	for _, part := range b.parts {
		sum.Add(part)
	}
	b.show(sum)
}
