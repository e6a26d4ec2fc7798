package lab

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"agistorm/target/command"
	"agistorm/target/netns"
)

// A cell with the user's own server, and the process that follows the server, have an end each of two pipes of the
// sweep's own process, which outlives both. What the server gets to end by itself so counts for the sweep, too.
const (
	// heldPipe is an end for writing that is held: when the last has closed it, the server is gone.
	heldPipe = 3
	// hurryPipe is an end for reading: a byte ends the server at once.
	hurryPipe = 4
)

// ownEnds are this process's ends. What it starts does not have them by itself.
var ownEnds = sync.OnceValue(func() []*os.File {
	syscall.CloseOnExec(heldPipe)
	syscall.CloseOnExec(hurryPipe)
	return []*os.File{os.NewFile(heldPipe, "held"), os.NewFile(hurryPipe, "hurry")}
})

// tether is the other side of the two pipes.
type tether struct{ held, hurry *os.File }

// tethers are those to the servers that may run.
var tethers struct {
	sync.Mutex
	all map[*tether]bool
}

// EndServers kills the users' own servers that run, with their children, and does not wait for their end.
func EndServers() {
	tethers.Lock()
	defer tethers.Unlock()
	for t := range tethers.all {
		_, _ = t.hurry.Write([]byte{1}) // one that is gone needs none
	}
}

// startCell starts a process in namespaces of its own, with a tether to the user's own server.
func startCell(ctx context.Context, role string, mode netns.Mode, o *cellOrder) (*child, error) {
	attr := netns.Attributes(mode)
	if o.Server == nil {
		return startChild(ctx, role, attr)
	}
	t, theirs, err := newTether()
	if err != nil {
		return nil, err
	}
	c, err := startChild(ctx, role, attr, theirs...)
	for _, end := range theirs {
		_ = end.Close() // the child has its own
	}
	if err != nil {
		t.await()
		return nil, err
	}
	c.tether = t
	return c, nil
}

// newTether returns both sides, that of the child in the order of its descriptors.
func newTether() (t *tether, theirs []*os.File, err error) {
	held, writer, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	reader, hurry, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, held.Close(), writer.Close())
	}
	t = &tether{held, hurry}
	tethers.Lock()
	defer tethers.Unlock()
	if tethers.all == nil {
		tethers.all = map[*tether]bool{}
	}
	tethers.all[t] = true
	return t, []*os.File{writer, reader}, nil
}

// endsWithin bounds the wait for the end of a server: SIGTERM and SIGKILL have a grace each.
const endsWithin = 3 * command.DefaultGrace

// await waits until the server is gone with its children, and with what followed it. Without a tether there is no
// server.
func (t *tether) await() {
	if t == nil {
		return
	}
	_ = t.held.SetReadDeadline(time.Now().Add(endsWithin))
	_, _ = t.held.Read(make([]byte, 1)) // nothing is ever written: it is the end, or the deadline
	tethers.Lock()
	defer tethers.Unlock()
	delete(tethers.all, t)
	_, _ = t.held.Close(), t.hurry.Close()
}

// hurryOn ends the server at once when the sweep's own process asks for it.
func hurryOn(server *command.Server) {
	go func() {
		if n, _ := ownEnds()[hurryPipe-heldPipe].Read(make([]byte, 1)); n > 0 {
			server.Hurry()
		}
	}()
}
