export { type FileStoreOptions, fileStore } from './stores/file/file-store.ts'
