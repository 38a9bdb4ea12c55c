#!/usr/bin/env -S node --max-semi-space-size=64
const path = require('node:path');
require('./codeCache.js').load(path.resolve(__dirname, '../../../dist/apps/cli/src/main.js'));
