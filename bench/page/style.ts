/** Colours of one of the two modes of a page. */
export interface Theme {
  name: 'light' | 'dark'
  background: string
  text: string
  quiet: string
  grid: string
  /** This library, everywhere. */
  ours: string
  /** Others where they need no telling apart. */
  other: string
  /** What a dependency adds to a bar of this library, or of another. */
  lighter: { ours: string; other: string }
  /** Others where lines must be told apart; those who see few colours have the shapes and the labels. */
  others: readonly string[]
}

export const THEMES: readonly Theme[] = [
  {
    name: 'light',
    background: '#ffffff',
    text: '#1f2328',
    quiet: '#59636e',
    grid: '#dfe3e8',
    ours: '#0067b1',
    other: '#858d97',
    lighter: { ours: '#7fb8e0', other: '#c3c9d0' },
    others: ['#c85200', '#00805e', '#8f6a00', '#a8478f'],
  },
  {
    name: 'dark',
    background: '#0d1117',
    text: '#f0f6fc',
    quiet: '#a9b3be',
    grid: '#30373f',
    ours: '#56b4f5',
    other: '#848d97',
    lighter: { ours: '#2a6594', other: '#4d555f' },
    others: ['#ff9a57', '#35c79a', '#e6c14c', '#e59acb'],
  },
]

/** Pages show plots about 800 wide; phones at half of that: letters have to be large. */
export const WIDTH = 760

/** Sizes of letters. */
export const LETTERS = { title: 30, label: 26 } as const

export const FONT = 'system-ui, -apple-system, Helvetica, Arial, sans-serif'

/** Shapes of the points of lines, this library's first. */
export const SHAPES = ['circle', 'rect', 'triangle', 'diamond', 'arrow'] as const
