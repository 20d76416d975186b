/* infer LIBRARY MODEL INPUT BANDS FRAMES COUNT: runs a model on COUNT windows of BANDS × FRAMES floats from a file and prints the logits, a line a window.
 *
 * ONNX Runtime's C API by the slots of its function table, which only ever grows at its end; those below are 1.11's (include/onnxruntime/core/session/onnxruntime_c_api.h). There is no
 * header to include, and none is needed for fourteen calls. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef void *Handle;
static Handle *api;

enum { GetErrorMessage = 2, CreateEnv = 3, CreateSessionFromArray = 8, Run = 9, CreateSessionOptions = 10, SetIntraOpNumThreads = 24, SessionGetInputName = 36, SessionGetOutputName = 37,
       CreateTensorWithData = 49, GetTensorMutableData = 51, GetTensorShapeElementCount = 64, GetTensorTypeAndShape = 65, CreateCpuMemoryInfo = 69, GetAllocator = 78 };

static void check(Handle status, const char *what)
{
    if (!status) return;
    fprintf(stderr, "%s: %s\n", what, ((const char *(*)(Handle))api[GetErrorMessage])(status));
    exit(1);
}

static Handle read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) { perror(path); exit(1); }
    *size = ftell(file);
    rewind(file);
    Handle data = malloc(*size);
    if (fread(data, 1, *size, file) != *size) { perror(path); exit(1); }
    fclose(file);
    return data;
}

int main(int count, char **arguments)
{
    if (count != 7) { fprintf(stderr, "usage: infer LIBRARY MODEL INPUT BANDS FRAMES COUNT\n"); return 2; }
    Handle library = dlopen(arguments[1], RTLD_NOW);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    struct Base { Handle (*get)(uint32_t); const char *(*version)(void); } const *base = ((const struct Base *(*)(void))dlsym(library, "OrtGetApiBase"))();
    fprintf(stderr, "ONNX Runtime %s\n", base->version());
    api = base->get(11);

    Handle env, options, session, memory, allocator;
    check(((Handle(*)(int, const char *, Handle *))api[CreateEnv])(3, "infer", &env), "CreateEnv");
    check(((Handle(*)(Handle *))api[CreateSessionOptions])(&options), "CreateSessionOptions");
    check(((Handle(*)(Handle, int))api[SetIntraOpNumThreads])(options, 1), "SetIntraOpNumThreads");
    size_t size, bytes;
    Handle model = read_file(arguments[2], &size);
    check(((Handle(*)(Handle, Handle, size_t, Handle, Handle *))api[CreateSessionFromArray])(env, model, size, options, &session), "CreateSession");
    check(((Handle(*)(Handle *))api[GetAllocator])(&allocator), "GetAllocator");
    char *input, *output;
    check(((Handle(*)(Handle, size_t, Handle, char **))api[SessionGetInputName])(session, 0, allocator, &input), "SessionGetInputName");
    check(((Handle(*)(Handle, size_t, Handle, char **))api[SessionGetOutputName])(session, 0, allocator, &output), "SessionGetOutputName");
    check(((Handle(*)(int, int, Handle *))api[CreateCpuMemoryInfo])(1, 0, &memory), "CreateCpuMemoryInfo");

    float *windows = read_file(arguments[3], &bytes);
    int64_t shape[4] = { 1, 1, atoi(arguments[4]), atoi(arguments[5]) };
    size_t values = shape[2] * shape[3];
    if (bytes != values * 4 * atoi(arguments[6])) { fprintf(stderr, "%s has %zu bytes\n", arguments[3], bytes); return 1; }
    for (int i = 0; i < atoi(arguments[6]); i++) {
        Handle tensor, result = NULL, form;
        check(((Handle(*)(Handle, Handle, size_t, const int64_t *, size_t, int, Handle *))api[CreateTensorWithData])(memory, windows + i * values, values * 4, shape, 4, 1, &tensor), "CreateTensor");
        check(((Handle(*)(Handle, Handle, char *const *, Handle const *, size_t, char *const *, size_t, Handle *))api[Run])(session, NULL, &input, &tensor, 1, &output, 1, &result), "Run");
        float *logits;
        size_t labels;
        check(((Handle(*)(Handle, float **))api[GetTensorMutableData])(result, &logits), "GetTensorMutableData");
        check(((Handle(*)(Handle, Handle *))api[GetTensorTypeAndShape])(result, &form), "GetTensorTypeAndShape");
        check(((Handle(*)(Handle, size_t *))api[GetTensorShapeElementCount])(form, &labels), "GetTensorShapeElementCount");
        for (size_t k = 0; k < labels; k++) printf("%.9g%s", logits[k], k + 1 < labels ? " " : "\n");
    }
    return 0;
}
