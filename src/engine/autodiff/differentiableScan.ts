import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { splitVjp } from '../../graph/residuals.js'
import { simplify } from '../../graph/simplify.js'
import { accumulating, numbersPerRow, RESIDUAL_NUMBERS, type NamedValues } from './differentiable.js'
import type { Engine, Held, Scan, ScanOptions, Stack, Value } from '../engine.js'
import { lazily } from '../lazily.js'

interface DifferentiableScanOptions {
  /** What each step takes from the one before it: names of inputs, and of the outputs they are taken from. Its cotangents are wanted. */
  readonly carried: Readonly<Record<string, string>>
  /** Inputs of which each step has one of its own. */
  readonly stepped: readonly string[]
  /** Inputs that are parameters: their gradients are summed. */
  readonly parameters: readonly string[]
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

interface ScanOutcome {
  /** What is carried, after the last step; by the name of the input. */
  readonly end: Record<string, Value>
  /** What the other outputs were in each step. */
  readonly outputs: Record<string, Stack>
}

/** Cotangents of a scan: of what was carried, after the last step, by the name of the input; of other outputs by their own. */
interface ScanCotangents {
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
   * The vector-Jacobian product: cotangents of what was carried in the first step, and new accumulators, which are the
   * given ones plus the gradients of the parameters; those are used up. The residuals are freed, unless they are to be
   * kept for another time.
   */
  pullback(
    cotangents: ScanCotangents,
    accumulators: NamedValues,
    keep?: boolean,
  ): { start: Record<string, Value>; accumulators: Record<string, Value> }
  /** What the way back needs of the engine, to be kept by a scope, or freed if it was kept. */
  readonly held: readonly Held[]
}

/** A Graph that is repeated, with its derivative. */
export interface DifferentiableScan {
  forward(inputs: ScanInputs): ScanOutcome
  record(inputs: ScanInputs): ScanRecording
}

/** Compiles a Graph that is repeated, such as one update of an encoder, and its derivative, each part when it is first used. */
export function differentiableScan(
  engine: Engine,
  graph: Graph,
  { carried, stepped, parameters, outputs = [], steppedOutputs = [], residualNumbers = RESIDUAL_NUMBERS }: DifferentiableScanOptions,
): DifferentiableScan {
  const names = Object.keys(carried)
  const split = lazily(() =>
    splitVjp(graph, [...names, ...parameters], { cotangents: [...Object.values(carried), ...outputs, ...steppedOutputs] }),
  )
  const residualNames = lazily(() => new Set(split().kept.map(({ name }) => name)))
  // Names of cotangents, of what is carried and of outputs, and of sums.
  const endBars = names.map((name) => `bar.${carried[name]!}`)
  const sumNames = parameters.map((name) => `sum.${name}`)
  const backwardGraph = lazily(() => simplify(accumulating(split().backward, names, parameters), { fuse: true }))
  /** What is carried and the way back reads. */
  const remembered = lazily(() => names.filter((name) => graphInputs(backwardGraph()).some((input) => input.name === name)))
  const compile = (make: () => Graph, options: () => ScanOptions): (() => Scan) => lazily(() => compileScan(engine, make(), options()))
  const forward = compile(
    () => simplify(graph, { fuse: true }),
    () => ({ carried, stepped }),
  )
  // Residuals come from one Graph, kept or computed again: another one might be compiled to round differently.
  const recording = compile(
    () => simplify(split().forward, { fuse: true }),
    () => ({ carried, stepped, history: remembered() }),
  )
  const backward = compile(backwardGraph, () => ({
    carried: Object.fromEntries([...names.map((name, i) => [endBars[i]!, `bar.${name}`]), ...sumNames.map((name) => [name, name])]),
    stepped: [...stepped, ...remembered(), ...residualNames(), ...steppedOutputs.map((name) => `bar.${name}`)],
    consumes: sumNames,
  }))

  /** A part of the scan that is recorded: steps `from` to `to`. */
  function runPart({ stacks, parameters: values, rows }: ScanInputs, start: NamedValues, from: number, to: number) {
    const given: Record<string, Stack> = {}
    for (const name of stepped) given[name] = stacks[name]!.part(from, to)
    const result = recording().run({ inputs: { ...values, ...start }, stacks: given, rows, steps: to - from })
    const residuals = result.history
    const others: Record<string, Stack> = {}
    for (const name in result.outputs) (residualNames().has(name) ? residuals : others)[name] = result.outputs[name]!
    return { end: result.carried, outputs: others, residuals, stacks: given }
  }

  return {
    forward({ start, stacks, parameters: values, rows, steps }) {
      const { carried: end, outputs: others } = forward().run({ inputs: { ...values, ...start }, stacks, rows, steps })
      return { end, outputs: others }
    },
    record(inputs) {
      const { rows, steps, start, parameters: values } = inputs
      const perStep = Math.max(1, rows * numbersPerRow(split().kept.map(({ shape }) => shape)))
      // All of it if that fits; else parts, of which the first is kept while another is computed again.
      const fitting = Math.floor(residualNumbers / perStep)
      const length = Math.max(1, fitting >= steps ? steps : Math.floor(fitting / 2))
      const parts: {
        from: number
        to: number
        start: NamedValues
        end: Record<string, Value>
        outputs: Record<string, Stack>
        kept: ReturnType<typeof runPart> | undefined
      }[] = []
      for (let from = 0; from === 0 || from < steps; from += length) {
        const to = Math.min(steps, from + length)
        const begins = parts.at(-1)?.end ?? start
        const part = runPart(inputs, begins, from, to)
        if (from > 0) engine.free(...Object.values(part.residuals))
        parts.push({ from, to, start: begins, end: part.end, outputs: part.outputs, kept: from === 0 ? part : undefined })
      }
      return {
        parts,
        end: parts.at(-1)!.end,
        held: parts.flatMap(({ kept, end }, i) => [
          ...Object.values(kept?.residuals ?? {}),
          ...(i < parts.length - 1 ? Object.values(end) : []),
        ]),
        pullback({ end, outputs: others = {}, stacks: along = {} }, accumulators, keep = false) {
          let bars: NamedValues = end
          let sums: NamedValues = accumulators
          for (const { from, to, start: begins, kept } of [...parts].reverse()) {
            const part = kept ?? runPart(inputs, begins, from, to)
            const given: Record<string, Value> = { ...values }
            names.forEach((name, i) => (given[endBars[i]!] = bars[name]!))
            for (const name in others) given[`bar.${name}`] = others[name]!
            parameters.forEach((name, i) => (given[sumNames[i]!] = sums[name]!))
            const walked = { ...part.stacks, ...part.residuals }
            for (const name in along) walked[`bar.${name}`] = along[name]!.part(from, to)
            const results = backward().run({ inputs: given, stacks: walked, rows, steps: to - from, backward: true })
            if (!kept || !keep) engine.free(...Object.values(part.residuals))
            if (!kept) engine.free(...Object.values(part.end), ...Object.values(part.outputs))
            if (bars !== end) engine.free(...Object.values(bars))
            const [pulled, added]: [Record<string, Value>, Record<string, Value>] = [{}, {}]
            names.forEach((name, i) => (pulled[name] = results.carried[endBars[i]!]!))
            parameters.forEach((name, i) => (added[name] = results.carried[sumNames[i]!]!))
            bars = pulled
            sums = added
          }
          return { start: { ...bars }, accumulators: { ...sums } }
        },
      }
    },
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
