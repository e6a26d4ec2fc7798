package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// file is one that is packed, with its bytes.
type file struct {
	name string
	mode int64
	text []byte
}

// program is the name of the binary of a system.
func (s system) program() string {
	if s.os == "windows" {
		return "agistorm.exe"
	}
	return "agistorm"
}

func cutSystem(name string) (system, arch string, err error) {
	system, arch, ok := strings.Cut(name, "_")
	if !ok {
		return "", "", fmt.Errorf("%s: want OS_ARCH", name)
	}
	return system, arch, nil
}

// binary is the program of a system.
func (r *release) binary(s system) (file, error) {
	text, err := os.ReadFile(filepath.Join(r.built, "bin", s.String(), s.program()))
	return file{s.program(), 0o755, text}, err
}

// texts are the files of a folder of what was built, in the order of their names.
func (r *release) texts(folder string) (all []file, err error) {
	entries, err := os.ReadDir(filepath.Join(r.built, folder))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(r.built, folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, file{path.Join(folder, entry.Name()), 0o644, text})
	}
	return all, nil
}

// archive packs the program of a system with its man pages, completions and texts: a zip for Windows, else a tar.gz.
func (r *release) archive(s system) error {
	program, err := r.binary(s)
	if err != nil {
		return err
	}
	all := []file{program}
	for _, folder := range []string{"texts", "man", "completions"} {
		texts, err := r.texts(folder)
		if err != nil {
			return err
		}
		all = append(all, texts...)
	}
	folder := fmt.Sprintf("agistorm_%s_%s", r.version, s)
	for i := range all {
		all[i].name = path.Join(folder, strings.TrimPrefix(all[i].name, "texts/"))
	}
	write, ending := r.writeTarGz, ".tar.gz"
	if s.os == "windows" {
		write, ending = r.writeZip, ".zip"
	}
	var out bytes.Buffer
	if err := write(&out, all); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, folder+ending), out.Bytes(), 0o644)
}

func (r *release) writeTarGz(w io.Writer, all []file) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := r.writeTar(compressed, all); err != nil {
		return err
	}
	return compressed.Close()
}

// writeTar writes files, each folder before what is in it.
func (r *release) writeTar(w io.Writer, all []file) error {
	out := tar.NewWriter(w)
	made := map[string]bool{".": true, "/": true}
	for _, f := range all {
		for _, dir := range missing(made, path.Dir(strings.TrimSuffix(f.name, "/"))) {
			if err := out.WriteHeader(r.header(file{dir + "/", 0o755, nil}, tar.TypeDir)); err != nil {
				return err
			}
		}
		kind := byte(tar.TypeReg)
		if strings.HasSuffix(f.name, "/") {
			kind = tar.TypeDir
			made[strings.TrimSuffix(f.name, "/")] = true
		}
		if err := out.WriteHeader(r.header(f, kind)); err != nil {
			return err
		}
		if _, err := out.Write(f.text); err != nil {
			return err
		}
	}
	return out.Close()
}

func (r *release) header(f file, kind byte) *tar.Header {
	return &tar.Header{
		Typeflag: kind, Name: f.name, Mode: f.mode, Size: int64(len(f.text)), ModTime: r.at, Format: tar.FormatUSTAR,
		Uname: "root", Gname: "root",
	}
}

// missing returns the folders above and at a path that were not made yet, the outermost first.
func missing(made map[string]bool, dir string) (all []string) {
	for ; !made[dir]; dir = path.Dir(dir) {
		made[dir] = true
		all = append(all, dir)
	}
	slices.Reverse(all)
	return all
}

func (r *release) writeZip(w io.Writer, all []file) error {
	out := zip.NewWriter(w)
	for _, f := range all {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: r.at}
		h.SetMode(os.FileMode(f.mode))
		one, err := out.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := one.Write(f.text); err != nil {
			return err
		}
	}
	return out.Close()
}
