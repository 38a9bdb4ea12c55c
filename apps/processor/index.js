// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/apps/processor/src/index.js');
