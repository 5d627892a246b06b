import { styleText } from 'node:util'

/** What a text means to the reader; its colour follows from that. */
export type Tone = 'plain' | 'title' | 'good' | 'bad' | 'quiet'

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

const STYLES = { title: 'bold', good: 'green', bad: 'red', quiet: 'dim' } as const

/** Colours are for people at a terminal who have not asked for none (https://no-color.org). */
export function createPaint(): Paint {
  const colourful = process.stdout.isTTY && !process.env.NO_COLOR
  return (tone, text) => (colourful && text.trim() && tone !== 'plain' ? styleText(STYLES[tone], text) : text)
}
