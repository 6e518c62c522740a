package apparmor

import (
	"fmt"
	"strconv"
	"strings"
)

// RequestError reports a request that ParseRequest does not understand.
type RequestError struct {
	Text   string // the request as given
	Offset int    // byte offset of the word at fault
	Msg    string // what is wrong and what to write instead
}

func (e *RequestError) Error() string {
	return fmt.Sprintf("request %q, byte %d: %s", e.Text, e.Offset, e.Msg)
}

// MaxRequest bounds the text of a request, in bytes.
const MaxRequest = 1 << 16

// ParseRequest reads a request in the form String writes, which is that of the rule that would allow it, without its comma:
//
//	/etc/shadow r                     owner /home/u/x rw             /usr/bin/id x
//	link /new -> /old                 capability sys_admin           network inet raw
//	network send inet stream          unix connect type=stream addr=@x label=app peer=(addr=@y label=other)
//	mount options=(ro, nosuid) fstype=ext4 /dev/sda -> /mnt/         umount /mnt/
//	pivot_root oldroot=/new/old/ /new/                               signal send set=term peer=other
//	ptrace read peer=other            dbus send bus=system path=/x interface=i member=m name=n peer=(label=other)
//	change_profile -> other           change_profile /bin/x -> other
//	userns create                     mqueue read label=app /queue   io_uring sqpoll
//
// Words with spaces are quoted. In file permissions c (create) and d (delete) are other names of w. The error is a
// *RequestError.
func ParseRequest(text string) (Request, error) {
	p := &requestParser{text: text}
	if len(text) > MaxRequest {
		return nil, &RequestError{Text: text[:80] + "...", Msg: fmt.Sprintf("longer than %d bytes", MaxRequest)}
	}
	p.split()
	q := p.request()
	if p.err == nil && p.at < len(p.words) {
		p.fail("unexpected %q", p.words[p.at].text)
	}
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// requestWord is one word: text, with quotes removed, and for key=value or key=(...) the key.
type requestWord struct {
	key, text string
	quoted    bool
	offset    int
}

type requestParser struct {
	text  string
	words []requestWord
	at    int
	err   error
}

func (p *requestParser) fail(format string, args ...any) {
	if p.err != nil {
		return
	}
	offset := len(p.text)
	if p.at < len(p.words) {
		offset = p.words[p.at].offset
	}
	p.err = &RequestError{Text: p.text, Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// split cuts the text into words at spaces outside quotes and parentheses.
func (p *requestParser) split() {
	s := p.text
	for i := 0; i < len(s) && p.err == nil; {
		if s[i] == ' ' || s[i] == '\t' {
			i++
			continue
		}
		w := requestWord{offset: i}
		if n := keyLength(s[i:]); n > 0 {
			w.key = s[i : i+n]
			i += n + 1
		}
		var n int
		w.text, n, w.quoted = readWord(s[i:], w.key != "")
		if n < 0 {
			p.err = &RequestError{Text: s, Offset: w.offset, Msg: "quote or parenthesis without its end"}
			return
		}
		i += n
		p.words = append(p.words, w)
	}
}

// keyLength returns the length of "key" in "key=...", 0 if the word has no key.
func keyLength(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '=' && i > 0 {
			return i
		}
		if c < 'a' || c > 'z' {
			return 0
		}
	}
	return 0
}

// readWord reads a quoted, parenthesised or bare word; n is -1 when it does not end.
func readWord(s string, value bool) (text string, n int, quoted bool) {
	if s == "" {
		return "", 0, false
	}
	if s[0] == '"' {
		text, n = readQuoted(s)
		return text, n, true
	}
	if s[0] == '(' && value {
		end := closing(s)
		if end < 0 {
			return "", -1, false
		}
		return s[1:end], end + 1, false
	}
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		end = len(s)
	}
	return s[:end], end, false
}

// closing returns the index of the parenthesis that ends s, which begins with one; -1 if there is none.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case ')':
			return i
		case '"':
			_, n := readQuoted(s[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		}
	}
	return -1
}

// readQuoted reads "..." with \" and \\ inside.
func readQuoted(s string) (string, int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", -1
}

// word takes the next bare word if it is the one given.
func (p *requestParser) word(w string) bool {
	if p.at < len(p.words) && p.words[p.at].key == "" && !p.words[p.at].quoted && p.words[p.at].text == w {
		p.at++
		return true
	}
	return false
}

// next takes the next word without a key.
func (p *requestParser) next(what string) string {
	if p.at == len(p.words) || p.words[p.at].key != "" {
		p.fail("%s expected", what)
		return ""
	}
	p.at++
	return p.words[p.at-1].text
}

// conds takes words of the form key=value while they have one of the keys.
func (p *requestParser) conds(set func(key, value string) bool) {
	for p.at < len(p.words) && p.words[p.at].key != "" {
		w := p.words[p.at]
		if !set(w.key, w.text) {
			p.fail("no condition %s= in this kind of request", w.key)
			return
		}
		p.at++
	}
}

// perms takes names of permissions; unknown words are left.
func (p *requestParser) perms(names []permName) uint32 {
	var bits uint32
	for p.at < len(p.words) && p.words[p.at].key == "" && !p.words[p.at].quoted {
		found := false
		for _, n := range names {
			if n.name == strings.TrimSuffix(p.words[p.at].text, ",") {
				bits |= n.bit
				found = true
			}
		}
		if !found {
			break
		}
		p.at++
	}
	return bits
}

// subconds splits the inside of parentheses into key=value pairs.
func (p *requestParser) subconds(inside string, set func(key, value string) bool) {
	sub := &requestParser{text: inside}
	sub.split()
	if sub.err != nil {
		p.fail("%v", sub.err)
		return
	}
	sub.conds(set)
	if sub.err != nil || sub.at < len(sub.words) {
		p.fail("cannot read %q", inside)
	}
}

func (p *requestParser) number(s, what string, bits int) int64 {
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		p.fail("%s is not a %s", s, what)
	}
	return n
}
