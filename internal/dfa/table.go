package dfa

// Table describes an automaton made elsewhere, such as the kernel's, so that it can be walked against one of ours.
type Table struct {
	States int                         // number of states; state 0 must be dead
	Start  int                         // the start state
	Step   func(state int, b byte) int // must return a state below States
	Label  func(state int) int32       // small and dense; 0 for nothing
}

// FromTable copies the reachable part of a table. The Step function is called 256 times for each state.
func FromTable(t Table) *DFA {
	d := &DFA{}
	rows, order := t.explore()
	d.class, d.rep = classifyRows(rows)
	for i, s := range order {
		d.label = append(d.label, t.Label(s))
		d.off = append(d.off, uint32(len(d.cls)))
		def := rows[i][d.rep[0]]
		d.def = append(d.def, State(def))
		for k, r := range d.rep {
			if to := rows[i][r]; to != def {
				d.cls = append(d.cls, uint8(k))
				d.to = append(d.to, State(to))
			}
		}
	}
	d.off = append(d.off, uint32(len(d.cls)))
	return d
}

// explore lists the reachable states, dead and start first, with their rows renumbered in that order.
func (t Table) explore() (rows []*[256]int32, order []int) {
	num := make(map[int]int32)
	add := func(s int) int32 {
		n, ok := num[s]
		if !ok {
			n = int32(len(order))
			num[s] = n
			order = append(order, s)
		}
		return n
	}
	add(0)
	if t.Start == 0 {
		order = append(order, 0)
	} else {
		add(t.Start)
	}
	for i := 0; i < len(order); i++ {
		row := new([256]int32)
		for c := range row {
			row[c] = add(t.Step(order[i], byte(c)))
		}
		rows = append(rows, row)
	}
	return rows, order
}

// classifyRows finds the bytes that every row treats alike.
func classifyRows(rows []*[256]int32) (class [256]uint8, rep []byte) {
	var id [256]int
	for _, row := range rows {
		type cell struct {
			id int
			to int32
		}
		fresh := make(map[cell]int)
		for c := range 256 {
			k := cell{id[c], row[c]}
			n, ok := fresh[k]
			if !ok {
				n = len(fresh)
				fresh[k] = n
			}
			id[c] = n
		}
		if len(fresh) == 256 {
			break
		}
	}
	return compact(&id)
}
