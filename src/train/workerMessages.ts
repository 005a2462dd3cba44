import type { Dtype, EngineName } from '../engine/engine.js'
import type { InstructionSet } from '../engine/kernel/kernel.js'
import * as errors from '../errors.js'
import type { ModelSetup, TrainedName } from '../model/models.js'
import type { LossResult } from '../model/sequenceModel.js'
import type { LossTask } from './lossTask.js'

/** What a worker is started with. Its engine and model are its own; parameters and gradients are memory of all. */
export interface WorkerStart {
  readonly engine: EngineName
  readonly dtype: Dtype
  /** Of the native engine; undefined for the others. */
  readonly instructionSet: InstructionSet | undefined
  readonly setup: ModelSetup<TrainedName>
  readonly parameters: SharedArrayBuffer
  /** One slot per shard. */
  readonly gradients: SharedArrayBuffer
}

/** Shards to compute with the parameters that are now in the shared memory; gradients go to the slots named. */
export interface WorkerJob {
  readonly kind: 'loss' | 'gradient'
  readonly shards: readonly { readonly slot: number; readonly task: LossTask }[]
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly results: readonly LossResult[] }
  | { readonly kind: 'failed'; readonly error: SentError }

/** An error between threads, where classes get lost. */
export interface SentError {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
}

export const sendError = (thrown: unknown): SentError => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return { name: error.name, code: error instanceof errors.LatentOdeError ? error.code : undefined, message: error.message }
}

const classes = {
  UserError: errors.UserError,
  DataError: errors.DataError,
  TraceError: errors.TraceError,
  GraphError: errors.GraphError,
  EngineError: errors.EngineError,
}

/** The error as it was thrown, if it was one of this package; else what is to be said of it. */
export function receiveError({ name, code, message }: SentError): errors.LatentOdeError {
  if (code === undefined) return workerError(`failed with a ${name}: ${message}`)
  const Class = Object.hasOwn(classes, name) ? classes[name as keyof typeof classes] : errors.LatentOdeError
  return new Class(code, message)
}

export const workerError = (what: string, options?: ErrorOptions): errors.EngineError =>
  new errors.EngineError(
    'Worker',
    `A worker thread that was to compute a part of each batch ${what}. What was saved last is whole: go on from there with --resume, ` +
      'and with --threads 1 if it happens again.',
    options,
  )
