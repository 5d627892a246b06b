import './globals.js'
import 'whatwg-fetch'
import { run } from './app.js'

void run(globalThis.report).then(globalThis.finished)
