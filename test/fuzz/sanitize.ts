import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { dumpCases } from './dump.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Compiler flags of each instruction set that g++ can build here; AVX-512 is tested where the processor has it. */
const instructionSets: Readonly<Record<string, readonly string[]>> = {
  avx2: ['-mavx2', '-mfma'],
  sse4: ['-msse4.1'],
  avx512: ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mavx2', '-mfma'],
}

/** Whether there is a g++ that has both sanitizers. */
export function sanitizersAvailable(): boolean {
  try {
    execFileSync('g++', ['-fsanitize=address,undefined', '-x', 'c++', '-', '-o', '/dev/null'], {
      input: 'int main() {}',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    return process.arch === 'x64'
  } catch {
    return false
  }
}

/** Builds driver.cc for an instruction set with the address and undefined-behaviour sanitizers. */
export async function buildDriver(instructionSet: string, folder: string): Promise<string> {
  const to = join(folder, `driver-${instructionSet}`)
  await run('g++', [
    '-std=c++17',
    '-O1',
    '-g',
    '-ffp-contract=off',
    '-fno-math-errno',
    '-fno-omit-frame-pointer',
    '-Wno-psabi',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=undefined',
    ...instructionSets[instructionSet]!,
    `-DKERNEL=kernel_${instructionSet}`,
    '-iquote',
    join(root, 'src/kernel'),
    join(root, 'test/fuzz/driver.cc'),
    join(root, `src/kernel/isa_${instructionSet}.cc`),
    '-o',
    to,
  ])
  return to
}

/**
 * Runs the Graphs of the seeds from `first` on through the drivers. Returns what they print.
 *
 * @throws Error with the output of the driver that found something
 */
export async function sanitize(
  drivers: readonly string[],
  first: number,
  count: number,
  chunk = 250,
): Promise<{ graphs: number; runs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-fuzz-'))
  const total = { graphs: 0, runs: 0 }
  try {
    for (let seed = first; seed < first + count; seed += chunk) {
      const file = join(folder, 'cases')
      const { graphs, runs } = dumpCases(file, seed, Math.min(chunk, first + count - seed))
      total.graphs += graphs
      total.runs += runs * drivers.length
      await Promise.all(
        drivers.map(async (driver) => {
          try {
            await run(driver, [file], { maxBuffer: 2 ** 26, env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' } })
          } catch (error) {
            const { stdout, stderr } = error as { stdout?: string; stderr?: string }
            throw new Error(`Seeds from ${seed}: ${stdout ?? String(error)}\n${stderr ?? ''}`, { cause: error })
          }
        }),
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return total
}
