// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/apps/persister/src/index.js');
