#!/usr/bin/env -S node --max-semi-space-size=64
require('../../../dist/apps/cli/src/main.js');
