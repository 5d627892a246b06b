import { isSafe, parseUrl } from '../../core/send/origins.ts'

/**
 * Checks the endpoints among the options of a public function: secrets go there.
 *
 * @param where the function's name, for the message.
 * @throws TypeError for what is neither https nor on this machine.
 */
export function checkUrls(where: string, endpoints: Record<string, string | undefined>): void {
  for (const [name, url] of Object.entries(endpoints)) {
    if (url && !isSafe(parseUrl(url))) {
      const shown = url.replace(/:[^/:@]+@/, ':***@')
      throw new TypeError(`${where}: option '${name}': expected an https URL, or one on this machine, got '${shown}'`)
    }
  }
}
