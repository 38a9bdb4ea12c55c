// The build of this package; see tsconfig.build.json.
module.exports = require('../../../dist/libs/adapters/rabbitmq/src/index.js');
