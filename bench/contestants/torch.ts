import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Absent, Contestant, Quantity, Results, Task } from '../contest.js'
import { processorHas } from '../machine.js'
import { problemOf, type ItemName, type Problem } from '../problems.js'

const script = fileURLToPath(new URL('../peers/pytorch.py', import.meta.url))

/** Tells the process what to do and waits for its answer, one line each. */
type Ask = (request: object) => Promise<Record<string, unknown>>

/**
 * PyTorch in a process of its own, which idles between its slices. It gets the items' data through files.
 *
 * @param python the interpreter that has torch
 */
export async function torchContestant(threads: number, python = '/usr/bin/python3'): Promise<Contestant | Absent> {
  const name = threads === 1 ? 'torch' : `torch ${threads}t`
  // Debian's OpenBLAS does not recognise newer processors and would take slow kernels; these need AVX-512.
  const kernels = processorHas('avx512f') ? { OPENBLAS_CORETYPE: 'SkylakeX' } : {}
  const child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...kernels } })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      reject(new Error(`${python} ended with ${signal ?? code}: ${complaint.trim().split('\n').at(-1) ?? ''}`)),
    )
  })
  ended.catch(() => {})
  const answer = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await Promise.race([lines.next(), ended])
    if (done === true) return ended
    const reply = JSON.parse(value) as Record<string, unknown>
    if (typeof reply['error'] === 'string') throw new Error(reply['error'])
    return reply
  }
  const ask: Ask = (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    return answer()
  }

  let versions: Record<string, unknown>
  try {
    versions = await answer()
  } catch (error) {
    return { name, reason: error instanceof Error ? error.message : String(error) }
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-torch-'))
  const solver = versions['torchdiffeq']
  let loaded: ItemName | undefined
  const load = async (item: ItemName): Promise<Record<string, unknown>> => {
    loaded = item
    return ask({ item, folder: join(folder, item) })
  }
  return {
    name,
    threads,
    detail:
      `PyTorch ${String(versions['torch'])}, ` +
      `${solver === null ? 'no torchdiffeq: dopri5 and its continuous adjoint written in PyTorch' : `torchdiffeq ${String(solver)}`}${processorHas('avx512f') ? ', OPENBLAS_CORETYPE=SkylakeX' : ''}`,
    tasks(item, problem) {
      writeProblem(join(folder, item), problem)
      const task = (quantity: Quantity): Task => ({
        async slice(milliseconds) {
          if (loaded !== item) await load(item)
          return (await ask({ slice: quantity, milliseconds }))['samples'] as number[]
        },
        async results(): Promise<Results> {
          if (loaded !== item) await load(item)
          const { names } = (await ask({ results: quantity })) as { names: string[] }
          return Object.fromEntries(names.map((result) => [result, readFloats(join(folder, item, `${result}.out`))]))
        },
      })
      return { f: task('f'), v: task('v') }
    },
    tolerance: (item) => otherSteps(problemOf(item)),
    dispose() {
      child.stdin.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * What those may differ from the reference who choose their steps in another way. (torchdiffeq's
 * gradient through its own steps is 5 % from the truth at W3d's tolerances.)
 */
export const otherSteps = (problem: Problem): { limit: number; why: string } | undefined =>
  problem.kind === 'dopri5' ? { limit: 1e-1, why: "chooses other steps, so it agrees as far as the solver's tolerance lets it" } : undefined

/** The numbers of a problem as JSON, its arrays as files of float32. */
function writeProblem(folder: string, problem: Problem): void {
  mkdirSync(folder, { recursive: true })
  const scalars = Object.entries(problem).filter(([key, value]) => {
    if (!(value instanceof Float32Array)) return true
    writeFileSync(join(folder, `${key}.f32`), value)
    return false
  })
  writeFileSync(
    join(folder, 'problem.json'),
    JSON.stringify(Object.fromEntries(scalars.map(([key, value]) => [key, value instanceof Float64Array ? Array.from(value) : value]))),
  )
}

function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
