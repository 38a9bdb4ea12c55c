// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/libs/notifying/src/index.js');
