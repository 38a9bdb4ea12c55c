// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/libs/answering/src/index.js');
