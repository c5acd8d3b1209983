import { defineConfig } from '@playwright/test';

export default defineConfig({
  testMatch: '*.spec.ts',
  reporter: 'list',
  timeout: 90_000,
  use: { permissions: ['camera'] },
});
