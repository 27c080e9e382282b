import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../../schema/client.graphql',
  documents: 'src/**/!(*.d).{ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'unmask' } },
      config: {
        // A scalar that is not named here stops the build: none is ever `any`, and no Decimal is a number.
        strictScalars: true,
        scalars: {
          CurrencyCode: 'string',
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          JSON: 'unknown',
        },
        useTypeImports: true,
      },
    },
    // Which types a union or interface stands for: without it Apollo Client's cache drops what fragments on one select.
    'src/gql/possibleTypes.ts': { plugins: ['fragment-matcher'] },
  },
}

export default config
