/* Stands in for libmosquitto 1.4 (JetPack 4): has the functions of that version that are called, and hands them on to the real library, and none of MQTT 5.
 * Compiled with REAL, the path of the real one. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct mosquitto M;

static void *real(const char *name) {
    static void *library;
    if (!library) library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
    void *function = library ? dlsym(library, name) : NULL;
    if (!function) {
        fprintf(stderr, "mosquitto14: %s\n", dlerror());
        abort();
    }
    return function;
}

#define PASS(type, name, parameters, arguments) \
    type name parameters { return ((type(*) parameters)real(#name)) arguments; }

int mosquitto_lib_version(int *major, int *minor, int *revision) {
    *major = 1, *minor = 4, *revision = 15;
    return 1004015;
}

PASS(int, mosquitto_lib_init, (void), ())
PASS(M *, mosquitto_new, (const char *id, bool clean, void *data), (id, clean, data))
PASS(void, mosquitto_destroy, (M *m), (m))
PASS(int, mosquitto_threaded_set, (M *m, bool threaded), (m, threaded))
PASS(int, mosquitto_max_inflight_messages_set, (M *m, unsigned n), (m, n))
PASS(int, mosquitto_username_pw_set, (M *m, const char *user, const char *password), (m, user, password))
PASS(int, mosquitto_tls_set, (M *m, const char *ca, const char *folder, const char *certificate, const char *key, int (*ask)(char *, int, int, void *)), (m, ca, folder, certificate, key, ask))
PASS(int, mosquitto_tls_insecure_set, (M *m, bool insecure), (m, insecure))
PASS(int, mosquitto_will_set, (M *m, const char *topic, int length, const void *payload, int qos, bool retain), (m, topic, length, payload, qos, retain))
PASS(int, mosquitto_connect, (M *m, const char *host, int port, int keepalive), (m, host, port, keepalive))
PASS(int, mosquitto_reconnect, (M *m), (m))
PASS(int, mosquitto_disconnect, (M *m), (m))
PASS(int, mosquitto_loop, (M *m, int timeout, int packets), (m, timeout, packets))
PASS(int, mosquitto_publish, (M *m, int *id, const char *topic, int length, const void *payload, int qos, bool retain), (m, id, topic, length, payload, qos, retain))
PASS(int, mosquitto_pub_topic_check, (const char *topic), (topic))
PASS(int, mosquitto_subscribe, (M *m, int *id, const char *topic, int qos), (m, id, topic, qos))
PASS(void, mosquitto_connect_callback_set, (M *m, void (*f)(M *, void *, int)), (m, f))
PASS(void, mosquitto_disconnect_callback_set, (M *m, void (*f)(M *, void *, int)), (m, f))
PASS(void, mosquitto_publish_callback_set, (M *m, void (*f)(M *, void *, int)), (m, f))
PASS(void, mosquitto_message_callback_set, (M *m, void (*f)(M *, void *, const void *)), (m, f))
PASS(void, mosquitto_log_callback_set, (M *m, void (*f)(M *, void *, int, const char *)), (m, f))
PASS(const char *, mosquitto_strerror, (int code), (code))
PASS(const char *, mosquitto_connack_string, (int code), (code))
