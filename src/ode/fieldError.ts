import { UserError } from '../errors.js'

/**
 * A field is written wrongly. `code` is `Syntax`, `Function` or `Name` for an equation that cannot be read, `NaN` for numbers that
 * are none, `Column` for what is neither a column nor a number, `Components` where equations and states do not match.
 */
export class FieldError extends UserError {
  constructor(
    code: string,
    message: string,
    /** The equation it is in, and the character that it begins at, from 0. */
    readonly where?: { readonly equation: string; readonly position: number },
  ) {
    super(code, message)
  }
}
