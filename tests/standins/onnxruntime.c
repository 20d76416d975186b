/* Stands in for an ONNX Runtime that was built with TensorRT and CUDA, on a machine that has neither: loads a real library (1.11 to 1.29), computes everything on that one's CPU,
 * and does around it what the GPU's providers do – lists them, takes options by release, builds and loads engines in a cache folder, and fails in every way that a GPU fails.
 *
 *   gcc -shared -fPIC -O1 -Wall -Werror -o libonnxruntime.so.1 onnxruntime.c -ldl -lpthread
 *
 * What it does is said by variables of the environment, each of which is also looked for, first and anew at every call, in the file that HEARTSOUND_STANDIN_FILE names: lines
 * NAME=VALUE with the names below, without HEARTSOUND_STANDIN_. So a running process can be changed from outside. Replace the file with a rename.
 *
 *   HEARTSOUND_STANDIN_REAL            the real libonnxruntime.so.1, or its folder. Read once; needed
 *   HEARTSOUND_STANDIN_VERSION         the release to pretend, such as 1.16.3; not above the real one's minor number, without it the real one. Read once
 *   HEARTSOUND_STANDIN_TENSORRT        what TensorRT does, and ..._CUDA what CUDA does: WORD[=NUMBER][:fp16][:after N], "right" without it
 *       right          as it should
 *       slightly       every output + 0.001          wrong      every output + 1          permuted   outputs in reverse order          nan   not a number
 *       crash          SIGSEGV in Run                hang       Run never returns         slow=MS    Run takes MS milliseconds longer
 *       oom            Run fails, out of memory      leak=KB    each Run keeps KB kilobytes
 *       lost           the device is gone: Run fails, and no session can be made
 *       crashBuild     SIGSEGV with the engine half written          hangBuild   making a session never returns          failBuild   making a session fails, out of memory
 *       absent         the build does not list it, nor know it       unusable    listed, and its library cannot be loaded
 *     ":fp16" limits it to sessions with trt_fp16_enable, ":after N" to what comes after N runs of this process with that provider.
 *   HEARTSOUND_STANDIN_BUILD_SECONDS   how long an engine takes to build (0); a quarter of it with a timing cache
 *   HEARTSOUND_STANDIN_ENGINE_BYTES    how large it is (100000)
 *   HEARTSOUND_STANDIN_SM              compute capability in the names of files (53)
 *   HEARTSOUND_STANDIN_LOG             a file that gets a line for every option list ("tensorrt key=value key=value"), "build FILE", "load FILE" and "session tensorrt|cuda|cpu"
 *
 * In a process that cannot set its environment any more, write the path of that file into the exported standin_file, and that of the real library into standin_real.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char standin_file[4096], standin_real[4096];

/* OrtErrorCode and the places in OrtApi (onnxruntime_c_api.h); the table is append-only. 209 slots are what API 11 has, and all that any program here uses. */
enum { FAIL = 1, RUNTIME_EXCEPTION = 6, EP_FAIL = 11 };
enum {
    CREATE_STATUS = 0, CREATE_SESSION_FROM_ARRAY = 8, RUN = 9, GET_TENSOR_MUTABLE_DATA = 51, GET_TENSOR_SHAPE_ELEMENT_COUNT = 64, GET_TENSOR_TYPE_AND_SHAPE = 65, RELEASE_SESSION = 95,
    RELEASE_TENSOR_TYPE_AND_SHAPE = 99, RELEASE_SESSION_OPTIONS = 100, GET_AVAILABLE_PROVIDERS = 125, RELEASE_AVAILABLE_PROVIDERS = 126, APPEND_TENSORRT = 170, CREATE_TENSORRT = 171,
    UPDATE_TENSORRT = 172, RELEASE_TENSORRT = 174, APPEND_CUDA = 204, CREATE_CUDA = 205, UPDATE_CUDA = 206, RELEASE_CUDA = 208, SLOTS = 209, TABLE = 512
};

typedef struct { const void *(*get_api)(uint32_t); const char *(*version)(void); } Base;
typedef void *Status;
typedef enum { CPU, CUDA, TENSORRT, KINDS } Kind;
typedef struct { const char *key; int since, until; bool is_flag; } Key;
typedef struct { Kind kind; bool fp16, caches, times; char cache[2048], timing[2048]; } Options;
typedef struct { char word[32]; double number; bool is_active; } Behaviour;
typedef struct Record { const void *owner; Options options; struct Record *next; } Record;

static void *table[TABLE];
static void **real;
static const char *version;
static int minor_version;
static long runs[KINDS];
static Record *records;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static const char *const names[KINDS] = {"CPU", "CUDA", "TENSORRT"}, *const words[KINDS] = {"cpu", "cuda", "tensorrt"};
static const char *const listed[KINDS] = {"CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"};

#define REAL(slot, type, ...) ((type(*)(__VA_ARGS__))real[slot])

/* tensorrt_execution_provider_info.cc and cuda_execution_provider_info.cc of the releases. */
static const Key tensorrt_keys[] = {
    {"device_id", 0, 99, false}, {"trt_max_partition_iterations", 0, 99, false}, {"trt_min_subgraph_size", 0, 99, false}, {"trt_max_workspace_size", 0, 99, false},
    {"trt_fp16_enable", 0, 99, true}, {"trt_int8_enable", 0, 99, true}, {"trt_int8_calibration_table_name", 0, 99, false}, {"trt_int8_use_native_calibration_table", 0, 99, true},
    {"trt_dla_enable", 0, 99, true}, {"trt_dla_core", 0, 99, false}, {"trt_dump_subgraphs", 0, 99, true}, {"trt_engine_cache_enable", 0, 99, true}, {"trt_engine_cache_path", 0, 99, false},
    {"trt_engine_decryption_enable", 0, 99, true}, {"trt_engine_decryption_lib_path", 0, 99, false}, {"trt_force_sequential_engine_build", 0, 99, true},
    {"trt_context_memory_sharing_enable", 12, 99, true}, {"trt_layer_norm_fp32_fallback", 14, 99, true}, {"trt_timing_cache_enable", 15, 99, true}, {"trt_force_timing_cache_match", 15, 16, true}, {"trt_force_timing_cache", 17, 99, true},
    {"trt_detailed_build_log", 15, 99, true}, {"trt_build_heuristics_enable", 15, 99, true}, {"trt_sparsity_enable", 15, 99, true}, {"trt_builder_optimization_level", 15, 99, false},
    {"trt_auxiliary_streams", 15, 99, false}, {"trt_tactic_sources", 15, 99, false}, {"trt_extra_plugin_lib_paths", 15, 99, false}, {"trt_profile_min_shapes", 15, 99, false},
    {"trt_profile_max_shapes", 15, 99, false}, {"trt_profile_opt_shapes", 15, 99, false}, {"trt_cuda_graph_enable", 16, 99, true}, {"trt_engine_cache_prefix", 17, 99, false}, {"trt_timing_cache_path", 17, 99, false},
    {"trt_dump_ep_context_model", 17, 99, true}, {"trt_ep_context_file_path", 17, 99, false}, {"trt_ep_context_embed_mode", 17, 99, false}, {NULL, 0, 0, false}};
static const Key cuda_keys[] = {
    {"device_id", 0, 99, false}, {"gpu_mem_limit", 0, 99, false}, {"arena_extend_strategy", 0, 99, false}, {"cudnn_conv_algo_search", 0, 99, false}, {"do_copy_in_default_stream", 0, 99, true},
    {"cudnn_conv_use_max_workspace", 0, 99, true}, {"enable_cuda_graph", 0, 99, true}, {"cudnn_conv1d_pad_to_nc1d", 0, 99, true}, {"tunable_op_enable", 15, 99, true}, {NULL, 0, 0, false}};

/* The value of a variable, in the file or in the environment; valid until this thread asks again for the same slot. */
static const char *variable(const char *name, const char *otherwise) {
    static _Thread_local char values[4][4096];
    static _Thread_local unsigned next;
    char *value = values[next++ % 4], line[4096], full[128];
    const char *path = standin_file[0] ? standin_file : getenv("HEARTSOUND_STANDIN_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    size_t length = strlen(name);
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if ((found = !strncmp(line, name, length) && line[length] == '=')) strcpy(value, line + length + 1);
    }
    if (file) fclose(file);
    if (found) return value;
    snprintf(full, sizeof full, "HEARTSOUND_STANDIN_%s", name);
    const char *own = getenv(full);
    return own ? own : otherwise;
}

static void say(const char *format, const char *what) {
    const char *path = variable("LOG", NULL);
    FILE *file = path ? fopen(path, "ae") : NULL;
    if (!file) return;
    fprintf(file, format, what);
    fclose(file);
}

static void rest(double seconds) {
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&time, &time)) { }
}

__attribute__((noreturn)) static void hang(void) {
    for (;;) pause();
}

static void crash(void) { *(volatile int *)8 = 0; }

static Status fault(int code, const char *format, const char *what) {
    char text[5000];
    snprintf(text, sizeof text, format, what);
    return REAL(CREATE_STATUS, Status, int, const char *)(code, text);
}

static Behaviour behaviour(Kind kind, bool fp16) {
    Behaviour result = {"right", 0, true};
    if (kind == CPU) return result;
    char text[256];
    snprintf(text, sizeof text, "%s", variable(names[kind], "right"));
    char *rest_of = text, *part = strsep(&rest_of, ":");
    char *number = strchr(part, '=');
    if (number) *number++ = 0, result.number = atof(number);
    snprintf(result.word, sizeof result.word, "%s", part);
    while ((part = strsep(&rest_of, ":"))) {
        if (!strcmp(part, "fp16")) result.is_active &= fp16;
        else if (!strncmp(part, "after", 5)) result.is_active &= __atomic_load_n(&runs[kind], __ATOMIC_RELAXED) >= atol(part + 5);
    }
    static const char known[] = " right slightly wrong permuted nan crash hang slow oom leak lost crashBuild hangBuild failBuild absent unusable ";
    char word[40];
    snprintf(word, sizeof word, " %s ", result.word);
    if (!strstr(known, word)) {
        fprintf(stderr, "standin: %s is nothing that it can do\n", result.word);
        abort();
    }
    return result;
}

static bool is(const Behaviour *now, const char *word) { return now->is_active && !strcmp(now->word, word); }

/* What was appended to session options, or what a session was made with. */
static Record *find(const void *owner) {
    Record *record = records;
    while (record && record->owner != owner) record = record->next;
    return record;
}

static void remember(const void *owner, const Options *options) {
    pthread_mutex_lock(&gate);
    if (!find(owner)) {
        Record *record = malloc(sizeof *record);
        *record = (Record){owner, *options, records};
        records = record;
    }
    pthread_mutex_unlock(&gate);
}

static bool recall(const void *owner, Options *options, bool forget) {
    pthread_mutex_lock(&gate);
    Record *record = find(owner), **link = &records;
    if (record) *options = record->options;
    while (record && forget && *link != record) link = &(*link)->next;
    if (record && forget) *link = record->next, free(record);
    pthread_mutex_unlock(&gate);
    return record != NULL;
}

/* Providers. */

static Status get_available_providers(char ***out, int *count) {
    char **list = calloc(KINDS, sizeof *list);
    *count = 0;
    for (int kind = TENSORRT; kind >= CPU; kind--) {
        Behaviour now = behaviour(kind, false);
        if (!is(&now, "absent")) list[(*count)++] = strdup(listed[kind]);
    }
    *out = list;
    return NULL;
}

static Status release_available_providers(char **list, int count) {
    while (count > 0) free(list[--count]);
    free(list);
    return NULL;
}

static Status not_enabled(Kind kind) { return fault(FAIL, "%s execution provider is not enabled in this build.", kind == CUDA ? "CUDA" : "TensorRT"); }

static Status create_options(Kind kind, Options **out) {
    Behaviour now = behaviour(kind, false);
    if (is(&now, "absent")) return not_enabled(kind);
    *out = calloc(1, sizeof **out);
    (*out)->kind = kind;
    return NULL;
}

static Status update_options(Options *options, const Key *known, const char *const *keys, const char *const *values, size_t count) {
    char line[8192] = "";
    Behaviour now = behaviour(options->kind, false);
    if (is(&now, "unusable")) return fault(FAIL, "/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1209 void onnxruntime::ProviderSharedLibrary::Ensure() Failed to load library libonnxruntime_providers_%s.so with error: libnvinfer.so.8: cannot open shared object file: No such file or directory", words[options->kind]);
    for (size_t i = 0; i < count; i++) {
        const Key *key = known;
        while (key->key && (strcmp(key->key, keys[i]) || minor_version < key->since || minor_version > key->until)) key++;
        if (!key->key) return fault(RUNTIME_EXCEPTION, "/onnxruntime_src/onnxruntime/core/framework/provider_options_utils.h:148 onnxruntime::common::Status onnxruntime::ProviderOptionsParser::Parse(const ProviderOptions&) const Unknown provider option: \"%s\".\n", keys[i]);
        bool is_on = !strcmp(values[i], "1");
        if (key->is_flag && !is_on && strcmp(values[i], "0")) return fault(RUNTIME_EXCEPTION, "Failed to parse provider option \"%s\": neither 0 nor 1", keys[i]);
        if (!strcmp(keys[i], "trt_fp16_enable")) options->fp16 = is_on;
        if (!strcmp(keys[i], "trt_engine_cache_enable")) options->caches = is_on;
        if (!strcmp(keys[i], "trt_timing_cache_enable")) options->times = is_on;
        if (!strcmp(keys[i], "trt_engine_cache_path")) snprintf(options->cache, sizeof options->cache, "%s", values[i]);
        if (!strcmp(keys[i], "trt_timing_cache_path")) snprintf(options->timing, sizeof options->timing, "%s", values[i]);
        snprintf(line + strlen(line), sizeof line - strlen(line), " %s=%s", keys[i], values[i]);
    }
    if (options->times && !options->timing[0]) strcpy(options->timing, options->cache); /* as 1.15 and 1.16 do, which know no path */
    say(options->kind == CUDA ? "cuda%s\n" : "tensorrt%s\n", line);
    return NULL;
}

static Status append(const void *session_options, const Options *options) {
    Behaviour now = behaviour(options->kind, options->fp16);
    if (is(&now, "unusable")) return fault(FAIL, "Failed to load library libonnxruntime_providers_%s.so with error: libcudart.so.10.2: cannot open shared object file: No such file or directory", words[options->kind]);
    remember(session_options, options); /* the first one decides */
    return NULL;
}

static Status create_tensorrt(Options **out) { return create_options(TENSORRT, out); }
static Status create_cuda(Options **out) { return create_options(CUDA, out); }
static Status update_tensorrt(Options *o, const char *const *keys, const char *const *values, size_t n) { return update_options(o, tensorrt_keys, keys, values, n); }
static Status update_cuda(Options *o, const char *const *keys, const char *const *values, size_t n) { return update_options(o, cuda_keys, keys, values, n); }
static void release_options(Options *options) { free(options); }

static void release_session_options(void *session_options) {
    Options options;
    recall(session_options, &options, true);
    REAL(RELEASE_SESSION_OPTIONS, void, void *)(session_options);
}

/* Engines: "ptrt", the model's hash, the length, bytes that follow from the hash, and their sum. */

static uint64_t hash_of(const uint8_t *bytes, size_t length) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static bool write_engine(const char *path, uint64_t model, double seconds, const Behaviour *now) {
    size_t size = (size_t)atol(variable("ENGINE_BYTES", "100000")) / 8 + 4;
    uint64_t *engine = malloc(size * 8);
    memcpy(engine, "ptrt\0\0\0\1", 8);
    engine[1] = model, engine[2] = size;
    for (size_t i = 3; i < size - 1; i++) engine[i] = engine[i - 1] * 6364136223846793005u + model;
    engine[size - 1] = hash_of((uint8_t *)engine, (size - 1) * 8);
    FILE *file = fopen(path, "we");
    bool is_written = file != NULL;
    for (size_t piece = 0; file && piece < 10; piece++) {
        size_t from = size * piece / 10, to = size * (piece + 1) / 10;
        is_written &= fwrite(engine + from, 8, to - from, file) == to - from && !fflush(file);
        if (piece == 5 && is(now, "crashBuild")) crash();
        rest(seconds / 10);
    }
    if (file) is_written &= !fclose(file);
    free(engine);
    return is_written;
}

static bool is_engine(const char *path, uint64_t model) {
    struct stat about;
    FILE *file = fopen(path, "re");
    if (!file) return false;
    if (fstat(fileno(file), &about)) about.st_size = 0;
    size_t size = (size_t)about.st_size / 8;
    uint64_t *engine = malloc((size_t)about.st_size + 8);
    bool is_sound = size > 4 && about.st_size % 8 == 0 && fread(engine, 8, size, file) == size && !memcmp(engine, "ptrt\0\0\0\1", 8)
        && engine[1] == model && engine[2] == size && engine[size - 1] == hash_of((uint8_t *)engine, (size - 1) * 8);
    free(engine);
    fclose(file);
    return is_sound;
}

/* As the provider does it: the file's name holds the model's hash, an engine that is there is loaded, and a bad one is an error, not rebuilt. */
static Status prepare_engine(const Options *options, uint64_t model, const Behaviour *now) {
    char path[4400], profile[4400], timing[4400], sm[64];
    const char *capability = variable("SM", "53");
    double seconds = atof(variable("BUILD_SECONDS", "0"));
    snprintf(sm, sizeof sm, minor_version >= 16 ? "_sm%s" : "", capability);
    const char *folder = options->cache[0] ? options->cache : ".";
    snprintf(path, sizeof path, "%s/TensorrtExecutionProvider_TRTKernel_graph_torch_jit_%llu_0%s%s.engine", folder, (unsigned long long)model, options->fp16 ? "_fp16" : "", sm);
    snprintf(profile, sizeof profile, "%.*s.profile", (int)(strlen(path) - strlen(".engine")), path);
    snprintf(timing, sizeof timing, "%s/TensorrtExecutionProvider_cache_sm%s.timing", options->timing, capability);
    if (options->caches && !access(path, F_OK)) {
        say("load %s\n", path);
        return is_engine(path, model) ? NULL : fault(EP_FAIL, "TensorRT EP could not deserialize engine from cache: %s", path);
    }

    say("build %s\n", path);
    if (is(now, "failBuild")) return fault(EP_FAIL, "TensorRT EP failed to create engine from network for fused node: %s", "TensorrtExecutionProvider_TRTKernel_graph_torch_jit_0_0");
    if (options->times && !access(timing, F_OK)) seconds /= 4;
    rest(seconds * 0.8);
    if (is(now, "hangBuild")) hang();
    if (!options->caches) {
        if (is(now, "crashBuild")) crash();
        rest(seconds * 0.2);
        return NULL;
    }

    if (mkdir(folder, 0777) && access(folder, F_OK)) return fault(RUNTIME_EXCEPTION, "filesystem error: cannot create directory: Permission denied [%s]", folder);
    write_engine(path, model, seconds * 0.2, now); /* the provider does not look whether it could */
    FILE *file = fopen(profile, "we");
    if (file) fputs("standin profile\n", file), fclose(file);
    file = options->times ? fopen(timing, "we") : NULL;
    if (file) fputs("standin timing\n", file), fclose(file);
    return NULL;
}

static Status lost(Kind kind) {
    return kind == CUDA
        ? fault(FAIL, "CUDA failure 100: no CUDA-capable device is detected ; GPU=0 ; hostname=%s ; expr=cudaSetDevice(info_.device_id); ", "standin")
        : fault(FAIL, "%s failed: cudaErrorNoDevice: no CUDA-capable device is detected", "TensorRT EP");
}

static Status create_session_from_array(const void *environment, const void *bytes, size_t length, const void *session_options, void **session) {
    Options options = {.kind = CPU};
    recall(session_options, &options, false);
    Behaviour now = behaviour(options.kind, options.fp16);
    Status status = is(&now, "lost") ? lost(options.kind) : NULL;
    if (!status && options.kind == TENSORRT) status = prepare_engine(&options, hash_of(bytes, length) ^ options.fp16, &now);
    if (!status && options.kind == CUDA) {
        if (is(&now, "crashBuild")) crash();
        if (is(&now, "hangBuild")) hang();
        if (is(&now, "failBuild")) status = fault(RUNTIME_EXCEPTION, "Exception during initialization: CUDA failure 2: out of memory ; GPU=0 ; hostname=%s ; expr=cudaMalloc((void**)&p, size); ", "standin");
    }
    if (status) return status;
    status = REAL(CREATE_SESSION_FROM_ARRAY, Status, const void *, const void *, size_t, const void *, void **)(environment, bytes, length, session_options, session);
    if (!status) remember(*session, &options), say("session %s\n", words[options.kind]);
    return status;
}

static void release_session(void *session) {
    Options options;
    recall(session, &options, true);
    REAL(RELEASE_SESSION, void, void *)(session);
}

/* Running. */

static void change(void *const *outputs, size_t count, const char *word) {
    for (size_t o = 0; o < count; o++) {
        float *values;
        void *shape;
        size_t n = 0;
        REAL(GET_TENSOR_MUTABLE_DATA, Status, void *, void **)(outputs[o], (void **)&values);
        REAL(GET_TENSOR_TYPE_AND_SHAPE, Status, const void *, void **)(outputs[o], &shape);
        REAL(GET_TENSOR_SHAPE_ELEMENT_COUNT, Status, const void *, size_t *)(shape, &n);
        REAL(RELEASE_TENSOR_TYPE_AND_SHAPE, void, void *)(shape);
        for (size_t i = 0; i < n; i++) {
            if (!strcmp(word, "slightly")) values[i] += 1e-3f;
            if (!strcmp(word, "wrong")) values[i] += 1;
            if (!strcmp(word, "nan")) values[i] = NAN;
            if (!strcmp(word, "permuted") && i < n / 2) {
                float first = values[i];
                values[i] = values[n - 1 - i], values[n - 1 - i] = first;
            }
        }
    }
}

static Status run(void *session, const void *how, const char *const *inputs, const void *const *input, size_t input_count, const char *const *outputs, size_t output_count, void **output) {
    Options options = {.kind = CPU};
    recall(session, &options, false);
    Behaviour now = behaviour(options.kind, options.fp16);
    __atomic_add_fetch(&runs[options.kind], 1, __ATOMIC_RELAXED);
    const char *node = options.kind == CUDA ? "Non-zero status code returned while running Conv node. Name:'/conv1/Conv' Status Message: %s"
        : "Non-zero status code returned while running TRTKernel_graph_torch_jit_0 node. Name:'TensorrtExecutionProvider_TRTKernel_graph_torch_jit_0_0' Status Message: %s";
    if (is(&now, "crash")) crash();
    if (is(&now, "hang")) hang();
    if (is(&now, "oom")) return fault(options.kind == CUDA ? RUNTIME_EXCEPTION : EP_FAIL, node, options.kind == CUDA ? "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:342 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 4194304\n" : "TensorRT EP failed to create context: CUDA failure 2: out of memory");
    if (is(&now, "lost")) return fault(FAIL, node, options.kind == CUDA ? "CUDA failure 719: unspecified launch failure ; GPU=0 ; hostname=standin ; expr=cudaStreamSynchronize(stream); " : "TensorRT EP execution context enqueue failed.");
    if (is(&now, "slow")) rest(now.number / 1000);
    if (is(&now, "leak")) memset(malloc((size_t)(now.number * 1024)), 1, (size_t)(now.number * 1024));
    Status status = REAL(RUN, Status, void *, const void *, const char *const *, const void *const *, size_t, const char *const *, size_t, void **)(session, how, inputs, input, input_count, outputs, output_count, output);
    if (!status && now.is_active) change(output, output_count, now.word);
    return status;
}

/* The library. */

static const Base *real_base(void) {
    static const Base *base;
    if (base) return base;
    char path[4200];
    const char *given = standin_real[0] ? standin_real : getenv("HEARTSOUND_STANDIN_REAL");
    DIR *folder = given ? opendir(given) : NULL;
    snprintf(path, sizeof path, folder ? "%s/libonnxruntime.so.1" : "%s", given ? given : "");
    if (folder) closedir(folder);
    void *library = given ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    const Base *(*get)(void) = library ? (const Base *(*)(void))dlsym(library, "OrtGetApiBase") : NULL;
    if (!get) {
        fprintf(stderr, "standin: HEARTSOUND_STANDIN_REAL must name the real libonnxruntime.so.1: %s\n", given ? dlerror() : "it is not set");
        abort();
    }
    base = get();
    version = strdup(variable("VERSION", base->version()));
    minor_version = atoi(version + 2);
    return base;
}

__attribute__((noreturn)) static void unknown_slot(void) {
    fprintf(stderr, "standin: a function of OrtApi behind slot %d was called; tests/standins/onnxruntime.c does not hand it on\n", SLOTS - 1);
    abort();
}

static const char *get_version(void) { return real_base(), version; }

static const void *get_api(uint32_t wanted) {
    const Base *base = real_base();
    if (wanted > (uint32_t)minor_version) {
        fprintf(stderr, "The given version [%u] is not supported, only version 1 to %d is supported in this build.\n", wanted, minor_version);
        return NULL;
    }
    pthread_mutex_lock(&gate);
    real = (void **)base->get_api(wanted);
    if (real && !table[0]) {
        for (int i = 0; i < TABLE; i++) table[i] = i < SLOTS ? real[i] : (void *)unknown_slot;
        table[CREATE_SESSION_FROM_ARRAY] = create_session_from_array, table[RUN] = run, table[RELEASE_SESSION] = release_session, table[RELEASE_SESSION_OPTIONS] = release_session_options;
        table[GET_AVAILABLE_PROVIDERS] = get_available_providers, table[RELEASE_AVAILABLE_PROVIDERS] = release_available_providers;
        table[CREATE_TENSORRT] = create_tensorrt, table[UPDATE_TENSORRT] = update_tensorrt, table[APPEND_TENSORRT] = append, table[RELEASE_TENSORRT] = release_options;
        table[CREATE_CUDA] = create_cuda, table[UPDATE_CUDA] = update_cuda, table[APPEND_CUDA] = append, table[RELEASE_CUDA] = release_options;
    }
    pthread_mutex_unlock(&gate);
    return real ? table : NULL;
}

__attribute__((visibility("default"))) const Base *OrtGetApiBase(void) {
    static const Base base = {get_api, get_version};
    return &base;
}
