// Command dist packs what scripts/dist/build has built: archives, Debian packages and container images. Every file in
// them has the time of SOURCE_DATE_EPOCH and the owner root, so that the same source gives the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "dist: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	var r release
	flags.StringVar(&r.version, "version", "", "version of the release, such as 1.2.3")
	flags.StringVar(&r.built, "built", "", "`directory` of what was built: bin/OS_ARCH, man, completions and texts")
	flags.StringVar(&r.out, "o", "", "`directory` for the packages")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if r.version == "" || r.built == "" || r.out == "" || flags.NArg() > 0 {
		return errors.New("usage: dist -version VERSION -built DIR -o DIR")
	}
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: want seconds since 1970: %w", err)
	}
	r.at = time.Unix(seconds, 0).UTC()
	return r.pack()
}

// release is one version for all systems.
type release struct {
	version, built, out string
	// at is the time of all files.
	at time.Time
}

// system is a GOOS and GOARCH.
type system struct{ os, arch string }

func (s system) String() string { return s.os + "_" + s.arch }

// systems that a release has, as bin has them; debian and images are for those of Linux.
func (r *release) systems() (all []system, err error) {
	dirs, err := filepath.Glob(filepath.Join(r.built, "bin", "*_*"))
	if err != nil || len(dirs) == 0 {
		return nil, fmt.Errorf("%s has no bin/OS_ARCH: %w", r.built, errors.Join(err, os.ErrNotExist))
	}
	for _, dir := range dirs {
		var s system
		if s.os, s.arch, err = cutSystem(filepath.Base(dir)); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (r *release) pack() error {
	all, err := r.systems()
	if err != nil {
		return err
	}
	var linux []system
	for _, s := range all {
		if err := r.archive(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		if s.os != "linux" {
			continue
		}
		linux = append(linux, s)
		if err := r.debian(s); err != nil {
			return fmt.Errorf("%s: .deb: %w", s, err)
		}
	}
	if err := r.images(linux); err != nil {
		return fmt.Errorf("container image: %w", err)
	}
	return r.sums()
}
