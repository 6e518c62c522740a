package syntax

// File is one policy file: a profile file, a tunables file or an abstraction. What may stand where is not a matter of the
// tree: a file made to be included holds rules without a profile around them.
type File struct {
	Name  string
	Stmts []Stmt
	// End is the white space and comments after the last statement.
	End string

	src string // what Parse read, for error messages
}

// Stmt is a statement. The set is closed: *ABI, *Include, *Alias, *VarAssign, *BoolAssign, *Profile, *If, *Block, *FileRule,
// *LinkRule, *CapabilityRule, *ClassRule, *MountRule, *RlimitRule, *ChangeProfileRule, *AllRule and *Bad.
type Stmt interface {
	// Base returns the part all statements have.
	Base() *Node
	stmt()
}

// Node is what all statements have: where they are, and the text around them.
type Node struct {
	// Pos is the first character of the statement; zero when it was made by a program.
	Pos Pos
	// Before is the white space and comments since the previous statement, as written.
	Before string
	// After is a comment on the same line behind the statement, with the blanks before it.
	After string

	// text is how the statement was written, up to and including the "{" when it has a body. Print uses it as long as it
	// says what the fields say.
	text string
	// stop is the offset behind the statement, body and comment; Pos.Offset of one that followed without any space.
	stop int
}

// Base returns n.
func (n *Node) Base() *Node { return n }

func (n *Node) stmt() {}

// Text returns the statement as it was written, up to the "{" of its body, or "" when it was made by a program.
func (n *Node) Text() string { return n.text }

// Body is the part of a statement in braces.
type Body struct {
	Stmts []Stmt
	// End is the white space and comments before the closing brace.
	End string

	unclosed bool // the file ended first
	start    int  // offset behind the opening brace
	stop     int  // offset of what follows End
}

// ABI is "abi <abi/4.0>,".
type ABI struct {
	Node
	Path string
	// Magic is the form <path>, looked up in the include directories.
	Magic bool
}

// Include is "include <path>", "include if exists "path"", or the same with #include.
type Include struct {
	Node
	Path     string
	Magic    bool // <path>
	IfExists bool
	Legacy   bool // #include, deprecated
}

// Alias is "alias /from -> /to,".
type Alias struct {
	Node
	From, To string
}

// AssignOp is the operator of an assignment.
type AssignOp uint8

// The assignment operators.
const (
	Assign         AssignOp = iota // =   an error when already set
	AssignAdd                      // +=  add to a set that exists
	AssignDefault                  // ?=  set only when not yet set
	AssignOverride                 // :=  set whether or not already set
)

// String returns the operator.
func (op AssignOp) String() string { return [...]string{"=", "+=", "?=", ":="}[op&3] }

// VarAssign is "@{NAME} = values".
type VarAssign struct {
	Node
	Name   string // without @ and braces
	Op     AssignOp
	Values []string
}

// BoolAssign is "$NAME = expression".
type BoolAssign struct {
	Node
	Name string // without $ and braces
	Op   AssignOp
	Expr Expr
}

// ProfileKind is how a profile's header begins.
type ProfileKind uint8

// The kinds of profile header.
const (
	PlainProfile ProfileKind = iota // profile name {
	PathProfile                     // /path {  or :ns:name {
	HatProfile                      // hat name {
	CaretHat                        // ^name {
)

// Profile is a profile, child profile or hat, with its body.
type Profile struct {
	Node
	Kind       ProfileKind
	Name       string
	Attachment string
	// Group is xattrs=(...), or another group by mistake; nil for none.
	Group *Group
	// Identities are the values of all +identities=(...), in order.
	Identities []string
	// Flags are the words of flags=(...). BareFlags is the form without "flags=".
	Flags     []string
	BareFlags bool
	Body      Body
}

// If is "if expr { ... }" with what follows: Else is nil, *If or *Block.
type If struct {
	Node
	Cond Expr
	Body Body
	// Else is the else branch. Its Node.Before is what stands between "}" and "else", and its text begins with "else".
	Else Stmt
}

// Block is "audit deny { ... }", or the last branch of an If. Its qualifiers apply to the file rules in it.
type Block struct {
	Node
	Prefix Prefix
	Body   Body
}

// Bad is text that is not policy. Parse puts it where it gave up on a statement, so that Print still prints everything.
type Bad struct {
	Node
}

// Size returns how many bytes of text the file was parsed from; 0 for a file made by a program.
func (f *File) Size() int { return len(f.src) }
