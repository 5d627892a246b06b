/** A set-up file: tests that by mistake ran on another axios would prove nothing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from 'axios'

const { version } = JSON.parse(readFileSync(join(process.env.AXIOS ?? '', 'package.json'), 'utf8'))
if (VERSION !== version) throw new Error(`The tests run on axios ${VERSION} and not on ${version}`)
