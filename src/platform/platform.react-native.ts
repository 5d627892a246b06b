/* React Native is a browser, but for what it takes for a URL. */
export * from './platform.ts'
export { readPlainUrl as readUrl } from './react-native/read-plain-url.ts'
