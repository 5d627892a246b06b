import type { BrowserContext, Page } from 'playwright'

/** What a screen reader is told of one thing on the page. */
export interface Spoken {
  role: string
  name: string
}

const CONTROLS = ['button', 'radio', 'radiogroup', 'group', 'DisclosureTriangle', 'image', 'table', 'region', 'link']

/** All controls, pictures, tables and regions as Chromium tells them to screen readers. */
export async function spokenOf(context: BrowserContext, page: Page): Promise<Spoken[]> {
  const session = await context.newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name }) => ({ role: String(role?.value ?? ''), name: String(name?.value ?? '') }))
    .filter(({ role }) => CONTROLS.includes(role))
}

/** A text on the page that is hard to read. */
export interface Faint {
  text: string
  contrast: number
}

/** Texts whose contrast with what is behind them is less than 4.5 (WCAG 2.2, 1.4.3), and how many were looked at. */
export function faintTexts(page: Page): Promise<{ looked: number; faint: Faint[] }> {
  return page.evaluate(() => {
    type Colour = [red: number, green: number, blue: number, alpha: number]
    const parse = (text: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
      return [red, green, blue, alpha]
    }
    const luminance = ([red, green, blue]: Colour) => {
      const linear = (value: number) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
    const behind = (element: Element | null): Colour => {
      for (let each = element; each; each = each.parentElement) {
        const colour = parse(getComputedStyle(each).backgroundColor)
        if (colour[3] > 0) return colour
      }
      return [255, 255, 255, 1]
    }
    const faint: Faint[] = []
    let looked = 0
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent?.trim() ?? ''
      const element = walker.currentNode.parentElement
      if (!text || !element?.checkVisibility() || element.closest('style, script, noscript')) continue
      looked++
      const style = getComputedStyle(element)
      const [front, back] = [parse(element instanceof SVGElement ? style.fill : style.color), behind(element)].map(luminance)
      const [dark = 0, light = 0] = [front ?? 0, back ?? 0].sort((a, b) => a - b)
      const contrast = (light + 0.05) / (dark + 0.05)
      if (contrast < 4.5) faint.push({ text, contrast })
    }
    return { looked, faint }
  })
}

/** The contrast of two colours such as `#1a2130`. */
export function contrastOf(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}
