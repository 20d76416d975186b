/* hold-thread TID: lets one thread of another process stand still, as a system call that never returns would, until this program ends. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	pid_t thread = count == 2 ? atoi(arguments[1]) : 0;

	if (thread <= 0) {
		fputs("usage: hold-thread TID\n", stderr);
		return 2;
	}
	if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0) || waitpid(thread, NULL, __WALL) < 0) {
		perror("hold-thread");
		return 1;
	}
	puts("held");
	fflush(stdout);
	waitpid(thread, NULL, __WALL); /* returns when the process is gone */
	return 0;
}
