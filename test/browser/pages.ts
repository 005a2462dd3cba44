import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import type { ReportContents } from '../../src/report/contents.js'
import { renderReport } from '../../src/report/renderReport.js'

/** Debian's browser, or the one that the environment names. */
const executable = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const present = existsSync(executable)
if (!present)
  console.warn(`Browser tests are skipped: there is no ${executable}. Install Debian's package chromium, or set CHROMIUM to a browser.`)

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What the page does to be looked at from outside. */
export interface Seen {
  readonly page: Page
  readonly said: readonly string[]
  readonly requests: readonly string[]
}

export interface Browser {
  /** Writes the report to a file and opens it from there; waits until every figure that can be seen is drawn. */
  open(contents: ReportContents, width: number, colorScheme: 'light' | 'dark'): Promise<Seen>
  close(): Promise<void>
}

/** A browser with a profile of its own in the folder. */
export async function launch(folder: string): Promise<BrowserContext> {
  const { chromium } = await import('playwright-core')
  return chromium.launchPersistentContext(join(folder, 'profile'), { executablePath: executable, args: flags, acceptDownloads: true })
}

export async function startBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'latent-ode-browser-'))
  const context = await launch(folder)
  let opened = 0
  return {
    async open(contents, width, colorScheme) {
      const file = join(folder, `report-${++opened}.html`)
      await writeFile(file, await renderReport(contents))
      const seen = await openWatched(context, file, width, colorScheme)
      await settled(seen.page)
      return seen
    },
    async close() {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Opens a page from disk and notes what it says and asks for. */
export async function openWatched(context: BrowserContext, file: string, width: number, colorScheme: 'light' | 'dark'): Promise<Seen> {
  const page = await context.newPage()
  const [said, requests]: [string[], string[]] = [[], []]
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => said.push(error.message))
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ colorScheme })
  await page.goto(pathToFileURL(file).href)
  return { page, said, requests }
}

/** Waits until the expression is true. (Playwright's own wait runs code from text, which the page forbids.) */
export async function until(page: Page, expression: string, milliseconds = 60_000): Promise<void> {
  for (const start = Date.now(); !(await page.evaluate(expression)); await page.waitForTimeout(30)) {
    if (Date.now() - start > milliseconds) throw new Error(`still not so: ${expression}`)
  }
}

/** Until every figure that can be seen is drawn. */
export async function settled(page: Page): Promise<void> {
  await until(
    page,
    '[...document.querySelectorAll(".plot")].filter((plot) => plot.offsetParent !== null).every((plot) => "drawn" in plot.dataset || ' +
      '"failed" in plot.dataset)',
  )
}

export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
export const problems = (page: Page): Promise<string[]> => page.evaluate('report.problems')
