import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

/**
 * What api-extractor finds in built declarations, a text a file.
 *
 * @param paths of the `.d.mts` of each entry.
 * @param scratch a folder for what it writes.
 */
export function extract(paths, scratch) {
  const configs = paths.map((path) => configOf(resolve(path), scratch))
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: paths.map((path) => resolve(path)) })
  return configs.map((config) => run(config, compilerState))
}

function configOf(mainEntryPointFilePath, scratch) {
  const reportFolder = join(scratch, basename(mainEntryPointFilePath))
  mkdirSync(join(reportFolder, 'temp'), { recursive: true })
  return ExtractorConfig.prepare({
    packageJsonFullPath: resolve('package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: resolve('.'),
      mainEntryPointFilePath,
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [mainEntryPointFilePath] } },
      // What is used and not exported is a part of the public types all the same.
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: 'report',
        reportFolder,
        reportTempFolder: `${reportFolder}/temp`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
    },
  })
}

const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
}

function run(config, compilerState) {
  const errors = []
  Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback(message) {
      // What it says of comments is typedoc's to judge; that a report is new is no news here.
      if (message.category === 'Compiler' || message.logLevel === ExtractorLogLevel.Error) errors.push(message.text)
      message.logLevel = ExtractorLogLevel.None
    },
  })
  if (errors.length > 0) throw new Error(`api-extractor: ${errors.join('\n')}`)
  return readFileSync(config.reportFilePath, 'utf8')
}
