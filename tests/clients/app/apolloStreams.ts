// What Apollo Client receives from a deferred part and a subscription: node apolloStreams.js URL deferred|changed
import { connect } from './apollo'
import { Changed, Deferred } from './operations'
import { say, url, words } from './program'

const client = connect(url)

if (words[0] === 'deferred') {
  client.watchQuery({ query: Deferred }).subscribe(({ data, dataState }) => {
    if (dataState !== 'empty') say(Object.keys(data ?? {}).filter((name) => name !== '__typename'))
  })
} else {
  const watching = client.subscribe({ query: Changed }).subscribe(({ data }) => {
    say(data?.invoiceChanged)
    watching.unsubscribe()
  })
}
