/** An element that the section has. */
export function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no element "${id}".`)
  return found as T
}

/** Runs something when the browser has nothing else to do. */
export function whenIdle(run: () => void): void {
  const idle = window.requestIdleCallback as typeof window.requestIdleCallback | undefined
  if (idle) idle(run, { timeout: 300 })
  else setTimeout(run, 50)
}

/** The event by which the parts of a page tell each other which series the reader looks at. */
const SERIES = 'latent-ode:series'

/** Tells the rest of the page which series was picked here. */
export function tellSeries(id: string): void {
  document.dispatchEvent(new CustomEvent(SERIES, { detail: { id } }))
}

/** Calls when a series was picked anywhere on the page, here included; not when none is any more. */
export function listenForSeries(show: (id: string) => void): void {
  document.addEventListener(SERIES, (event) => {
    const detail: unknown = (event as CustomEvent).detail
    if (typeof detail === 'object' && detail !== null && 'id' in detail && typeof detail.id === 'string') show(detail.id)
  })
}

/** Gives the reader a file: made here, nothing is asked of anybody. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
