import { nearestName } from '../nearest.js'
import { columnOf, type Column } from './fieldColumn.js'
import { FieldError } from './fieldError.js'

type Make = (first: Column, ...rest: Column[]) => Column
/** Functions by name: least and largest number of arguments, and the column. */
const functions: Readonly<Record<string, readonly [least: number, most: number, make: Make]>> = {
  ...Object.fromEntries(
    (
      [
        'abs',
        'cos',
        'cosh',
        'exp',
        'expm1',
        'log',
        'log1p',
        'relu',
        'sigmoid',
        'sign',
        'sin',
        'sinh',
        'softplus',
        'sqrt',
        'tan',
        'tanh',
      ] as const
    ).map((name) => [name, [1, 1, (x: Column) => x[name]()] as const]),
  ),
  min: [2, Infinity, (x, ...rest) => x.min(...rest)],
  max: [2, Infinity, (x, ...rest) => x.max(...rest)],
  pow: [2, 2, (x, y) => x.pow(y!)],
  where: [3, 3, (condition, yes, no) => condition.where(yes!, no!)],
}

/** Operators of two operands: how strongly they bind, and the column. */
const operators: Readonly<Record<string, readonly [binding: number, make: (a: Column, b: Column) => Column]>> = {
  '<': [1, (a, b) => a.lt(b)],
  '<=': [1, (a, b) => a.le(b)],
  '>': [1, (a, b) => a.gt(b)],
  '>=': [1, (a, b) => a.ge(b)],
  '==': [1, (a, b) => a.eq(b)],
  '!=': [1, (a, b) => a.ne(b)],
  '+': [2, (a, b) => a.plus(b)],
  '-': [2, (a, b) => a.minus(b)],
  '*': [3, (a, b) => a.times(b)],
  '/': [3, (a, b) => a.div(b)],
  '^': [5, (a, b) => a.pow(b)],
}
const comparison = 1
/** A sign binds more strongly than a product and less than a power: −x^2 is −(x²). */
const sign = 4

/** Other ways to write operators. */
const spellings: Readonly<Record<string, string>> = { '**': '^', '−': '-', '·': '*', '×': '*', '≤': '<=', '≥': '>=', '≠': '!=' }

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end'
  readonly text: string
  readonly position: number
}
const tokenOf = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{M}\p{N}_]*)|(\*\*|[<>=!]=|[-+*/^(),<>=−·×≤≥≠]))/uy

/**
 * Reads an expression: + − * / ^, comparisons, functions, numbers, `pi`, `e` and names.
 *
 * @param equation what it is the equation of, for messages
 * @param columnNamed the column that a name stands for
 * @throws FieldError `Syntax`, `Function`, `Name` or `NaN`, with the place
 */
export function readExpression(text: string, equation: string, columnNamed: (name: string) => Column): Column {
  const { fail, at } = placesOf(text, equation)
  const tokens = tokensOf(text, fail)
  let next = 0
  const take = (): Token => tokens[next++]!
  const isSymbol = (symbol: string): boolean => tokens[next]!.kind === 'symbol' && tokens[next]!.text === symbol
  const close = (opened: Token): void => {
    if (!isSymbol(')'))
      fail(
        'Syntax',
        opened.position,
        `the parenthesis is never closed${tokens[next]!.kind === 'end' ? '' : `: ${unexpected(tokens[next]!)}`}.`,
      )
    next++
  }

  /** Everything up to an operator that binds less than `least`. */
  function expression(least: number): Column {
    let left = operand()
    for (;;) {
      const token = tokens[next]!
      const operator = token.kind === 'symbol' && Object.hasOwn(operators, token.text) ? operators[token.text] : undefined
      if (!operator || operator[0] < least) return left
      next++
      const [binding, make] = operator
      const first = left
      const second = expression(token.text === '^' ? sign : binding + 1)
      left = at(token.position, () => make(first, second))
      const after = tokens[next]!
      if (binding === comparison && after.kind === 'symbol' && operators[after.text]?.[0] === comparison)
        fail('Syntax', after.position, 'comparisons cannot be chained. Multiply them: (0 < x) * (x < 1).')
    }
  }

  function operand(): Column {
    const token = take()
    if (token.kind === 'number') return columnOf(Number(token.text))
    if (token.kind === 'name') return isSymbol('(') ? call(token) : named(token)
    if (token.kind === 'symbol' && token.text === '-') return expression(sign).neg()
    if (token.kind === 'symbol' && token.text === '+') return expression(sign)
    if (token.kind === 'symbol' && token.text === '(') {
      const inner = expression(0)
      close(token)
      return inner
    }
    return fail('Syntax', token.position, tokens.length === 1 ? 'there is nothing. Write 0 for a state that stays.' : unexpected(token))
  }

  function named({ text: name, position }: Token): Column {
    if (Object.hasOwn(functions, name)) fail('Syntax', position, `${name} is a function; it takes arguments in parentheses.`)
    return at(position, () => columnNamed(name))
  }

  function call({ text: name, position }: Token): Column {
    const opened = take()
    if (!Object.hasOwn(functions, name)) fail('Function', position, unknownFunction(name))
    const args: Column[] = []
    while (!isSymbol(')') || args.length > 0) {
      args.push(expression(0))
      if (!isSymbol(',')) break
      next++
    }
    close(opened)
    const [least, most, make] = functions[name]!
    if (args.length < least || args.length > most)
      fail(
        'Function',
        position,
        `${name} takes ${most === least ? least : `at least ${least}`} ${most === 1 ? 'argument' : 'arguments'}, not ${args.length}.`,
      )
    return at(position, () => make(args[0]!, ...args.slice(1)))
  }

  const result = expression(0)
  const rest = tokens[next]!
  if (rest.kind !== 'end') fail('Syntax', rest.position, unexpected(rest))
  return result
}

type Fail = (code: string, position: number, message: string) => never

/** Errors that show where they are. */
function placesOf(text: string, equation: string): { fail: Fail; at: (position: number, make: () => Column) => Column } {
  const fail: Fail = (code, position, message) => {
    const line = text.replaceAll(/\s/g, ' ')
    throw new FieldError(code, `In the equation of "${equation}": ${message}\n  ${line}\n  ${' '.repeat(position)}^`, {
      equation,
      position,
    })
  }
  return {
    fail,
    /** What columns complain about, at the place where it stands. */
    at(position, make) {
      try {
        return make()
      } catch (error) {
        if (error instanceof FieldError && !error.where) fail(error.code, position, error.message)
        throw error
      }
    },
  }
}

function tokensOf(text: string, fail: Fail): Token[] {
  const tokens: Token[] = []
  let position = 0
  const end = text.trimEnd().length
  while (position < end) {
    tokenOf.lastIndex = position
    const match = tokenOf.exec(text)
    if (!match) {
      const start = position + /^\s*/.exec(text.slice(position))![0].length
      fail('Syntax', start, `"${String.fromCodePoint(text.codePointAt(start)!)}" means nothing here.`)
    }
    const [, number, name, symbol] = match!
    const found = (number ?? name ?? symbol)!
    position = tokenOf.lastIndex
    tokens.push({
      kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol',
      text: symbol !== undefined && Object.hasOwn(spellings, symbol) ? spellings[symbol]! : found,
      position: position - found.length,
    })
  }
  return [...tokens, { kind: 'end', text: '', position: end }]
}

function unexpected({ kind, text }: Token): string {
  if (kind === 'end') return 'it ends too early: something is missing after this.'
  if (kind !== 'symbol') return `an operator is missing before ${text}. A product is written with *.`
  if (text === ')') return 'this parenthesis closes nothing, or something is missing before it.'
  if (text === '=') return 'an equation is its right-hand side alone, without =. To compare, write ==.'
  if (text === '(') return 'an operator is missing before the parenthesis. A product is written with *.'
  return `a number, a name or a parenthesis should stand here, not ${text}.`
}

/** Names that other languages have for a function, or that a Graph cannot compute. */
const elsewhere: Readonly<Record<string, string>> = { ln: 'log', if: 'where', ifelse: 'where', heaviside: 'where', logistic: 'sigmoid' }

function unknownFunction(name: string): string {
  const known = Object.keys(functions)
  const meant = Object.hasOwn(elsewhere, name.toLowerCase()) ? elsewhere[name.toLowerCase()] : nearestName(name, known)
  return (
    `there is no function "${name}".${meant === undefined ? '' : ` Did you mean "${meant}"?`} Functions: ${known.sort().join(', ')}. ` +
    `A product is written with *: ${name}*( … ).`
  )
}
