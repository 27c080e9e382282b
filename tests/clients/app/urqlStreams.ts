// What urql receives from a deferred part and a subscription: node urqlStreams.js URL deferred|changed
import { Changed, Deferred } from './operations'
import { say, url, words } from './program'
import { connect } from './urql'

const client = connect(url)

if (words[0] === 'deferred') {
  client.query(Deferred, {}).subscribe(({ data, error }) => say(error ?? Object.keys(data ?? {})))
} else {
  client.subscription(Changed, {}).subscribe(({ data, error }) => {
    say(error ?? data?.invoiceChanged)
    process.exit() // in Node.js, urql does not handle the abort of its request
  })
}
