#!/usr/bin/env node
'use strict';
require('../lib/program.js').run('counterpart-mock');
