package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	"github.com/goreleaser/nfpm/v2/files"
)

const summary = "connect storms against FastAGI servers, and the queues of any listener"

const description = summary + `
agistorm makes many calls at once against a server with a listen queue, reports the outcome of every call and why, and
recommends backlog and net.core.somaxconn. Its verb inspect shows the accept queues of the servers of a host.`

// placed are the files of the package by their place; the folder of systemd is empty where the source has no unit.
var placed = []struct {
	folder string
	place  func(name string) string
	packed bool // by gzip, as Debian's policy asks
}{
	{"man", func(name string) string { return "/usr/share/man/man1/" + name + ".gz" }, true},
	{"completions", completionPlace, false},
	{"texts", textPlace, false},
	{"systemd", func(name string) string { return "/usr/lib/systemd/system/" + name }, false},
}

func completionPlace(name string) string {
	switch path.Ext(name) {
	case ".bash":
		return "/usr/share/bash-completion/completions/agistorm"
	case ".zsh":
		return "/usr/share/zsh/vendor-completions/_agistorm"
	case ".fish":
		return "/usr/share/fish/vendor_completions.d/agistorm.fish"
	}
	return "" // PowerShell's is for other systems
}

func textPlace(name string) string {
	if name == "LICENSE" {
		name = "copyright"
	}
	return "/usr/share/doc/agistorm/" + name
}

// debian writes the package of a system of Linux.
func (r *release) debian(s system) error {
	staged, err := os.MkdirTemp("", "agistorm-deb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	program, err := r.binary(s)
	if err != nil {
		return err
	}
	program.name = "/usr/bin/agistorm"
	all := []file{program}
	for _, p := range placed {
		texts, err := r.texts(p.folder)
		if err != nil {
			return err
		}
		for _, f := range texts {
			if f.name = p.place(path.Base(f.name)); f.name == "" {
				continue
			}
			if p.packed {
				f.text = squeezed(f.text)
			}
			all = append(all, f)
		}
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "agistorm", Arch: s.arch, Platform: "linux", Version: r.version, Section: "net", Priority: "optional",
		Maintainer: "The agistorm authors <agistorm@localhost>", Description: description, License: "MIT", MTime: r.at,
	})
	for _, f := range all {
		source := filepath.Join(staged, strings.ReplaceAll(f.name, "/", "_"))
		if err := os.WriteFile(source, f.text, 0o600); err != nil {
			return err
		}
		info.Contents = append(info.Contents, &files.Content{
			Source: source, Destination: f.name,
			FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: os.FileMode(f.mode), MTime: r.at},
		})
	}
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	packager, err := nfpm.Get("deb")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := packager.Package(info, &out); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, fmt.Sprintf("agistorm_%s_%s.deb", r.version, s.arch)), out.Bytes(), 0o644)
}

// squeezed returns a text by gzip, without a name and a time.
func squeezed(text []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one
	_, _ = w.Write(text)                                    // a buffer takes all
	_ = w.Close()
	return out.Bytes()
}
