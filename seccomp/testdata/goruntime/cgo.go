//go:build cgo

package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *worker(void *arg) {
	char *p = malloc(1 << 20);
	struct timespec ts = {0, 1000000};
	memset(p, 1, 1 << 20);
	nanosleep(&ts, NULL);
	free(p);
	return arg;
}

// spawn runs n threads and returns how many ended as they should.
static int spawn(int n) {
	pthread_t t[64];
	int started = 0, good = 0;
	for (int i = 0; i < n && i < 64; i++)
		if (pthread_create(&t[started], NULL, worker, &t[started]) == 0)
			started++;
	for (int i = 0; i < started; i++) {
		void *ret;
		if (pthread_join(t[i], &ret) == 0 && ret == &t[i])
			good++;
	}
	return good;
}
*/
import "C"

import (
	"fmt"
	"sync"
)

// callC makes threads in C and calls C from many goroutines.
func callC() error {
	if n := C.spawn(32); n != 32 {
		return fmt.Errorf("%d of 32 C threads", n)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		wg.Go(func() {
			if n := C.spawn(2); n != 2 {
				errs <- fmt.Errorf("%d of 2 C threads", n)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
