// Says what the binaries in dist/kernel/ export, and what they ask of the system, without running them: most are for
// other machines.
//   node scripts/inspectKernel.mjs [--json] [<folder>]
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Reads the symbols of a shared library for 64-bit x86 or ARM: ELF (System V gABI 4.1, chapters 4 and 5), Mach-O
 * (mach-o/loader.h, nlist.h) or PE (PE format specification, "Optional Header" and ".idata").
 *
 * @returns {{ bytes: number, format: 'elf' | 'mach-o' | 'pe', machine: 'x64' | 'arm64',
 *   libraries: string[], exports: string[], imports: string[] }}
 */
export function inspectBinary(path) {
  const file = readFileSync(path)
  const read =
    [
      [0x7f454c46, inspectElf],
      [0xcffaedfe, inspectMachO],
    ].find(([magic]) => magic === file.readUInt32BE(0))?.[1] ?? inspectPe
  if (read === inspectPe && file.toString('latin1', 0, 2) !== 'MZ') throw new Error(`${path} is neither ELF, Mach-O nor PE.`)
  return { bytes: file.length, ...read(file) }
}

function inspectElf(file) {
  const u64 = (at) => Number(file.readBigUInt64LE(at))
  const [table, size, count] = [u64(40), file.readUInt16LE(58), file.readUInt16LE(60)]
  const sections = Array.from({ length: count }, (_, i) => table + i * size).map((at) => ({
    type: file.readUInt32LE(at + 4),
    offset: u64(at + 24),
    bytes: u64(at + 32),
    link: file.readUInt32LE(at + 40),
  }))
  const [DYNAMIC, DYNSYM] = [6, 11]
  const libraries = []
  const [exports, imports] = [[], []]
  for (const { type, offset, bytes, link } of sections) {
    const name = (at) => text(file, sections[link].offset + at)
    if (type === DYNAMIC) {
      const NEEDED = 1
      for (let at = offset; at < offset + bytes; at += 16) if (u64(at) === NEEDED) libraries.push(name(u64(at + 8)))
    }
    if (type === DYNSYM) {
      for (let at = offset + 24; at < offset + bytes; at += 24)
        (file.readUInt16LE(at + 6) === 0 ? imports : exports).push(name(file.readUInt32LE(at)))
    }
  }
  return { format: 'elf', machine: machineOf({ 62: 'x64', 183: 'arm64' }, file.readUInt16LE(18)), libraries, exports, imports }
}

function inspectMachO(file) {
  const [SYMTAB, LOAD_DYLIB] = [0x2, 0xc]
  const libraries = []
  const [exports, imports] = [[], []]
  let at = 32
  for (let i = 0; i < file.readUInt32LE(16); i++) {
    const command = file.readUInt32LE(at)
    if (command === LOAD_DYLIB) libraries.push(text(file, at + file.readUInt32LE(at + 8)))
    if (command === SYMTAB) {
      const [symbols, count, strings] = [8, 12, 16].map((field) => file.readUInt32LE(at + field))
      for (let symbol = symbols; symbol < symbols + 16 * count; symbol += 16) {
        const [DEBUGGING, KIND, EXTERNAL] = [0xe0, 0x0e, 0x01]
        const type = file.readUInt8(symbol + 4)
        // C names begin with an underscore there.
        if ((type & DEBUGGING) === 0 && type & EXTERNAL)
          ((type & KIND) === 0 ? imports : exports).push(text(file, strings + file.readUInt32LE(symbol)).replace(/^_/, ''))
      }
    }
    at += file.readUInt32LE(at + 4)
  }
  return {
    format: 'mach-o',
    machine: machineOf({ 0x01000007: 'x64', 0x0100000c: 'arm64' }, file.readUInt32LE(4)),
    libraries,
    exports,
    imports,
  }
}

function inspectPe(file) {
  const header = file.readUInt32LE(0x3c)
  const optional = header + 24
  const sections = Array.from({ length: file.readUInt16LE(header + 6) }, (_, i) => optional + file.readUInt16LE(header + 20) + 40 * i)
  /** A place in the file for an address relative to the image. */
  const place = (address) => {
    const section = sections.find(
      (at) => address >= file.readUInt32LE(at + 12) && address < file.readUInt32LE(at + 12) + file.readUInt32LE(at + 16),
    )
    return address - file.readUInt32LE(section + 12) + file.readUInt32LE(section + 20)
  }
  const directory = (i) => file.readUInt32LE(optional + 112 + 8 * i)
  const exports = []
  if (directory(0)) {
    const at = place(directory(0))
    const names = place(file.readUInt32LE(at + 32))
    for (let i = 0; i < file.readUInt32LE(at + 24); i++) exports.push(text(file, place(file.readUInt32LE(names + 4 * i))))
  }
  const libraries = []
  const imports = []
  for (let at = place(directory(1)); file.readUInt32LE(at + 12) !== 0; at += 20) {
    libraries.push(text(file, place(file.readUInt32LE(at + 12))))
    for (let entry = place(file.readUInt32LE(at)); file.readBigUInt64LE(entry) !== 0n; entry += 8)
      imports.push(text(file, place(file.readUInt32LE(entry)) + 2))
  }
  return {
    format: 'pe',
    machine: machineOf({ 0x8664: 'x64', 0xaa64: 'arm64' }, file.readUInt16LE(header + 4)),
    libraries,
    exports,
    imports,
  }
}

function text(file, at) {
  return file.toString('latin1', at, file.indexOf(0, at))
}

function machineOf(names, code) {
  return names[code] ?? `machine ${code}`
}

/** Every binary of a folder like dist/kernel/, by platform. */
export function inspectFolder(folder) {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'latent-ode.node')))
  return Object.fromEntries(names.map((name) => [name, inspectBinary(join(folder, name, 'latent-ode.node'))]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
  const binaries = inspectFolder(positionals[0] ?? fileURLToPath(new URL('../dist/kernel/', import.meta.url)))
  if (values.json) console.log(JSON.stringify(binaries))
  else
    for (const [name, { format, machine, bytes, libraries, exports, imports }] of Object.entries(binaries)) {
      console.log(
        `${name}: ${format} ${machine}, ${Math.round(bytes / 1000)} kB\n  needs ${libraries.join(', ')}\n  exports ` +
          `${exports.join(', ')}\n  imports ${imports.join(', ')}`,
      )
    }
}
