/* A stand-in for libportaudio.so.2: one microphone that does what a file says, faults included, which no real one does on demand.
 *
 *   gcc -shared -fPIC -Wl,-soname,libportaudio.so.2 -o libportaudio.so.2 portaudio.c
 *
 * The file (environment variable STANDIN_SCRIPT, or the array standin_script) holds one line and may be replaced while it runs:
 *
 *   MODE [card=7] [rate=8000] [channels=2] [speed=1.0]
 *
 *   sound       noise on the last channel, 0.25 on the others      frozen      no more samples, no error
 *   zeros       0 on all channels                                  remainder   16 samples that never get more; reading them hangs
 *   stuck       0.5 on all channels                                overflowed  Pa_GetStreamReadAvailable says -9981 for ever
 *   overrun     drops what waits, then goes on as sound            error       Pa_GetStreamReadAvailable says -9999 once, then 0
 *   absent      no device in the next session, frozen in this one  busy        Pa_OpenStream says -9985
 *   hang-X      the call X (initialize, open, available, read, close) never returns
 *
 * rate is the only sample rate that the device can do; speed is how many times as fast as it says it delivers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct { int version, type; const char *name; int devices, input, output; } HostApi;
typedef struct { int version; const char *name; int hostApi, inputs, outputs; double lowIn, lowOut, highIn, highOut, rate; } Device;
typedef struct { int device, channels; unsigned long format; double latency; void *more; } Parameters;
typedef struct { int version; double in, out, rate; } StreamInfo;
typedef struct { int type; long code; const char *text; } HostError;

char standin_script[512];

static struct { char mode[32]; int card, rate, channels; double speed; } script;
static struct { int channels, rate, started, failed; double produced, last; long taken; int dropped; unsigned noise; } stream;
static int present;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int is(const char *mode) { return !strcmp(script.mode, mode); }

static void hang(const char *call) {
    while (!strncmp(script.mode, "hang-", 5) && !strcmp(script.mode + 5, call)) usleep(100000);
}

static void follow(void) {
    char line[256] = "sound", *word, *rest = line;
    const char *path = standin_script[0] ? standin_script : getenv("STANDIN_SCRIPT");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file) {
        if (!fgets(line, sizeof line, file)) strcpy(line, "sound");
        fclose(file);
    }
    script.card = 7;
    script.rate = 8000;
    script.channels = 2;
    script.speed = 1;
    for (int first = 1; (word = strtok_r(rest, " \n", &rest)); first = 0) {
        if (first) snprintf(script.mode, sizeof script.mode, "%s", word);
        else if (!strncmp(word, "card=", 5)) script.card = atoi(word + 5);
        else if (!strncmp(word, "rate=", 5)) script.rate = atoi(word + 5);
        else if (!strncmp(word, "channels=", 9)) script.channels = atoi(word + 9);
        else if (!strncmp(word, "speed=", 6)) script.speed = atof(word + 6);
    }
}

const char *Pa_GetVersionText(void) { return "PortAudio V19 stand-in"; }
const char *Pa_GetErrorText(int code) {
    return code == -9997 ? "Invalid sample rate" : code == -9985 ? "Device unavailable" : code == -9999 ? "Unanticipated host error" : "Stand-in error";
}

int Pa_Initialize(void) {
    follow();
    hang("initialize");
    present = !is("absent");
    return 0;
}

int Pa_Terminate(void) { return is("error") ? -9999 : 0; }

const HostApi *Pa_GetHostApiInfo(int api) {
    static const HostApi alsa = {1, 8, "ALSA", 1, 0, 0};
    return api == 0 ? &alsa : NULL;
}

const HostError *Pa_GetLastHostErrorInfo(void) {
    static const HostError error = {8, -19, "No such device"};
    return &error;
}

int Pa_GetDeviceCount(void) { return present; }

const Device *Pa_GetDeviceInfo(int index) {
    static char name[64];
    static Device device;
    if (index != 0 || !present) return NULL;
    snprintf(name, sizeof name, "Stand-in Stethoscope: USB Audio (hw:%d,0)", script.card);
    device = (Device){2, name, 0, script.channels, 0, 0.01, 0, 0.1, 0, script.rate};
    return &device;
}

int Pa_OpenStream(void **out, const Parameters *in, const Parameters *none, double rate, unsigned long frames, unsigned long flags, void *callback, void *user) {
    (void)none, (void)frames, (void)flags, (void)callback, (void)user;
    follow();
    hang("open");
    if (is("busy")) return -9985;
    if (in->format != 1 || in->channels > script.channels) return -9998;
    if (rate != script.rate) return -9997;
    memset(&stream, 0, sizeof stream);
    stream.channels = in->channels;
    stream.rate = script.rate;
    stream.noise = 1;
    *out = &stream;
    return 0;
}

int Pa_StartStream(void *s) {
    (void)s;
    stream.started = 1;
    stream.last = now();
    return 0;
}

const StreamInfo *Pa_GetStreamInfo(void *s) {
    static StreamInfo info;
    (void)s;
    info = (StreamInfo){1, 0.1, 0, stream.rate};
    return &info;
}

long Pa_GetStreamReadAvailable(void *s) {
    double t = now(), elapsed = t - stream.last;
    (void)s;
    follow();
    hang("available");
    stream.last = t;
    if (is("overflowed")) return -9981;
    if (is("error") && !stream.failed) {
        stream.failed = 1;
        return -9999;
    }
    if (is("remainder")) return 16;
    if (is("frozen") || is("absent") || stream.failed) return 0;
    stream.produced += elapsed * stream.rate * script.speed;
    if (!is("overrun")) stream.dropped = 0;
    else if (!stream.dropped) {
        /* Half a second of sound is gone, and Pa_ReadStream tells of it. */
        stream.dropped = 1;
        stream.produced = stream.taken - 0.5 * stream.rate;
    }
    return stream.produced > stream.taken ? (long)stream.produced - stream.taken : 0;
}

int Pa_ReadStream(void *s, float *samples, unsigned long frames) {
    (void)s;
    hang("read");
    while (is("remainder")) usleep(100000);
    for (unsigned long i = 0; i < frames; i++)
        for (int c = 0; c < stream.channels; c++) {
            stream.noise = stream.noise * 1664525u + 1013904223u;
            *samples++ = is("zeros") ? 0 : is("stuck") ? 0.5f : c == stream.channels - 1 ? (int)stream.noise / 2147483648.0f / 10 : 0.25f;
        }
    stream.taken += frames;
    if (stream.dropped == 1) {
        stream.dropped = 2;
        return -9981;
    }
    return 0;
}

int Pa_AbortStream(void *s) {
    (void)s;
    return stream.failed ? -9999 : 0;
}

int Pa_CloseStream(void *s) {
    (void)s;
    hang("close");
    return stream.failed ? -9999 : 0;
}
