// The build of this package; see tsconfig.build.json.
module.exports = require('../../dist/apps/cluster/src/main.js');
