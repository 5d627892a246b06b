/** The project "oldest axios" of vitest.config.ts, on the axios in the folder that the environment variable `AXIOS` names. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import all from '../../vitest.config.ts'

const axios = process.env.AXIOS
if (!axios) throw new TypeError('AXIOS: expected the folder of an axios')
const { resolve, test } = all.test.projects.find((project) => project.test.name === 'oldest axios')

// biome-ignore lint/style/noDefaultExport: vitest takes nothing else
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { alias: { ...resolve.alias, axios } },
  test: { ...test, name: undefined, setupFiles: [...test.setupFiles, fileURLToPath(new URL('expect-axios.mjs', import.meta.url))] },
})
