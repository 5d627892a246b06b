/** The colours of one scheme. */
export interface Colours {
  page: string
  panel: string
  line: string
  text: string
  quiet: string
  accent: string
  onAccent: string
  /** A request that is answered with 200 at the first try. */
  fine: string
  /** One that is answered with 401. */
  refused: string
  waiting: string
  /** The second try. */
  replayed: string
  /** A token request. */
  refresh: string
  /** The pair is being written, and is written. */
  saved: string
}

/** Both schemes. Texts have a contrast of 4.5 at least on `page` and `panel`, shapes of 3 (WCAG 2.2, 1.4.3 and 1.4.11). */
export const COLOURS: Readonly<Record<'light' | 'dark', Colours>> = {
  light: {
    page: '#f4f5f7',
    panel: '#ffffff',
    line: '#d3d8df',
    text: '#1a2130',
    quiet: '#566072',
    accent: '#1d4fa3',
    onAccent: '#ffffff',
    fine: '#1f7a4d',
    refused: '#c2362b',
    waiting: '#6b7585',
    replayed: '#1d63c4',
    refresh: '#7a3db8',
    saved: '#8a5a00',
  },
  dark: {
    page: '#10141b',
    panel: '#181e28',
    line: '#353e4d',
    text: '#e7ebf2',
    quiet: '#a6b0c0',
    accent: '#8ab8ff',
    onAccent: '#0c1626',
    fine: '#56c596',
    refused: '#ff8376',
    waiting: '#8d98a9',
    replayed: '#74b0ff',
    refresh: '#cb9dff',
    saved: '#f0b849',
  },
}

/** The colours as custom properties of a page, by the scheme that its reader prefers. */
export function colourSheet(): string {
  return `:root{${properties(COLOURS.light)}}\n@media (prefers-color-scheme:dark){:root{${properties(COLOURS.dark)}}}`
}

/** The colours of one scheme as custom properties. */
function properties(colours: Colours): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${kebab(name)}:${value}`)
    .join(';')
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
