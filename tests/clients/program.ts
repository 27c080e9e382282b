// Shared by all scripts here: the arguments, and the output of results.
import { WebSocket } from 'ws'

export const [url = '', ...words] = process.argv.slice(2)
export const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

Object.assign(globalThis, { WebSocket }) // browsers have it, and Node.js 22 and newer

/** The number of requests to the service. */
export const asked = { times: 0 }
const { fetch } = globalThis
globalThis.fetch = (...request) => {
  asked.times += 1
  return fetch(...request)
}

/** The warnings and errors that a client wrote to the console. */
export const complaints: unknown[][] = []
for (const severity of ['warn', 'error'] as const) console[severity] = (...said) => complaints.push(said)
