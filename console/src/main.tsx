import { ApolloProvider } from '@apollo/client/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AccountsQuery } from './graph/accounts'
import { client } from './graph/client'
import { App } from './shell/App'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/ui.css'
import './styles/table.css'
import './styles/chart.css'
import './styles/print.css'

void client.query({ query: AccountsQuery }) // before the page renders: every page needs them

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <App />
    </ApolloProvider>
  </StrictMode>,
)
