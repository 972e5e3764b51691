// Reads and writes notes, proofs and tiles with Go's own golang.org/x/mod/sumdb, as test_go_tlog.py asks:
// one command a line on stdin, words separated by spaces, byte strings in hex; one answer a line on stdout.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func bytesOf(word string) []byte {
	raw, err := hex.DecodeString(strings.TrimPrefix(word, "x"))
	if err != nil {
		panic(err)
	}
	return raw
}

func number(word string) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func hashOf(word string) (h tlog.Hash) {
	copy(h[:], bytesOf(word))
	return h
}

func hashesOf(words []string) (hashes []tlog.Hash) {
	for _, word := range words {
		hashes = append(hashes, hashOf(word))
	}
	return hashes
}

func written(hashes []tlog.Hash) string {
	words := []string{"ok"}
	for _, h := range hashes {
		words = append(words, fmt.Sprintf("x%x", h[:]))
	}
	return strings.Join(words, " ")
}

// opened is a note's text, verified.
func opened(vkey string, msg []byte) (string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return "", err
	}
	return n.Text, nil
}

// checkpoint reads the three lines of a checkpoint.
func checkpoint(text string) (int64, tlog.Hash, error) {
	lines := strings.Split(text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}

// provenIn verifies a c2sp.org/tlog-proof with note.Open and tlog.CheckRecord.
func provenIn(vkey string, proof, entry []byte) error {
	parts := bytes.SplitN(proof, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("first line")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, h)
	}
	text, err := opened(vkey, parts[1])
	if err != nil {
		return err
	}
	size, root, err := checkpoint(text)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry))
}

// files gives tiles from a folder in the layout of c2sp.org/tlog-tiles.
type files struct{ folder string }

func (f files) Height() int { return 8 }

func (f files) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		// Go's own paths begin with the height: tile/8/L/N
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		raw, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		data = append(data, raw)
	}
	return data, nil
}

// throughTiles proves an entry and an earlier tree from a folder of tiles, each tile verified against the checkpoint.
func throughTiles(vkey, folder string, index, old int64, entry []byte, oldRoot tlog.Hash) error {
	msg, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	text, err := opened(vkey, msg)
	if err != nil {
		return err
	}
	size, root, err := checkpoint(text)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, files{folder})
	path, err := tlog.ProveRecord(size, index, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	proof, err := tlog.ProveTree(size, old, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, size, root, old, oldRoot)
}

// tree is a log in memory, of entries "0", "1", ….
func tree(size int64) (tlog.HashReaderFunc, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	for n := int64(0); n < size; n++ {
		more, err := tlog.StoredHashes(n, []byte(strconv.FormatInt(n, 10)), reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, more...)
	}
	return reader, nil
}

func answer(words []string) (string, error) {
	switch words[0] {
	case "open": // vkey note
		text, err := opened(words[1], bytesOf(words[2]))
		return fmt.Sprintf("ok x%x", text), err
	case "proof": // vkey proof entry
		return "ok", provenIn(words[1], bytesOf(words[2]), bytesOf(words[3]))
	case "tree": // new newRoot old oldRoot hashes…
		err := tlog.CheckTree(hashesOf(words[5:]), number(words[1]), hashOf(words[2]), number(words[3]), hashOf(words[4]))
		return "ok", err
	case "tiles": // vkey folder index old entry oldRoot
		err := throughTiles(words[1], string(bytesOf(words[2])), number(words[3]), number(words[4]), bytesOf(words[5]), hashOf(words[6]))
		return "ok", err
	case "generate": // name
		skey, vkey, err := note.GenerateKey(rand.Reader, words[1])
		return "ok " + skey + " " + vkey, err
	case "sign": // skey text
		signer, err := note.NewSigner(words[1])
		if err != nil {
			return "", err
		}
		msg, err := note.Sign(&note.Note{Text: string(bytesOf(words[2]))}, signer)
		return fmt.Sprintf("ok x%x", msg), err
	case "root": // size
		reader, err := tree(number(words[1]))
		if err != nil {
			return "", err
		}
		h, err := tlog.TreeHash(number(words[1]), reader)
		return written([]tlog.Hash{h}), err
	case "prove": // size index
		reader, err := tree(number(words[1]))
		if err != nil {
			return "", err
		}
		path, err := tlog.ProveRecord(number(words[1]), number(words[2]), reader)
		return written(path), err
	case "consistency": // new old
		reader, err := tree(number(words[1]))
		if err != nil {
			return "", err
		}
		proof, err := tlog.ProveTree(number(words[1]), number(words[2]), reader)
		return written(proof), err
	}
	return "", fmt.Errorf("unknown command %q", words[0])
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		said, err := answer(strings.Split(in.Text(), " "))
		if err != nil {
			said = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(said)
	}
}
