/** The globals of React Native, by its own code, as its set-up makes them; without a phone they have no native side. */
import 'react-native/Libraries/Core/setUpNavigator'
import { URL, URLSearchParams } from 'react-native/Libraries/Blob/URL'
import { AbortController } from 'react-native/src/private/webapis/dom/abort-api/AbortController'
import { AbortSignal_public as AbortSignal } from 'react-native/src/private/webapis/dom/abort-api/AbortSignal'

Object.assign(globalThis, { AbortController, AbortSignal, URL, URLSearchParams })
// The newest Hermes with a command line is older than the one in the apps of today.
if (!Promise.allSettled) globalThis.Promise = require('promise/setimmediate/es6-extensions')
require('promise/setimmediate/finally')
globalThis.XMLHttpRequest ??= class {}
