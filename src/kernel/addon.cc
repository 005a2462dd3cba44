// The kernel as a Node-API addon, without the C++ library. JavaScript allocates the memory (an ArrayBuffer) and hands
// it over by attach(); an addon never allocates numbers.
//
// Arguments travel through the memory, too: the block before block 0 is the *mailbox*, to which JavaScript writes the
// int32 arguments of a call in the order of kernel.h; run() leaves its result there. A call then has no argument that
// Node-API would have to convert: 14 ns instead of the 100 ns that six of them take.
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include "kernel.h"
#include "program.h"
#include "cpu.h"

extern "C" {
__attribute__((visibility("hidden"))) double kernel_sin(double x) { return sin(x); }
__attribute__((visibility("hidden"))) double kernel_cos(double x) { return cos(x); }
__attribute__((visibility("hidden"))) double kernel_pow(double x, double y) { return pow(x, y); }
}

#if defined(__x86_64__)
extern const Kernel kernel_avx512, kernel_avx2, kernel_sse4;
#else
extern const Kernel kernel_neon;
#endif

// A kernel with its memory. Lives until its environment (the main thread's or a worker's) ends, as functions of
// JavaScript point to it.
struct Instance {
  const Kernel *kernel;
  Memory *memory;
  // Bytes of the memory.
  size_t size;
  napi_ref buffer;
  Instance *next;
};

// Of one environment.
struct Module {
  Instance *instances;
};

enum { MOST_KERNELS = 3 };

// The kernels that can run here, fastest first; returns their number.
static int availableKernels(const Kernel *list[MOST_KERNELS]) {
  int count = 0;
#if defined(__x86_64__)
  const Features features = detectFeatures();
  if (features.avx512) list[count++] = &kernel_avx512;
  if (features.avx2) list[count++] = &kernel_avx2;
  if (features.sse4) list[count++] = &kernel_sse4;
#else
  list[count++] = &kernel_neon;
#endif
  return count;
}

static napi_value fail(napi_env env, const char *code, const char *message) {
  napi_throw_error(env, code, message);
  return nullptr;
}

static napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

// The instance that a function belongs to, or null (and a JavaScript error) if it has no memory.
static Instance *instanceOf(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  Instance *instance = (Instance *)data;
  if (!instance->memory) fail(env, "Closed", "This kernel has no memory: it was closed, or none was attached yet.");
  return instance->memory ? instance : nullptr;
}

static int *mailboxOf(const Instance *instance) { return (int *)(instance->memory - BLOCK_BYTES); }

static napi_value run(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  int *mail = mailboxOf(instance);
  const FloatState state = enterFlushToZero();
  mail[0] = instance->kernel->run(instance->memory, (Block)mail[0], mail[1], (Block)mail[2], (Block)mail[3], mail[4], mail[5]);
  leaveFlushToZero(state);
  return nullptr;
}

static napi_value packedSize(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  return number(env, instance->kernel->packedSize(mail[0], mail[1], mail[2]));
}

static napi_value pack(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  instance->kernel->pack(instance->memory, (Block)mail[0], (Block)mail[1], mail[2], mail[3], mail[4], mail[5]);
  return nullptr;
}

static napi_value gather(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  instance->kernel->gather(instance->memory, (Block)mail[0], (Block)mail[1], (Block)mail[2], mail[3], mail[4], mail[5]);
  return nullptr;
}

static napi_value scatterAdd(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  const FloatState state = enterFlushToZero();
  instance->kernel->scatterAdd(instance->memory, (Block)mail[0], (Block)mail[1], (Block)mail[2], mail[3], mail[4], mail[5], mail[6]);
  leaveFlushToZero(state);
  return nullptr;
}

static napi_value gatherWeighted(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  const FloatState state = enterFlushToZero();
  instance->kernel->gatherWeighted(instance->memory, (Block)mail[0], (Block)mail[1], (Block)mail[2], (Block)mail[3], mail[4], mail[5], mail[6], mail[7]);
  leaveFlushToZero(state);
  return nullptr;
}

static napi_value scatterWeighted(napi_env env, napi_callback_info info) {
  Instance *instance = instanceOf(env, info);
  if (!instance) return nullptr;
  const int *mail = mailboxOf(instance);
  const FloatState state = enterFlushToZero();
  instance->kernel->scatterWeighted(instance->memory, (Block)mail[0], (Block)mail[1], (Block)mail[2], (Block)mail[3], (Block)mail[4], mail[5], mail[6], mail[7], mail[8], mail[9]);
  leaveFlushToZero(state);
  return nullptr;
}

// Lets go of the memory: the ArrayBuffer is detached, so that its bytes are free at once and views of it are empty.
static void release(napi_env env, Instance *instance) {
  if (!instance->buffer) return;
  napi_value buffer = nullptr;
  if (napi_get_reference_value(env, instance->buffer, &buffer) == napi_ok && buffer) napi_detach_arraybuffer(env, buffer);
  napi_delete_reference(env, instance->buffer);
  instance->buffer = nullptr;
  instance->memory = nullptr;
}

// attach(arrayBuffer): the byte at which block 0 lies, behind the mailbox. What the memory attached before held moves
// there, and that is released.
static napi_value attach(napi_env env, napi_callback_info info) {
  size_t count = 1, bytes = 0;
  napi_value buffer;
  void *data = nullptr, *start = nullptr;
  napi_get_cb_info(env, info, &count, &buffer, nullptr, &data);
  Instance *instance = (Instance *)data;
  bool isBuffer = false;
  if (count < 1 || napi_is_arraybuffer(env, buffer, &isBuffer) != napi_ok || !isBuffer) return fail(env, "Argument", "attach takes an ArrayBuffer.");
  napi_get_arraybuffer_info(env, buffer, &start, &bytes);
  const size_t padding = (BLOCK_BYTES - (size_t)start % BLOCK_BYTES) % BLOCK_BYTES;
  if (!start || bytes < padding + 2 * BLOCK_BYTES) return fail(env, "Argument", "The ArrayBuffer is too small for a mailbox and a block.");
  napi_ref reference = nullptr;
  if (napi_create_reference(env, buffer, 1, &reference) != napi_ok) return fail(env, "Argument", "The ArrayBuffer cannot be kept.");
  Memory *memory = (Memory *)start + padding + BLOCK_BYTES;
  const size_t size = bytes - padding - BLOCK_BYTES;
  if (instance->memory) memcpy(memory, instance->memory, instance->size < size ? instance->size : size);
  release(env, instance);
  instance->buffer = reference;
  instance->memory = memory;
  instance->size = size;
  return number(env, (double)(padding + BLOCK_BYTES));
}

static napi_value closeKernel(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  release(env, (Instance *)data);
  return nullptr;
}

static void define(napi_env env, napi_value object, const char *name, napi_callback callback, void *data) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  napi_set_named_property(env, object, name, function);
}

// open(name): the functions of a kernel whose memory is yet to be attached.
static napi_value openKernel(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value argument, result = nullptr;
  char name[16] = "";
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count < 1 || napi_get_value_string_utf8(env, argument, name, sizeof name, &length) != napi_ok) return fail(env, "Argument", "open takes the name of an instruction set.");
  const Kernel *list[MOST_KERNELS], *chosen = nullptr;
  for (int i = availableKernels(list) - 1; i >= 0; i--)
    if (strcmp(list[i]->name, name) == 0) chosen = list[i];
  if (!chosen) return fail(env, "Argument", "This processor has no such instruction set.");

  void *module = nullptr;
  napi_get_instance_data(env, &module);
  Instance *instance = (Instance *)calloc(1, sizeof(Instance));
  if (!instance) return fail(env, "Memory", "No memory.");
  instance->kernel = chosen;
  instance->next = ((Module *)module)->instances;
  ((Module *)module)->instances = instance;

  napi_create_object(env, &result);
  define(env, result, "attach", attach, instance);
  define(env, result, "run", run, instance);
  define(env, result, "packedSize", packedSize, instance);
  define(env, result, "pack", pack, instance);
  define(env, result, "gather", gather, instance);
  define(env, result, "scatterAdd", scatterAdd, instance);
  define(env, result, "gatherWeighted", gatherWeighted, instance);
  define(env, result, "scatterWeighted", scatterWeighted, instance);
  define(env, result, "close", closeKernel, instance);
  return result;
}

static void endModule(napi_env env, void *data, void *) {
  Module *module = (Module *)data;
  for (Instance *instance = module->instances; instance;) {
    Instance *next = instance->next;
    if (instance->buffer) napi_delete_reference(env, instance->buffer);
    free(instance);
    instance = next;
  }
  free(module);
}

// { format, instructionSets: string[], open }
NAPI_MODULE_INIT() {
  Module *module = (Module *)calloc(1, sizeof(Module));
  if (!module) return fail(env, "Memory", "No memory.");
  napi_set_instance_data(env, module, endModule, nullptr);
  const Kernel *list[MOST_KERNELS];
  const int count = availableKernels(list);
  napi_value names = nullptr;
  napi_create_array_with_length(env, (size_t)count, &names);
  for (int i = 0; i < count; i++) {
    napi_value name = nullptr;
    napi_create_string_utf8(env, list[i]->name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, (unsigned int)i, name);
  }
  napi_set_named_property(env, exports, "format", number(env, FORMAT));
  napi_set_named_property(env, exports, "instructionSets", names);
  define(env, exports, "open", openKernel, nullptr);
  return exports;
}
