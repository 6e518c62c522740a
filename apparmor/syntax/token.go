package syntax

// kind is a token's kind. The scanner's mode decides which kinds can appear; see scanner.next.
type kind uint8

const (
	tokEOF      kind = iota
	tokIllegal       // a character that cannot start a token in the current mode
	tokID            // path, label or word
	tokValue         // value of an assignment, list or condition
	tokMode          // file permissions, "rwPx"
	tokSetVar        // @{X} or @X
	tokBoolVar       // ${X} or $X
	tokCond          // name of a condition, before = or in
	tokCondList      // peer or xattrs, before =(
	tokPerm          // permission word of a class rule: send, bind, ...
	tokInclude       // include or #include, with its path; see token.flags

	tokEOL // end of the line that ends an assignment

	tokComma      // , that ends a rule
	tokLBrace     // {
	tokRBrace     // }
	tokLParen     // (
	tokRParen     // )
	tokColon      // :
	tokPlus       // +
	tokCaret      // ^
	tokArrow      // ->
	tokEquals     // =
	tokAddAssign  // +=
	tokCondAssign // ?=
	tokOverride   // :=
	tokEQ         // ==
	tokNE         // !=
	tokLT         // <
	tokLE         // <=
	tokGT         // >
	tokGE         // >=

	// Keywords, from here on.
	kwAbi
	kwAlias
	kwAll
	kwAllow
	kwAnd
	kwAudit
	kwCapability
	kwChangeProfile
	kwDbus
	kwDefined
	kwDeny
	kwElse
	kwFile
	kwFlags
	kwHat
	kwIdentities
	kwIf
	kwIn
	kwIOUring
	kwLink
	kwMount
	kwMqueue
	kwNetwork
	kwNot
	kwOr
	kwOther
	kwOwner
	kwPivotRoot
	kwPriority
	kwProfile
	kwPrompt
	kwPtrace
	kwRemount
	kwRlimit
	kwSafe
	kwSet
	kwSignal
	kwSubset
	kwUmount
	kwUnix
	kwUnsafe
	kwUserns
)

// token is one token: src[start:end], after white space and comments src[before:start].
type token struct {
	kind       kind
	flags      uint8
	start, end int
}

// Flags of a tokInclude or of the path token of an abi rule.
const (
	flagIfExists = 1 << iota // include if exists
	flagLegacy               // #include
	flagMagic                // <path>
)

// keyword returns the kind of a word in policy (outside of any rule that has words of its own), or tokID.
func keyword(word string) kind {
	if k := ruleKeyword(word); k != tokID {
		return k
	}
	switch word {
	case "allow":
		return kwAllow
	case "and":
		return kwAnd
	case "audit":
		return kwAudit
	case "defined":
		return kwDefined
	case "deny":
		return kwDeny
	case "else":
		return kwElse
	case "if":
		return kwIf
	case "in":
		return kwIn
	case "not":
		return kwNot
	case "or":
		return kwOr
	case "other":
		return kwOther
	case "owner", "user":
		return kwOwner
	case "priority":
		return kwPriority
	case "prompt":
		return kwPrompt
	case "safe":
		return kwSafe
	case "send", "receive", "bind", "read", "write", "eavesdrop", "trace", "tracedby", "readby", "delete", "open",
		"override_creds", "sqpoll", "peer":
		return tokPerm
	case "subset":
		return kwSubset
	case "unsafe":
		return kwUnsafe
	}
	return tokID
}

// ruleKeyword returns the kind of a word that begins a statement, or tokID.
func ruleKeyword(word string) kind {
	switch word {
	case "abi":
		return kwAbi
	case "alias", "rewrite":
		return kwAlias
	case "all":
		return kwAll
	case "capability":
		return kwCapability
	case "change_profile":
		return kwChangeProfile
	case "dbus":
		return kwDbus
	case "file":
		return kwFile
	case "io_uring":
		return kwIOUring
	case "link":
		return kwLink
	case "mount":
		return kwMount
	case "mqueue":
		return kwMqueue
	case "network":
		return kwNetwork
	case "pivot_root":
		return kwPivotRoot
	case "ptrace":
		return kwPtrace
	case "remount":
		return kwRemount
	case "rlimit":
		return kwRlimit
	case "set":
		return kwSet
	case "signal":
		return kwSignal
	case "umount", "unmount":
		return kwUmount
	case "unix":
		return kwUnix
	case "userns":
		return kwUserns
	}
	return tokID
}
