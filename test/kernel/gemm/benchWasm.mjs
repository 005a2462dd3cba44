// GFLOP/s of matrix products in WebAssembly, their percentage of the most this engine multiplies and adds, and the
// ratio to plain JavaScript loops, measured in turns.
//   node benchWasm.mjs <wasm.cc compiled> [rounds]
/* global WebAssembly */
import { readFileSync } from 'node:fs'

const [, , file, rounds = '60'] = process.argv
const { exports: kernel } = (await WebAssembly.instantiate(readFileSync(file))).instance

// gradient: A transposed and B as it is, added to C; else A as it is, B packed, a bias.
const shapes = [
  ['layer', 50, 100, 100],
  ['layer in', 50, 10, 100],
  ['layer out', 50, 100, 10],
  ['gradient', 100, 50, 100, true],
  ['gradient in', 10, 50, 100, true],
  ['gradient out', 100, 50, 10, true],
  ['gradient mid', 100, 1000, 100, true],
  ['small in', 32, 4, 32],
  ['small out', 32, 32, 4],
  ['small gradient', 32, 32, 4, true],
  ['GRU', 50, 141, 300],
  ['rows', 3000, 40, 40],
  ['one row', 1, 100, 100],
  ['large', 256, 256, 256],
].map(([name, m, k, n, gradient = false]) => ({ name, m, k, n, gradient, operations: 2 * m * k * n }))

function plain({ m, n, k, gradient }, a, b, start, c) {
  const aRow = gradient ? 1 : k,
    aColumn = gradient ? m : 1
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) c[i * n + j] = gradient ? c[i * n + j] : start[j]
    for (let p = 0; p < k; p++) {
      const left = a[i * aRow + p * aColumn]
      for (let j = 0; j < n; j++) c[i * n + j] += left * b[p * n + j]
    }
  }
}

function seconds(work) {
  const before = performance.now()
  work()
  return (performance.now() - before) / 1e3
}

for (const [bits, Scalars] of [
  [32, Float32Array],
  [64, Float64Array],
]) {
  const multiply = kernel[`multiply${bits}`],
    pack = kernel[`pack${bits}`],
    peak = kernel[`peak${bits}`]
  const part = 8 << 20
  const [a, b, c, packed, bias] = [0, 1, 2, 3, 4].map((i) => kernel.start() + i * part)
  const view = (at) => new Scalars(kernel.memory.buffer, at, part / Scalars.BYTES_PER_ELEMENT)
  const best = shapes.map(() => ({ wasm: Infinity, js: Infinity }))
  let fastest = Infinity
  const [A, B, C, start] = [a, b, c, bias].map(view)
  A.fill(0.01)
  B.fill(0.02)
  start.fill(0.5)
  for (let round = 0; round < Number(rounds); round++) {
    shapes.forEach((shape, s) => {
      const { m, k, n, gradient, operations } = shape
      C.fill(0, 0, m * n)
      pack(b, n, 1, k, n, packed)
      const product = gradient ? [m, n, k, a, 1, m, b, n, 0, 2, c, n, c] : [m, n, k, a, k, 1, packed, 0, 1, 1, bias, 0, c]
      const times = Math.ceil(1e6 / operations)
      multiply(...product, 1)
      best[s].wasm = Math.min(best[s].wasm, seconds(() => multiply(...product, times)) / times)
      if (round % 3 === 0)
        best[s].js = Math.min(
          best[s].js,
          seconds(() => {
            for (let i = 0; i < times; i += 8) plain(shape, A, B, start, C)
          }) / Math.ceil(times / 8),
        )
      fastest = Math.min(fastest, seconds(() => peak(bias + part / 2, 20000)) / (2 * 12 * (128 / bits) * 20000))
    })
  }
  console.log(`float${bits}, peak ${(1e-9 / fastest).toFixed(1)} GFLOP/s`)
  shapes.forEach(({ name, m, k, n, operations }, s) => {
    const each = best[s].wasm / operations
    console.log(
      `  ${name.padEnd(15)} ${`${m} x ${k} x ${n}`.padEnd(16)} ${(1e6 * best[s].wasm).toFixed(2).padStart(9)} us ` +
        `${(1e-9 / each).toFixed(1).padStart(6)} GFLOP/s ${((100 * fastest) / each).toFixed(0).padStart(4)} %  ` +
        `${(best[s].js / best[s].wasm).toFixed(1).padStart(5)} x JavaScript`,
    )
  })
}
