import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // where the engine serves the folder
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // the editor (Monaco) and its workers are large by nature
    chunkSizeWarningLimit: 5000,
  },
});
