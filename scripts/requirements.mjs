import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Programs that the tests need and npm does not bring.
 *
 * - `candidates`: paths, or names to look for on PATH; the first that is there is used.
 * - `debianPackage`: what brings it on Debian.
 * - `needed`: what it is for, and so what is left out without it.
 * - `advice`: how to get it elsewhere.
 */
export const REQUIREMENTS = {
  chromium: {
    candidates: [process.env.CHROMIUM, '/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
    needed: 'the tests in a real browser (vitest project "chromium")',
    advice: 'Install Chromium or Google Chrome, or set CHROMIUM to the path of one.',
  },
}

/** The path of a required program; `undefined` where it is missing. */
export function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return REQUIREMENTS[name].candidates
    .filter(Boolean)
    .flatMap((candidate) => (isAbsolute(candidate) ? candidate : folders.map((folder) => join(folder, candidate))))
    .find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
