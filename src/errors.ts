/**
 * Every error this package raises on purpose. `code` is stable and may be matched on; `message` says what was
 * found, where, and what to do about it.
 */
export class LatentOdeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The user's data, options or files are not usable as they are. The CLI exits with 2. */
export class UserError extends LatentOdeError {}

/** A table, file or value in it cannot be used; `where` names file, line, column or series. */
export class DataError extends UserError {
  constructor(
    code: string,
    message: string,
    readonly where: { file?: string; line?: number; column?: string; series?: string } = {},
  ) {
    super(code, message)
  }
}

/** A traced function uses something a Graph cannot express. */
export class TraceError extends LatentOdeError {}

/** Shapes, names or operations of a Graph do not fit together. */
export class GraphError extends LatentOdeError {}

/** An engine cannot be had, or cannot run a Graph. */
export class EngineError extends LatentOdeError {}
