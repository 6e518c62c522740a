package main

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// tables holds numbers.csv and introduced.csv.
type tables struct {
	columns []string // one per distinct number table, in the file's order
	names   []string // sorted
	numbers [][]int  // [column][name], -1 where the ABI lacks the call
	since   [][]int  // [column][name], index into versions, 0 where no source says
	version [][2]uint8
}

// absent marks a call that an ABI does not have.
const absent = -1

func readCSV(facts fs.FS, name string) ([][]string, error) {
	f, err := facts.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%s: no rows", name)
	}
	return rows, nil
}

func readTables(facts fs.FS) (*tables, error) {
	rows, err := readCSV(facts, "numbers.csv")
	if err != nil {
		return nil, err
	}
	t := &tables{columns: rows[0][1:]}
	t.numbers = make([][]int, len(t.columns))
	for i, row := range rows[1:] {
		if i > 0 && row[0] <= t.names[i-1] {
			return nil, fmt.Errorf("numbers.csv: %q is out of order", row[0])
		}
		t.names = append(t.names, row[0])
		for c, cell := range row[1:] {
			nr, err := parseNumber(cell)
			if err != nil {
				return nil, fmt.Errorf("numbers.csv: %s on %s: %w", row[0], t.columns[c], err)
			}
			t.numbers[c] = append(t.numbers[c], nr)
		}
	}
	if err := t.checkUnique(); err != nil {
		return nil, err
	}
	return t, t.readIntroduced(facts)
}

// parseNumber reads one cell of numbers.csv: empty, a dense number, or one of ARM's private numbers 0xf0001...
func parseNumber(cell string) (int, error) {
	if cell == "" {
		return absent, nil
	}
	nr, err := strconv.Atoi(cell)
	if err != nil {
		return 0, err
	}
	if nr < 0 || nr >= 1024 && (nr < armPrivate || nr > armPrivate+0xffe) {
		return 0, fmt.Errorf("number %d is outside the ranges the tables can hold", nr)
	}
	return nr, nil
}

func (t *tables) checkUnique() error {
	for c, column := range t.columns {
		seen := map[int]string{}
		for i, nr := range t.numbers[c] {
			if nr == absent {
				continue
			}
			if other, dup := seen[nr]; dup {
				return fmt.Errorf("numbers.csv: %s and %s are both %d on %s", other, t.names[i], nr, column)
			}
			seen[nr] = t.names[i]
		}
	}
	return nil
}

func (t *tables) readIntroduced(facts fs.FS) error {
	rows, err := readCSV(facts, "introduced.csv")
	if err != nil {
		return err
	}
	t.version = [][2]uint8{{}}
	t.since = make([][]int, len(t.columns))
	for c := range t.since {
		t.since[c] = make([]int, len(t.names))
	}
	for _, row := range rows[1:] {
		v, err := t.versionIndex(row[0])
		if err != nil {
			return err
		}
		for _, column := range strings.Fields(row[2]) {
			c := slices.Index(t.columns, column)
			if c < 0 {
				return fmt.Errorf("introduced.csv: no ABI %q", column)
			}
			for _, name := range strings.Fields(row[3]) {
				i, ok := slices.BinarySearch(t.names, name)
				switch {
				case !ok || t.numbers[c][i] == absent:
					return fmt.Errorf("introduced.csv: no %s on %s", name, column)
				case t.since[c][i] != 0:
					return fmt.Errorf("introduced.csv: %s on %s is given twice", name, column)
				}
				t.since[c][i] = v
			}
		}
	}
	return nil
}

// versionIndex returns the index of a version "5.1" in t.version, adding it on first use.
func (t *tables) versionIndex(s string) (int, error) {
	major, minor, _ := strings.Cut(s, ".")
	a, err := strconv.ParseUint(major, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("introduced.csv: version %q: %w", s, err)
	}
	b, err := strconv.ParseUint(minor, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("introduced.csv: version %q: %w", s, err)
	}
	v := [2]uint8{uint8(a), uint8(b)}
	if i := slices.Index(t.version, v); i > 0 {
		return i, nil
	}
	t.version = append(t.version, v)
	return len(t.version) - 1, nil
}

// errnos holds errno.csv.
type errnos struct {
	columns []string
	names   []string
	values  [][]int // [column][name], 0 where the ABI lacks the name
}

func readErrnos(facts fs.FS) (*errnos, error) {
	rows, err := readCSV(facts, "errno.csv")
	if err != nil {
		return nil, err
	}
	e := &errnos{columns: rows[0][1:]}
	e.values = make([][]int, len(e.columns))
	for i, row := range rows[1:] {
		if i > 0 && row[0] <= e.names[i-1] {
			return nil, fmt.Errorf("errno.csv: %q is out of order", row[0])
		}
		e.names = append(e.names, row[0])
		for c, cell := range row[1:] {
			n := 0
			if cell != "" {
				if n, err = strconv.Atoi(cell); err != nil || n < 1 || n > 4095 {
					return nil, fmt.Errorf("errno.csv: %s on %s: %q is no error number", row[0], e.columns[c], cell)
				}
			}
			e.values[c] = append(e.values[c], n)
		}
	}
	return e, nil
}
