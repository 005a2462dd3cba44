import type * as Vega from 'vega'
import type { compile } from 'vega-lite'
import type { Specification } from '../../specification.js'
import { configuration, variables } from '../../theme.js'

// The libraries that the report's other figures are drawn by: the page has them as globals.
declare const vega: typeof Vega & { readonly expressionInterpreter: unknown }
declare const vegaLite: { readonly compile: typeof compile }

/** Told of what the libraries complain about; the page collects it rather than writing to the console. */
const quiet = {
  level() {
    return this
  },
  error(...messages: readonly unknown[]) {
    problems().push(messages.join(' '))
    return this
  },
  warn(...messages: readonly unknown[]) {
    problems().push(messages.join(' '))
    return this
  },
  info() {
    return this
  },
  debug() {
    return this
  },
}

const problems = (): string[] => (window as unknown as { readonly report: { readonly problems: string[] } }).report.problems

/** A figure whose data and parameters change: drawn anew only where its form does. */
export class Drawing {
  view: Vega.View | undefined
  #form = ''
  readonly #ends = new AbortController()

  /** `fitted` is called when the drawing has followed the width of its container, or was laid out anew with the window. */
  constructor(
    readonly container: HTMLElement,
    fitted: () => void = () => undefined,
  ) {
    let width = container.clientWidth
    const observer = new ResizeObserver(() => {
      if (container.clientWidth === width || !this.view) return
      width = container.clientWidth
      void this.view.width(width).runAsync().then(fitted)
    })
    observer.observe(container)
    this.#ends.signal.addEventListener('abort', () => observer.disconnect())
    window.addEventListener('resize', () => void this.view?.runAsync().then(() => requestAnimationFrame(fitted)), {
      signal: this.#ends.signal,
    })
  }

  /** Shows a specification; resolves when it is drawn. */
  async show(spec: Specification): Promise<void> {
    const {
      datasets = {},
      params = [],
      ...rest
    } = spec as {
      readonly datasets?: Record<string, readonly object[]>
      readonly params?: readonly { readonly name: string; readonly value: unknown }[]
    }
    const form = JSON.stringify(rest)
    if (!this.view || form !== this.#form) {
      this.#form = form
      this.view?.finalize()
      const compiled = vegaLite.compile({ ...spec, config: configuration(variables) } as unknown as Parameters<typeof compile>[0], {
        logger: quiet,
      }).spec
      const options = {
        expr: vega.expressionInterpreter,
        renderer: 'svg',
        container: this.container,
        hover: false,
        logger: quiet,
        tooltip: showTooltip,
      }
      this.view = new vega.View(vega.parse(compiled, undefined, { ast: true } as never), options as unknown as Vega.ViewOptions)
    } else {
      for (const { name, value } of params) this.view.signal(name, value)
      for (const [name, rows] of Object.entries(datasets)) this.view.data(name, rows as object[])
    }
    await this.view.runAsync()
  }

  dispose(): void {
    this.#ends.abort()
    this.view?.finalize()
    this.container.remove()
  }
}

const bubble = (): HTMLElement => document.getElementById('bubble')!

/** Lines of a name and a text beside the pointer or a point. Text goes in as text: no name of the data is read as markup. */
export function showBubble(
  lines: readonly (readonly [name: string, text: string])[],
  at: { readonly clientX: number; readonly clientY: number },
): void {
  const element = bubble()
  element.replaceChildren(
    ...lines.map(([title, shown]) => {
      const [line, name, text] = [document.createElement('div'), document.createElement('span'), document.createElement('b')]
      name.textContent = title
      text.textContent = shown
      line.append(name, text)
      return line
    }),
  )
  element.hidden = false
  const { width, height } = element.getBoundingClientRect()
  element.style.left = `${Math.max(4, Math.min(at.clientX + 14, document.documentElement.clientWidth - width - 8))}px`
  element.style.top = `${at.clientY + 18 + height > window.innerHeight ? at.clientY - height - 12 : at.clientY + 18}px`
}

export const hideBubble = (): void => {
  bubble().hidden = true
}

function showTooltip(_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void {
  if (typeof value === 'object' && value !== null)
    showBubble(
      Object.entries(value).map(([name, text]) => [name, String(text)]),
      event,
    )
  else hideBubble()
}
