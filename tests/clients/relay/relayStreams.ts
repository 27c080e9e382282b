// What Relay receives from a subscription: node relayStreams.js URL
import { graphql, requestSubscription } from 'relay-runtime'
import changed, { type relayStreamsSubscription } from './__generated__/relayStreamsSubscription.graphql'
import { connect } from './environment'
import { say, url } from './program'

export const declared = () => graphql`
  subscription relayStreamsSubscription {
    invoiceChanged(filterBy: { providers: ["fastly"] }) {
      kind
      invoice {
        id
      }
    }
  }
`

const watching = requestSubscription<relayStreamsSubscription>(connect(url), {
  subscription: changed,
  variables: {},
  onNext(data) {
    say(data?.invoiceChanged)
    watching.dispose()
  },
})
