import { defineConfig } from 'vite';

// `base` is where page.py serves the files. Nothing is inlined, for the page's policy allows only its own files.
// Only errors are printed: the packages' "use client" directives mean nothing here, and each would be a warning.
export default defineConfig({
  base: '/graphiql/',
  logLevel: 'error',
  build: {
    outDir: 'static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 8192,
  },
  worker: { format: 'es' },
});
