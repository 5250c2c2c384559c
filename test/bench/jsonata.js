// The expressions of W8 in the reference implementation: "name evaluations/s" a line.  Exit status 3: no jsonata here.
const fs = require('fs');
let jsonata;
try {
    jsonata = require('jsonata');
} catch (error) {
    process.exit(3);
}
const { input, expressions, seconds } = JSON.parse(fs.readFileSync(0, 'utf8'));

(async () => {
    for (const [name, text] of Object.entries(expressions)) {
        const expression = jsonata(text);
        let count = 0;
        const begin = process.hrtime.bigint();
        let spent = 0;
        while (spent < seconds) {
            for (let i = 0; i < 200; i++)
                await expression.evaluate(input);
            count += 200;
            spent = Number(process.hrtime.bigint() - begin) / 1e9;
        }
        console.log(name, Math.round(count / spent));
    }
    const manifest = require.resolve('jsonata').replace(/[\\/]jsonata\.js$/, '/package.json');
    console.log('version', JSON.parse(fs.readFileSync(manifest, 'utf8')).version);
})();
