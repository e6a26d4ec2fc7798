package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"agistorm/loadgen"
	"agistorm/target/netns"
)

// The processes of a sweep exchange JSON values over the child's standard input and
// output. The end of its input means to a child that its parent has ended: it ends too.

// RoleArg is the first argument of a process that plays a part in a sweep; the part's name follows.
const RoleArg = "lab-role"

// answer is what a child sends: an error, or what was asked for, or in between its progress.
type answer struct {
	Error string `json:"error,omitempty"`
	// Input: the error is an InputError.
	Input bool              `json:"input,omitempty"`
	Value json.RawMessage   `json:"value,omitempty"`
	Live  *loadgen.Progress `json:"live,omitempty"`
}

// child is a part of the sweep in a process of its own.
type child struct {
	role   string
	cmd    *exec.Cmd
	in     io.WriteCloser
	answer *json.Decoder
	stderr bytes.Buffer
	// grace is what the child gets to end by itself before it is killed: 0 for one that leaves nothing behind.
	grace time.Duration
	// tether to the user's own server, which outlives the child; nil without one.
	tether *tether
	// live is called with the progress that the child reports in between; may be nil.
	live func(loadgen.Progress)
	// halted: it was ended because a signal had stopped it.
	halted atomic.Bool
	// orders come from ask and from interrupt, at the same time.
	orders sync.Mutex
}

// startChild starts this very program again in a role, with further files from descriptor 3 on. attr nil leaves it in
// this process's session.
func startChild(ctx context.Context, role string, attr *syscall.SysProcAttr, files ...*os.File) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{role: role, cmd: exec.CommandContext(ctx, self, RoleArg, role)}
	c.cmd.SysProcAttr, c.cmd.ExtraFiles = attr, files
	c.cmd.WaitDelay = time.Second
	if attr != nil {
		c.cmd.Cancel = func() error { return netns.KillGroup(c.cmd.Process.Pid) }
	}
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.answer = json.NewDecoder(out)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", role, err)
	}
	return c, nil
}

// ask sends an order to the child and waits for its answer.
func (c *child) ask(order, value any) error {
	if err := c.send(order); err != nil {
		return c.lost(err)
	}
	return c.receive(value)
}

func (c *child) send(order any) error {
	c.orders.Lock()
	defer c.orders.Unlock()
	return json.NewEncoder(c.in).Encode(order)
}

// interrupt orders a child that plays a storm to end it now; one that has ended gets nothing.
func (c *child) interrupt() { _ = c.send(epochOrder{Stop: true}) }

func (c *child) receive(value any) error {
	defer c.unlessStopped()()
	var a answer
	for {
		a = answer{}
		if err := c.answer.Decode(&a); err != nil {
			return c.lost(err)
		}
		if a.Live == nil {
			break
		}
		if c.live != nil {
			c.live(*a.Live)
		}
	}
	switch {
	case a.Input:
		return InputError{errors.New(a.Error)}
	case a.Error != "":
		return errors.New(a.Error)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(a.Value, value)
}

// end lets the child end by itself: its input is closed.
func (c *child) end() error {
	if err := c.in.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return c.cmd.Wait()
}

// kill ends the child at once, and waits for the end of the user's own server; it may have ended already.
func (c *child) kill() { c.killAfter(c.grace) }

// killAfter gives the child that time to end by itself, and reports whether it had to be killed.
func (c *child) killAfter(grace time.Duration) (killed bool) {
	_ = c.in.Close()
	late := time.AfterFunc(grace, func() { _ = c.cmd.Process.Kill() })
	_ = c.cmd.Wait()
	killed = !late.Stop()
	c.tether.await()
	c.tether = nil
	return killed
}

// parent is the other end of the pipe, in the child.
type parent struct {
	orders *json.Decoder
	// read are the orders that were read ahead; nil while none are.
	read    chan json.RawMessage
	out     *json.Encoder
	answers sync.Mutex
	over    atomic.Bool
}

func newParent(stdin io.Reader, stdout io.Writer) *parent {
	return &parent{orders: json.NewDecoder(stdin), out: json.NewEncoder(stdout)}
}

func (p *parent) order(v any) error {
	if p.read == nil {
		return p.orders.Decode(v)
	}
	data, ok := <-p.read
	if !ok {
		return io.EOF
	}
	return json.Unmarshal(data, v)
}

// whileHeard reads orders ahead from now on. Its context is done when the parent has closed this process's
// input.
func (p *parent) whileHeard() context.Context {
	ctx, done := context.WithCancel(context.Background())
	p.read = make(chan json.RawMessage, 1)
	go func() {
		defer done()
		defer close(p.read)
		var data json.RawMessage
		for p.orders.Decode(&data) == nil {
			p.read <- append(json.RawMessage(nil), data...)
		}
	}()
	return ctx
}

func (p *parent) done() error { return p.answer(nil) }

func (p *parent) answer(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.send(answer{Value: data})
}

func (p *parent) fail(err error) error {
	return p.send(answer{Error: err.Error(), Input: errors.As(err, new(InputError))})
}

func (p *parent) send(a answer) error {
	p.answers.Lock()
	defer p.answers.Unlock()
	return p.out.Encode(a)
}

// next answers that what was asked for is done, and waits for the next order.
func (p *parent) next(order any) error {
	return inTurn(p.done, func() error { return p.order(order) })
}

// inTurn takes steps until one of them fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// endWithParent ends this process when its parent has closed its input before the
// last answer was given. Any order that comes meanwhile calls stop.
func (p *parent) endWithParent(stop func()) {
	go func() {
		var ignored json.RawMessage
		for p.orders.Decode(&ignored) == nil {
			stop()
		}
		if !p.over.Load() {
			os.Exit(1) // the result of this storm has no reader
		}
	}()
}

// lastAnswer is the answer after which the parent may close the child's input.
func (p *parent) lastAnswer() error {
	p.over.Store(true)
	return p.answer(nil)
}
