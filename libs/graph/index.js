// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/libs/graph/src/index.js');
