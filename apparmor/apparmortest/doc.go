// Package apparmortest tests AppArmor policy in Go unit tests, on any operating system and without privileges.
//
// A test is a table: on each line a request, in the form of a rule, and the answer it must get.
//
//	/etc/shadow r                      deny
//	/usr/bin/id x                      allow -> ix
//	capability sys_admin               deny quiet
//	network inet raw                   deny
//	signal send set=term peer=other    allow    # asks the profile only
//
// Check runs a table against one profile. A Suite runs several and then tells which rules no line exercised. A line that
// cannot be read fails the test, and so does policy that cannot be read: nothing is skipped.
package apparmortest
