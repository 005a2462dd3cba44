import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { simplify } from '../../graph/simplify.js'
import type { Engine, Held, Scan, ScanOptions, Stack, Value } from '../engine.js'
import { lazily } from '../lazily.js'
import { derivativeOf, RESIDUAL_NUMBERS } from './derivative.js'
import type { NamedValues } from './program.js'

/** How a Graph is differentiated that is repeated. Its inputs that are neither carried nor stepped are parameters. */
export interface ScanPieceOptions {
  /** What each step takes from the one before it: names of inputs, and of the outputs they are taken from. Its cotangents are wanted. */
  readonly carried: Readonly<Record<string, string>>
  /** Inputs of which each step has one of its own. */
  readonly stepped: readonly string[]
  /** Outputs beside those carried that will get cotangents, the same one in every step; default none. */
  readonly outputs?: readonly string[]
  /** Outputs of which each step will get a cotangent of its own; default none. */
  readonly steppedOutputs?: readonly string[]
  /** Numbers that may be left behind for the way back; by default 256 MiB of float32. What does not fit is computed again. */
  readonly residualNumbers?: number
}

/** What is given to a scan: what is carried, as the first step takes it; inputs of each step; parameters. All by name. */
export interface ScanInputs {
  readonly start: NamedValues
  readonly stacks: Readonly<Record<string, Stack>>
  readonly parameters: NamedValues
  readonly rows: number
  readonly steps: number
}

/** What a scan gives. */
export interface ScanOutcome {
  /** What is carried, after the last step; by the name of the input. */
  readonly end: Record<string, Value>
  /** What the other outputs were in each step. */
  readonly outputs: Record<string, Stack>
}

/** Cotangents of a scan: of what was carried, after the last step, by the name of the input; of other outputs by their own. */
export interface ScanCotangents {
  readonly end: NamedValues
  readonly outputs?: NamedValues
  readonly stacks?: Readonly<Record<string, Stack>>
}

/** A scan that can be pulled back. */
export interface ScanRecording {
  /** Outcomes of consecutive parts of the scan; a scan that fits has one. */
  readonly parts: readonly ScanOutcome[]
  readonly end: Record<string, Value>
  /**
   * The vector-Jacobian product: cotangents of what was carried in the first step, and new sums, in the order of the parameters, which
   * are the given ones plus the gradients; those are used up. The residuals are freed, unless they are to be kept for another time.
   */
  pullback(cotangents: ScanCotangents, sums: readonly Value[], keep?: boolean): { start: Record<string, Value>; sums: Value[] }
  /** What the way back needs of the engine, to be kept by a scope, or freed if it was kept. */
  readonly held: readonly Held[]
}

/** A Graph that is repeated, with its derivative. */
export interface DifferentiableScan {
  /** Names of the parameters, by the position of their sums. */
  readonly parameters: () => readonly string[]
  /** Runs all steps. */
  forward(inputs: ScanInputs): ScanOutcome
  /** Runs all steps, and keeps what their pullback needs, as far as that fits. */
  record(inputs: ScanInputs): ScanRecording
}

/** Consecutive steps of a scan, as its way back needs them. */
interface Part extends ScanOutcome {
  readonly from: number
  readonly to: number
  readonly start: NamedValues
  /** What each step left behind, unless it is to be computed again. */
  readonly kept: Residuals | undefined
}

interface Residuals {
  readonly stacks: Readonly<Record<string, Stack>>
  readonly residuals: Record<string, Stack>
}

/** Compiles a Graph that is repeated, such as one update of an encoder, and its derivative, each part when it is first used. */
export function differentiableScan(engine: Engine, graph: () => Graph, options: ScanPieceOptions): DifferentiableScan {
  const { residualNumbers = RESIDUAL_NUMBERS } = options
  const programs = scanPrograms(engine, graph, options)
  const { parameters, residualsPerRow } = programs
  const part = scanPart(programs, options)

  /** Runs all of the scan, in as many parts as its residuals need. */
  function runParts(inputs: ScanInputs): Part[] {
    const { rows, steps, start } = inputs
    // All of it if that fits; else parts, of which the first is kept while another is computed again.
    const fitting = Math.floor(residualNumbers / Math.max(1, rows * residualsPerRow()))
    const length = Math.max(1, fitting >= steps ? steps : Math.floor(fitting / 2))
    const parts: Part[] = []
    for (let from = 0; from === 0 || from < steps; from += length) {
      const to = Math.min(steps, from + length)
      const begins = parts.at(-1)?.end ?? start
      const { end, outputs, left } = part.run(inputs, begins, from, to)
      if (from > 0) engine.free(...Object.values(left.residuals))
      parts.push({ from, to, start: begins, end, outputs, kept: from === 0 ? left : undefined })
    }
    return parts
  }

  return {
    parameters,
    forward({ start, stacks, parameters: values, rows, steps }) {
      const { carried: end, outputs } = programs.forward().run({ inputs: { ...values, ...start }, stacks, rows, steps })
      return { end, outputs }
    },
    record(inputs) {
      const parts = runParts(inputs)
      const between = parts.slice(0, -1)
      return {
        parts,
        end: parts.at(-1)!.end,
        held: [...parts.flatMap(({ kept }) => Object.values(kept?.residuals ?? {})), ...between.flatMap(({ end }) => Object.values(end))],
        pullback(cotangents, given, keep = false) {
          let [start, sums]: [NamedValues, readonly Value[]] = [cotangents.end, given]
          for (const past of [...parts].reverse()) {
            const again = past.kept ? undefined : part.run(inputs, past.start, past.from, past.to)
            const left = past.kept ?? again!.left
            const pulled = part.pull(inputs, past, left, { ...cotangents, end: start }, sums)
            if (again || !keep) engine.free(...Object.values(left.residuals))
            if (again) engine.free(...Object.values(again.end), ...Object.values(again.outputs))
            if (start !== cotangents.end) engine.free(...Object.values(start))
            start = pulled.start
            sums = pulled.sums
          }
          return { start: { ...start }, sums: [...sums] }
        },
      }
    },
  }
}

/** Runs some steps of a scan, and pulls them back. */
function scanPart(programs: ReturnType<typeof scanPrograms>, { carried, stepped }: ScanPieceOptions) {
  /** A part of the scan that is recorded: steps `from` to `to`. */
  function run({ stacks, parameters: values, rows }: ScanInputs, start: NamedValues, from: number, to: number) {
    const given: Record<string, Stack> = {}
    for (const name of stepped) given[name] = stacks[name]!.part(from, to)
    const result = programs.recording().run({ inputs: { ...values, ...start }, stacks: given, rows, steps: to - from })
    const residuals = result.history
    const outputs: Record<string, Stack> = {}
    for (const name in result.outputs) (programs.residualNames().has(name) ? residuals : outputs)[name] = result.outputs[name]!
    return { end: result.carried, outputs, left: { stacks: given, residuals } }
  }

  /** Pulls a part back: cotangents of what was carried into it, and the sums. */
  function pull(
    { parameters: values, rows }: ScanInputs,
    { from, to }: Part,
    { stacks, residuals }: Residuals,
    { end, outputs = {}, stacks: along = {} }: ScanCotangents,
    sums: readonly Value[],
  ): { start: Record<string, Value>; sums: Value[] } {
    const given: Record<string, Value> = { ...values }
    for (const name in carried) given[`bar.${carried[name]!}`] = end[name]!
    for (const name in outputs) given[`bar.${name}`] = outputs[name]!
    programs.sumNames().forEach((name, i) => (given[name] = sums[i]!))
    const walked = { ...stacks, ...residuals }
    for (const name in along) walked[`bar.${name}`] = along[name]!.part(from, to)
    const results = programs.backward().run({ inputs: given, stacks: walked, rows, steps: to - from, backward: true })
    const start: Record<string, Value> = {}
    for (const name in carried) start[name] = results.carried[`bar.${carried[name]!}`]!
    return { start, sums: programs.sumNames().map((name) => results.carried[name]!) }
  }

  return { run, pull }
}

/** The programs of a scan, each compiled when it is first used. */
function scanPrograms(engine: Engine, graph: () => Graph, { carried, stepped, outputs = [], steppedOutputs = [] }: ScanPieceOptions) {
  const names = Object.keys(carried)
  const derivative = derivativeOf(graph, {
    inputs: [...names, ...stepped],
    wrt: names,
    outputs: [...Object.values(carried), ...outputs, ...steppedOutputs],
  })
  const { parameters, residualsPerRow } = derivative
  const sumNames = lazily(() => parameters().map((name) => `sum.${name}`))
  const residualNames = lazily(() => new Set(derivative.kept().map(({ name }) => name)))
  const backwardGraph = lazily(() => simplify(derivative.backward()))
  /** What is carried and the way back reads. */
  const remembered = lazily(() => names.filter((name) => graphInputs(backwardGraph()).some((input) => input.name === name)))
  return {
    parameters,
    sumNames,
    residualNames,
    residualsPerRow,
    forward: lazily(() => compileScan(engine, simplify(derivative.graph()), { carried, stepped })),
    // Residuals come from one Graph, kept or computed again: another one might be compiled to round differently.
    recording: lazily(() => compileScan(engine, simplify(derivative.recording()), { carried, stepped, history: remembered() })),
    backward: lazily(() =>
      compileScan(engine, backwardGraph(), {
        carried: Object.fromEntries([
          ...names.map((name) => [`bar.${carried[name]!}`, `bar.${name}`]),
          ...sumNames().map((name) => [name, name]),
        ]),
        stepped: [...stepped, ...remembered(), ...residualNames(), ...steppedOutputs.map((name) => `bar.${name}`)],
        consumes: sumNames(),
      }),
    ),
  }
}

/** Compiles a scan; what simplifying has left unused is left out. */
function compileScan(engine: Engine, graph: Graph, { carried, stepped = [], history = [], consumes = [] }: ScanOptions): Scan {
  const inputs = new Set(graphInputs(graph).map(({ name }) => name))
  const outputs = new Set(graphOutputs(graph).map(({ name }) => name))
  return engine.compileScan(graph, {
    carried: Object.fromEntries(Object.entries(carried).filter(([, output]) => outputs.has(output))),
    stepped: stepped.filter((name) => inputs.has(name)),
    history,
    consumes,
  })
}
