#!/usr/bin/env node
// Rebuilds regions.csv, districts.csv and agencies-regional.csv from the pinned version of the npm package idn-area-data (data under
// the Open Database License, see README.md). Needs node and npm. A new version of the package is a deliberate step:
// change VERSION and SHA512, run, and read the differences.
//
//   deploy/reference/update-regions.mjs           rewrites the three files
//   deploy/reference/update-regions.mjs --check   only says whether they are what this script writes

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '4.0.1';
const SHA512 = 'PhNSIl5T7swVwwWxJOFMtCaeHAF9TUu0HLDf+36EIWZro9j7au83AFIJiBQGL+iRsBDA2OlpJ5fjiqxNYndzOQ==';
const EXPECTED = { province: 38, regency: 416, city: 98 };
const EXPECTED_DISTRICTS = 7285;

// Keppres 41/1987 divides the country into three zones by province. Provinces made since then keep the zone of the
// province that they were part of, which the text marks where the code alone does not tell.
const TIME_ZONES = {
  WIB: ['11', '12', '13', '14', '15', '16', '17', '18', '19', '21',  // Sumatra
        '31', '32', '33', '34', '35', '36',                          // Java and Madura
        '61', '62'],                                                 // West and Central Kalimantan
  WITA: ['63', '64', '65',                                           // South and East Kalimantan; North, once part of East
         '51', '52', '53',                                           // Bali and Nusa Tenggara
         '71', '72', '73', '74', '75', '76'],                        // Sulawesi
  WIT: ['81', '82',                                                  // Maluku
        '91', '92', '93', '94', '95', '96'],                         // Papua
};

// The governments whose name is not made of the kind and the region's name.
const GOVERNMENTS = {
  11: ['Pemerintah Aceh', 'Pemerintah Aceh'],  // UU 11/2006
  31: ['Pemerintah Provinsi Daerah Khusus Ibukota Jakarta', 'Pemprov DKI Jakarta'],
  34: ['Pemerintah Daerah Daerah Istimewa Yogyakarta', 'Pemda DIY'],  // UU 13/2012
};

function fetchTables() {
  const folder = mkdtempSync(join(tmpdir(), 'regions-'));
  try {
    const name = execFileSync('npm', ['pack', '--silent', `idn-area-data@${VERSION}`],
                              { cwd: folder, encoding: 'utf8' }).trim();
    const archive = join(folder, name);
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sha512 !== SHA512) throw new Error(`${name} has SHA-512 ${sha512}, not the pinned one`);
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    const read = (table) => parse(readFileSync(join(folder, 'package/data', `${table}.csv`), 'utf8'));
    return { provinces: read('provinces'), regencies: read('regencies'), districts: read('districts') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// The package's tables have no quoted fields but for one district, Ra'as, whose apostrophe is a quote there; were that to change, the codes and counts below would show it.
function parse(text) {
  const [header, ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(header.map((column, i) => [column, row[i]])));
}

function timeZoneOf(province) {
  const zone = Object.keys(TIME_ZONES).find((name) => TIME_ZONES[name].includes(province));
  if (!zone) throw new Error(`province ${province} has no time zone; add it with its source`);
  return zone;
}

function buildRegions({ provinces, regencies }) {
  const regions = [
    ...provinces.map(({ code, name }) => ({ code, name, kind: 'province', parent: '' })),
    ...regencies.map(({ code, name, province_code: parent }) => (
      { code, name, kind: name.startsWith('Kota ') ? 'city' : 'regency', parent })),
  ].sort((a, b) => (a.code < b.code ? -1 : 1));
  for (const [kind, count] of Object.entries(EXPECTED)) {
    const found = regions.filter((region) => region.kind === kind).length;
    if (found !== count) throw new Error(`${found} regions are of kind ${kind}; there should be ${count}`);
  }
  for (const { code, name, kind, parent } of regions) {
    const form = kind === 'province' ? /^\d\d$/ : /^\d\d\.\d\d$/;
    if (!form.test(code) || (parent && !code.startsWith(`${parent}.`)) || /["\r\n]/.test(name)) {
      throw new Error(`'${code},${name}' is not understood`);
    }
    if (kind === 'regency' && !name.startsWith('Kabupaten ')) throw new Error(`'${name}' is neither Kabupaten nor Kota`);
  }
  return regions.map((region) => ({ ...region, time_zone: timeZoneOf(region.code.slice(0, 2)) }));
}

function buildDistricts({ districts }, regions) {
  if (districts.length !== EXPECTED_DISTRICTS) {
    throw new Error(`${districts.length} districts; there should be ${EXPECTED_DISTRICTS}`);
  }
  const known = new Set(regions.map(({ code }) => code));
  return districts.map(({ code, name, regency_code: parent }) => {
    const district = { code, name: name.replace(/^"(.*)"$/, '$1').replaceAll('""', "'").trim(), parent };
    if (!/^\d\d\.\d\d\.\d\d$/.test(code) || !code.startsWith(`${parent}.`) || !known.has(parent) || /["\r\n]/.test(district.name)) {
      throw new Error(`'${code},${name}' is not understood`);
    }
    return district;
  }).sort((a, b) => (a.code < b.code ? -1 : 1));
}

function governmentOf({ code, name, kind, parent, time_zone: zone }) {
  // The regency and the five cities of Jakarta are administrative: they have no council and other units.
  const administrative = / Administrasi /.test(name);
  const prefix = { province: ['Pemerintah Provinsi', 'Pemprov'], regency: ['Pemerintah', 'Pemkab'], city: ['Pemerintah', 'Pemkot'] };
  const [longName, shortName] = GOVERNMENTS[code] ?? [
    `${prefix[kind][0]} ${name}`, `${prefix[kind][1]} ${name.replace(/^(Kabupaten|Kota) /, '')}`];
  return {
    id: `id.${code}`, name: longName, kind, parent: parent ? `id.${parent}` : 'id.kemendagri', region: code,
    time_zone: zone, short_name: shortName,
    units: kind === 'province' ? 'province' : administrative ? 'administrative' : 'regency',
  };
}

function csv(columns, rows) {
  return [columns.join(','), ...rows.map((row) => columns.map((column) => row[column]).join(','))].join('\n') + '\n';
}

const here = dirname(fileURLToPath(import.meta.url));
const tables = fetchTables();
const regions = buildRegions(tables);
const files = {
  'regions.csv': csv(['code', 'name', 'kind', 'parent', 'time_zone'], regions),
  'districts.csv': csv(['code', 'name', 'parent'], buildDistricts(tables, regions)),
  'agencies-regional.csv': csv(['id', 'name', 'kind', 'parent', 'region', 'time_zone', 'short_name', 'units'],
                               regions.map(governmentOf)),
};
let differing = 0;
for (const [name, content] of Object.entries(files)) {
  const file = join(here, name);
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') === content) continue;
    console.error(`${name} differs from what idn-area-data ${VERSION} gives`);
    differing += 1;
  } else {
    writeFileSync(file, content);
    console.log(`wrote ${name}`);
  }
}
process.exitCode = differing ? 1 : 0;
