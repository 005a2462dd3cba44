// Runs dumped programs (dump.ts) on the kernel's virtual machine and compares what they compute, built with the address
// and undefined-behaviour sanitizers:
//   driver <file>    prints what is wrong and ends with 1 if anything is
//
// Every array, the program, its constants and every slot of scratch memory lie by themselves: behind each is one vector
// of canaries, which may be read but not written, and then poison, which may not be touched. All memory is NaN before
// a run, so that what is read before it is written shows in the results.
#include "kernel.h"
#include "program.h"
#include <math.h>
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vector>

extern "C" {
double kernel_sin(double x) { return sin(x); }
double kernel_cos(double x) { return cos(x); }
double kernel_pow(double x, double y) { return pow(x, y); }
}

extern const Kernel KERNEL;

static const unsigned char CANARY = 0xff; // Bytes of a NaN.
enum { GUARD_BYTES = 2 * BLOCK_BYTES };

static size_t roundUp(size_t bytes) { return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES; }

// The words of a file, one after the other.
struct Reader {
  FILE *file;
  bool read(void *to, size_t bytes) { return fread(to, 1, bytes, file) == bytes; }
  int32_t integer() {
    int32_t value = 0;
    if (!read(&value, sizeof value)) fail("The file ends too early.");
    return value;
  }
  std::vector<int32_t> integers(size_t count) {
    std::vector<int32_t> values(count);
    if (!read(values.data(), count * sizeof(int32_t))) fail("The file ends too early.");
    return values;
  }
  std::vector<double> numbers(size_t count) {
    std::vector<double> values(count);
    if (!read(values.data(), count * sizeof(double))) fail("The file ends too early.");
    return values;
  }
  [[noreturn]] static void fail(const char *message) {
    fprintf(stderr, "%s\n", message);
    exit(2);
  }
};

struct Output {
  int donor;
  std::vector<double> values, radius;
};

struct Pack {
  int input, k, n, transposed;
};

struct Case {
  int seed, scalarBytes, rows, error;
  std::vector<int32_t> words, consumed;
  std::vector<double> constants;
  std::vector<std::vector<double>> inputs;
  std::vector<Output> outputs;
  std::vector<Pack> packs;
};

static Case readCase(Reader &reader, int seed) {
  Case c;
  c.seed = seed;
  c.scalarBytes = reader.integer();
  c.rows = reader.integer();
  c.error = reader.integer();
  c.words = reader.integers((size_t)reader.integer());
  c.constants = reader.numbers((size_t)reader.integer());
  for (int count = reader.integer(); count > 0; count--) {
    c.consumed.push_back(reader.integer());
    c.inputs.push_back(reader.numbers((size_t)reader.integer()));
  }
  for (int count = reader.integer(); count > 0; count--) {
    Output output;
    output.donor = reader.integer();
    const size_t size = (size_t)reader.integer();
    output.values = reader.numbers(size);
    output.radius = reader.numbers(size);
    c.outputs.push_back(output);
  }
  for (int count = reader.integer(); count > 0; count--) {
    Pack pack;
    pack.input = reader.integer();
    pack.k = reader.integer();
    pack.n = reader.integer();
    pack.transposed = reader.integer();
    c.packs.push_back(pack);
  }
  return c;
}

// A region of the memory: its bytes, then canaries up to a whole block and one block more, then poison.
struct Region {
  const char *what;
  int index;
  size_t start, bytes;
  size_t slackEnd() const { return start + roundUp(bytes) + BLOCK_BYTES; }
};

static int wrong = 0;

struct Arena {
  std::vector<Region> regions;
  unsigned char *memory = nullptr;
  // A block of poison in front of the first region, too.
  size_t size = BLOCK_BYTES;

  size_t add(const char *what, int index, size_t bytes) {
    regions.push_back({what, index, size, bytes});
    size = regions.back().slackEnd() + BLOCK_BYTES;
    return regions.size() - 1;
  }
  void allocate() {
    memory = (unsigned char *)aligned_alloc(BLOCK_BYTES, size);
    if (!memory) Reader::fail("There is not enough memory.");
    memset(memory, CANARY, size);
  }
  void poison() {
    __asan_poison_memory_region(memory, BLOCK_BYTES);
    for (const Region &region : regions) __asan_poison_memory_region(memory + region.slackEnd(), BLOCK_BYTES);
  }
  void *at(size_t region) const { return memory + regions[region].start; }
  Block block(size_t region) const { return (Block)(regions[region].start / BLOCK_BYTES); }
  void checkCanaries(const Case &c) const {
    for (const Region &region : regions) {
      for (size_t i = region.start + region.bytes; i < region.slackEnd(); i++) {
        if (memory[i] == CANARY) continue;
        printf("seed %d (%d bytes, %d rows): byte %zu behind %s %d was written\n", c.seed, c.scalarBytes, c.rows, i - region.start - region.bytes, region.what, region.index);
        wrong++;
        break;
      }
    }
  }
  ~Arena() {
    if (memory) __asan_unpoison_memory_region(memory, size);
    free(memory);
  }
};

static void writeNumbers(void *to, const std::vector<double> &values, int scalarBytes) {
  for (size_t i = 0; i < values.size(); i++) {
    if (scalarBytes == 4) ((float *)to)[i] = (float)values[i];
    else ((double *)to)[i] = values[i];
  }
}

static double readNumber(const void *from, size_t i, int scalarBytes) {
  return scalarBytes == 4 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

static void check(const Case &c) {
  Arena arena;
  const int given = (int)(c.inputs.size() + c.outputs.size() + c.packs.size());
  const size_t scalar = (size_t)c.scalarBytes, rows = (size_t)c.rows;
  const size_t program = arena.add("the program", 0, c.words.size() * sizeof(int32_t));
  const size_t constants = arena.add("the constants", 0, c.constants.size() * scalar);
  const size_t arguments = arena.add("the arguments", 0, (size_t)given * sizeof(int32_t));
  std::vector<size_t> places;
  for (size_t i = 0; i < c.inputs.size(); i++) places.push_back(arena.add("input", (int)i, c.inputs[i].size() * scalar));
  for (size_t i = 0; i < c.outputs.size(); i++) {
    const Output &output = c.outputs[i];
    places.push_back(output.donor >= 0 ? places[(size_t)output.donor] : arena.add("output", (int)i, output.values.size() * scalar));
  }
  for (size_t i = 0; i < c.packs.size(); i++) {
    places.push_back(arena.add("pack", (int)i, (size_t)KERNEL.packedSize(c.packs[i].k, c.packs[i].n, c.scalarBytes) * scalar));
  }
  // Scratch as vm.h lays it out, but for the guards: the table of places, tiles, slots.
  std::vector<int32_t> words = c.words;
  HeaderWords &header = *(HeaderWords *)words.data();
  SlotWords *slot = (SlotWords *)(&header + 1);
  const size_t slots = (size_t)header.slots, tiles = (size_t)header.tiles;
  size_t scratchBytes = roundUp(((size_t)given + slots + 1) * 8) + tiles * TILE_STRIDE;
  std::vector<Region> slotRegions;
  for (size_t i = 0; i < slots; i++) {
    const size_t bytes = ((size_t)slot[i].fixed + (size_t)slot[i].perRow * rows) * scalar;
    slotRegions.push_back({"slot", (int)i, scratchBytes, bytes});
    slot[i].fixed += (int32_t)(GUARD_BYTES / scalar);
    scratchBytes += roundUp(bytes + GUARD_BYTES);
  }
  const size_t scratch = arena.add("scratch", 0, scratchBytes);
  arena.allocate();

  header.constants = (int32_t)(arena.block(constants) - arena.block(program));
  memcpy(arena.at(program), words.data(), words.size() * sizeof(int32_t));
  writeNumbers(arena.at(constants), c.constants, c.scalarBytes);
  for (int i = 0; i < given; i++) ((int32_t *)arena.at(arguments))[i] = (int32_t)arena.block(places[(size_t)i]);
  for (size_t i = 0; i < c.inputs.size(); i++) writeNumbers(arena.at(places[i]), c.inputs[i], c.scalarBytes);
  for (Region &region : slotRegions) region.start += arena.regions[scratch].start;
  arena.poison();
  for (const Region &region : slotRegions) __asan_poison_memory_region(arena.memory + region.slackEnd(), BLOCK_BYTES);

  for (size_t i = 0; i < c.packs.size(); i++) {
    const Pack &pack = c.packs[i];
    KERNEL.pack(arena.memory, arena.block(places[(size_t)pack.input]), arena.block(places[c.inputs.size() + c.outputs.size() + i]), pack.k, pack.n, pack.transposed, c.scalarBytes);
  }
  const int error = KERNEL.run(arena.memory, arena.block(program), c.rows, arena.block(arguments), arena.block(scratch), 0, -1);

  if (error != c.error) {
    printf("seed %d (%d bytes, %d rows): run returned %d, not %d\n", c.seed, c.scalarBytes, c.rows, error, c.error);
    wrong++;
  }
  arena.checkCanaries(c);
  Arena slotArena;
  slotArena.regions = slotRegions;
  slotArena.memory = arena.memory;
  slotArena.checkCanaries(c);
  slotArena.memory = nullptr;
  if (error) return;
  for (size_t i = 0; i < c.inputs.size(); i++) {
    if (c.consumed[i]) continue;
    for (size_t j = 0; j < c.inputs[i].size(); j++) {
      const double now = readNumber(arena.at(places[i]), j, c.scalarBytes), before = c.inputs[i][j];
      if (now == before || (isnan(now) && isnan(before))) continue;
      printf("seed %d (%d bytes, %d rows): element %zu of input %zu was changed from %.17g to %.17g\n", c.seed, c.scalarBytes, c.rows, j, i, before, now);
      wrong++;
      break;
    }
  }
  for (size_t i = 0; i < c.outputs.size(); i++) {
    const Output &output = c.outputs[i];
    for (size_t j = 0; j < output.values.size(); j++) {
      const double found = readNumber(arena.at(places[c.inputs.size() + i]), j, c.scalarBytes), expected = output.values[j], radius = output.radius[j];
      const bool near = isnan(expected) ? isnan(found) : isinf(expected) ? found == expected : fabs(found - expected) <= radius;
      if (isinf(radius) || near) continue;
      printf("seed %d (%d bytes, %d rows): element %zu of output %zu is %.9g, not %.9g +- %.3g\n", c.seed, c.scalarBytes, c.rows, j, i, found, expected, radius);
      wrong++;
      break;
    }
  }
}

// Numbers without a pattern, the same in every run.
struct Draws {
  uint32_t state;
  uint32_t next() { return state = state * 1664525u + 1013904223u; }
  int below(int n) { return (int)((next() >> 8) % (uint32_t)n); }
  double number() { return below(2001) / 1000. - 1; }
};

// Rows by index, which no program does: against loops, with guards as above.
static void checkRows(int seed, int scalarBytes) {
  Draws draws = {(uint32_t)seed * 2u + (uint32_t)(scalarBytes == 8)};
  const int terms = 1 + draws.below(9), width = 1 + draws.below(40), sources = 1 + draws.below(6), targets = 1 + draws.below(6), count = draws.below(30);
  Case c = {};
  c.seed = -1 - seed;
  c.scalarBytes = scalarBytes;
  c.rows = count;
  const size_t scalar = (size_t)scalarBytes, n = (size_t)count, t = (size_t)terms, w = (size_t)width;
  Arena arena;
  const size_t from = arena.add("from", 0, n * sizeof(int32_t)), index = arena.add("index", 0, n * sizeof(int32_t));
  const size_t weights = arena.add("weights", 0, (n > (size_t)sources ? n : (size_t)sources) * t * scalar), rows = arena.add("rows", 0, (size_t)sources * t * w * scalar);
  const size_t gathered = arena.add("gathered", 0, n * w * scalar), scattered = arena.add("scattered", 0, (size_t)targets * w * scalar);
  const size_t gatheredWeighted = arena.add("gathered weighted", 0, n * w * scalar), scatteredWeighted = arena.add("scattered weighted", 0, (size_t)targets * t * w * scalar);
  arena.allocate();
  std::vector<double> weight((n > (size_t)sources ? n : (size_t)sources) * t), row((size_t)sources * t * w);
  for (double &x : weight) x = (float)draws.number();
  for (double &x : row) x = (float)draws.number();
  std::vector<int32_t> source(n), target(n);
  for (size_t i = 0; i < n; i++) {
    source[i] = draws.below(sources);
    target[i] = i > 0 && draws.below(2) ? target[i - 1] : draws.below(targets);
  }
  writeNumbers(arena.at(weights), weight, scalarBytes);
  writeNumbers(arena.at(rows), row, scalarBytes);
  if (count > 0) memcpy(arena.at(from), source.data(), n * sizeof(int32_t));
  if (count > 0) memcpy(arena.at(index), target.data(), n * sizeof(int32_t));
  arena.poison();
  KERNEL.gather(arena.memory, arena.block(rows), arena.block(gathered), arena.block(from), count, width, scalarBytes);
  KERNEL.scatterAdd(arena.memory, arena.block(gathered), arena.block(scattered), arena.block(index), count, targets, width, scalarBytes);
  KERNEL.gatherWeighted(arena.memory, arena.block(rows), arena.block(gatheredWeighted), arena.block(from), arena.block(weights), count, terms, width, scalarBytes);
  KERNEL.scatterWeighted(arena.memory, arena.block(rows), arena.block(scatteredWeighted), arena.block(from), arena.block(index), arena.block(weights), count, targets, terms, width, scalarBytes);
  arena.checkCanaries(c);

  std::vector<double> taken(n * w), added((size_t)targets * w), summed(n * w), spread((size_t)targets * t * w);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < w; k++) {
      const double x = row[(size_t)source[i] * w + k];
      taken[i * w + k] = x;
      added[(size_t)target[i] * w + k] += x;
      for (size_t j = 0; j < t; j++) {
        summed[i * w + k] += weight[i * t + j] * row[((size_t)source[i] * t + j) * w + k];
        spread[((size_t)target[i] * t + j) * w + k] += weight[(size_t)source[i] * t + j] * x;
      }
    }
  }
  const auto compare = [&](size_t region, const std::vector<double> &expected) {
    for (size_t i = 0; i < expected.size(); i++) {
      const double found = readNumber(arena.at(region), i, scalarBytes);
      if (fabs(found - expected[i]) < 3e-5) continue;
      printf("rows %d (%d bytes): element %zu of %s is %.9g, not %.9g\n", seed, scalarBytes, i, arena.regions[region].what, found, expected[i]);
      wrong++;
      return;
    }
  };
  compare(gathered, taken);
  compare(scattered, added);
  compare(gatheredWeighted, summed);
  compare(scatteredWeighted, spread);
}

int main(int count, char **argument) {
  if (count != 2) Reader::fail("driver <file of dump.ts>");
  Reader reader = {fopen(argument[1], "rb")};
  if (!reader.file) Reader::fail("The file cannot be read.");
  for (int seed = 0; seed < 500; seed++) {
    checkRows(seed, 4);
    checkRows(seed, 8);
  }
  int cases = 0;
  for (int32_t seed; reader.read(&seed, sizeof seed); cases++) {
    check(readCase(reader, seed));
    if (wrong > 20) break;
  }
  fclose(reader.file);
  printf("%s: %d runs, %d wrong\n", KERNEL.name, cases, wrong);
  return wrong ? 1 : 0;
}
