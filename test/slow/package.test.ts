import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// The package as it is published: built for every platform, packed, installed elsewhere without a compiler.

const root = fileURLToPath(new URL('../..', import.meta.url))
const platforms = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'linux-x64-musl', 'win32-x64']
const npm = (words: readonly string[], cwd: string): string =>
  execFileSync('npm', words, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })

let folder: string
let clone: string
let tarball: string
let installed: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latent-ode-package-'))
  clone = join(folder, 'clone')
  mkdirSync(clone)
  for (const name of ['package.json', 'README.md', 'LICENSE', 'src', 'scripts', 'datasets', 'docs', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(clone, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  execFileSync(process.execPath, ['scripts/build.mjs', '--release'], { cwd: clone, stdio: 'pipe' })
  // Without scripts: `prepare` would build again.
  tarball = join(clone, JSON.parse(npm(['pack', '--json', '--ignore-scripts'], clone))[0].filename)
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  npm(['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', tarball], project)
  installed = join(project, 'node_modules/latent-ode')
}, 1_800_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('is less than 8 MB, all binaries included', () => {
  const packed = statSync(tarball).size
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(installed, name)))
    .filter((entry) => entry.isFile())
  const unpacked = files.reduce((sum, { size }) => sum + size, 0)
  console.log(`package: ${(packed / 1e6).toFixed(2)} MB packed, ${(unpacked / 1e6).toFixed(2)} MB unpacked, ${files.length} files`)
  expect(unpacked).toBeLessThan(8e6)
  expect(readdirSync(join(installed, 'dist/kernel')).sort()).toEqual([...platforms, 'relaxed-simd.wasm', 'simd128.wasm'].sort())
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'datasets', 'dist', 'docs', 'package.json'])
})

test('every entry point is there, with its types', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string } | string>
  }
  const entries = Object.entries(exports).filter((entry): entry is [string, { types: string }] => typeof entry[1] !== 'string')
  expect(entries.map(([name]) => name)).toEqual(['.', './ode', './graph', './report', './notebook'])
  for (const [name, { types }] of entries) {
    expect(statSync(join(installed, types)).isFile()).toBe(true)
    const script = `console.log(Object.keys(await import('latent-ode${name.slice(1)}')).length)`
    const words = ['--input-type=module', '--eval', script]
    expect(Number(execFileSync(process.execPath, words, { cwd: dirname(dirname(installed)), encoding: 'utf8' }))).toBeGreaterThan(2)
  }
})

test('a second build compiles nothing', () => {
  const before = statSync(join(clone, 'dist/kernel/linux-x64/latent-ode.node'))
  execFileSync(process.execPath, ['scripts/kernel.mjs', '--release'], { cwd: clone, stdio: 'pipe', timeout: 5_000 })
  expect(statSync(join(clone, 'dist/kernel/linux-x64/latent-ode.node')).ino).toBe(before.ino)
})

describe('binaries', () => {
  interface Binary {
    format: string
    machine: string
    bytes: number
    libraries: string[]
    exports: string[]
    imports: string[]
  }
  const read = (name: string): Binary =>
    (
      JSON.parse(execFileSync(process.execPath, ['scripts/inspectKernel.mjs', '--json'], { cwd: clone, encoding: 'utf8' })) as Record<
        string,
        Binary
      >
    )[name]!

  test.each([
    ['linux-x64', 'elf', 'x64', ['libm.so.6', 'libc.so.6']],
    ['linux-x64-musl', 'elf', 'x64', ['libc.so']],
    ['linux-arm64', 'elf', 'arm64', ['libm.so.6', 'libc.so.6']],
    ['darwin-x64', 'mach-o', 'x64', ['/usr/lib/libSystem.B.dylib']],
    ['darwin-arm64', 'mach-o', 'arm64', ['/usr/lib/libSystem.B.dylib']],
    [
      'win32-x64',
      'pe',
      'x64',
      ['NODE.EXE', 'KERNEL32.dll', /^api-ms-win-crt-(heap|math|runtime|stdio|string|private|environment)-l1-1-0\.dll$/],
    ],
  ] as const)('%s', (name, format, machine, libraries) => {
    const binary = read(name)
    expect([binary.format, binary.machine]).toEqual([format, machine])
    // Of the C++ library nothing.
    for (const library of binary.libraries)
      expect(
        libraries.some((allowed) => (typeof allowed === 'string' ? allowed === library : allowed.test(library))),
        library,
      ).toBe(true)
    // The names by which Node finds an addon, and what linkers for macOS add.
    expect(binary.exports.filter((symbol) => symbol !== '_mh_dylib_header' && symbol !== '__dso_handle').sort()).toEqual([
      'napi_register_module_v1',
      'node_api_module_get_api_version_v1',
    ])
    const known =
      readFileSync(join(root, 'node_modules/node-api-headers/def/node_api.def'), 'utf8') +
      readFileSync(join(root, 'node_modules/node-api-headers/def/js_native_api.def'), 'utf8')
    const napi = binary.imports.filter((symbol) => symbol.startsWith('napi_'))
    expect(napi.length).toBeGreaterThan(10)
    for (const symbol of napi) expect(known).toContain(symbol)
    if (format === 'pe') return
    const system = ['calloc', 'free', 'strcmp', 'memcpy', 'memmove', 'memset', 'bzero', '__bzero', 'sin', 'cos', 'pow', 'dyld_stub_binder']
    expect(binary.imports.filter((symbol) => !symbol.startsWith('napi_') && !system.includes(symbol))).toEqual([])
  })

  test('need nothing of a C library younger than that of Node', () => {
    // The names of symbol versions stand in the file. Node 20 needs glibc 2.28.
    for (const name of ['linux-x64', 'linux-arm64']) {
      const text = readFileSync(join(clone, `dist/kernel/${name}/latent-ode.node`), 'latin1')
      const versions = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => Number(major) * 1000 + Number(minor))
      expect(versions.length).toBeGreaterThan(0)
      expect(Math.max(...versions)).toBeLessThanOrEqual(2017)
    }
  })
})

describe.each(['20', '22', '24'])('installed without a compiler, Node %s', (version) => {
  let node: string
  const latentOde = (words: readonly string[], environment: Record<string, string> = {}): string =>
    execFileSync(node, [join(installed, 'dist/cli/main.js'), ...words], {
      cwd: join(folder, 'project'),
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      env: { PATH: dirname(node), HOME: folder, ...environment },
    })
  interface Doctor {
    engines: { name: string; available: boolean; detail: string }[]
  }
  const doctor = (environment?: Record<string, string>): Doctor => JSON.parse(latentOde(['doctor', '--json'], environment)) as Doctor
  const engine = (report: Doctor, name: string): Doctor['engines'][number] => report.engines.find((entry) => entry.name === name)!

  beforeAll(() => {
    node = process.execPath
    if (process.versions.node.startsWith(`${version}.`)) return
    const prefix = join(folder, `node${version}`)
    mkdirSync(prefix)
    // Its install script puts the program in its place.
    npm(['install', '--no-audit', '--no-fund', '--prefix', prefix, `node@${version}`], prefix)
    node = join(prefix, 'node_modules/node/bin/node')
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${version}\\.`))
  })

  test('there is no compiler', () => {
    expect(readdirSync(join(folder, 'project/node_modules'))).not.toContain('@zigc')
  })

  test('doctor: native and WebAssembly', () => {
    const report = doctor()
    expect(engine(report, 'native')).toMatchObject({ available: true })
    expect(engine(report, 'native').detail).toMatch(/avx512|avx2|sse4|neon/)
    expect(engine(report, 'wasm')).toMatchObject({ available: true })
    // V8 11.4 was the first with relaxed SIMD; Node 20 has 11.3.
    expect(engine(report, 'wasm').detail.includes('relaxed')).toBe(version !== '20')
  })

  test('fit, natively and on WebAssembly', () => {
    latentOde(['simulate', 'spirals', '--series', '12', '--points', '8', '--quiet'])
    const fit = (name: string): { engine: string; trainLoss: number } =>
      JSON.parse(
        latentOde(['fit', 'spirals.csv', '--epochs', '2', '--latents', '2', '--samples', '1', '--quiet', '--json'], {
          LATENT_ODE_ENGINE: name,
        }),
      ) as { engine: string; trainLoss: number }
    const [native, wasm, automatic] = [fit('native'), fit('wasm'), fit('auto')]
    expect(native.engine).toMatch(/^native/)
    expect(wasm.engine).toMatch(/^wasm/)
    // Ten steps of training: rounding has had no time to grow.
    expect(wasm.trainLoss / native.trainLoss).toBeCloseTo(1, 3)
    expect(automatic).toMatchObject({ engine: native.engine, trainLoss: native.trainLoss })
  })

  test('without the binary: WebAssembly, and doctor says why', () => {
    const report = doctor({ LATENT_ODE_NATIVE: join(folder, 'none.node') })
    expect(engine(report, 'native')).toMatchObject({ available: false })
    expect(engine(report, 'native').detail).toContain('The native kernel cannot be loaded.')
    const fitted = JSON.parse(
      latentOde(['fit', 'spirals.csv', '--epochs', '1', '--quiet', '--json'], { LATENT_ODE_NATIVE: join(folder, 'none.node') }),
    ) as { engine: string }
    expect(fitted.engine).toMatch(/^wasm/)
  })

  test('the native kernel is ready in less time than Node itself', () => {
    const script = join(installed, 'ready.mjs')
    writeFileSync(
      script,
      `
      const start = performance.now()
      const { openNativeKernel } = await import('./dist/engine/kernel/nativeKernel.js')
      const kernel = openNativeKernel()
      kernel.grow(100_000)
      console.log(JSON.stringify([performance.now() - start, start]))`,
    )
    // The quietest of several: other processes only add to it.
    const times = Array.from({ length: 10 }, () => JSON.parse(execFileSync(node, [script], { encoding: 'utf8' })) as [number, number])
    const [ready, booted] = [Math.min(...times.map(([time]) => time)), Math.min(...times.map(([, start]) => start))]
    rmSync(script)
    console.log(`Node ${version}: native kernel ready in ${ready.toFixed(1)} ms, Node in ${booted.toFixed(1)} ms`)
    expect(ready).toBeLessThan(booted)
  })
})
