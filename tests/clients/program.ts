// What every script here is given, and how it says what it found.
import { WebSocket } from 'ws'

export const [url = '', ...words] = process.argv.slice(2)
export const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

Object.assign(globalThis, { WebSocket }) // browsers have it, and node from 22 on

/** How often the service was asked. */
export const asked = { times: 0 }
const { fetch } = globalThis
globalThis.fetch = (...request) => {
  asked.times += 1
  return fetch(...request)
}

/** What a client complained of on the console. */
export const complaints: unknown[][] = []
for (const severity of ['warn', 'error'] as const) console[severity] = (...said) => complaints.push(said)
